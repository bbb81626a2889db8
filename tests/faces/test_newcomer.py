"""What somebody meets who has never seen the program: help with examples that work, first scenarios, words, a class."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import sim
from sim.cli import app, call
from sim.cli.examples import EXAMPLES, SUMMARY
from sim.contract import ScenarioError
from sim.experiments.classroom import Lesson
from sim.experiments.identity import student_seed
from sim.scenario import glossary

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
LINES = [(name, line) for name, lines in EXAMPLES.items() if name in COMMANDS for line in lines]


# ------------------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_and_says_flags_alike(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call((name, "--help")) == 0
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert len(EXAMPLES[name]) >= 1
    assert len(SUMMARY[name]) <= 60
    assert "<bool>" not in out
    for option in COMMANDS[name].params:
        assert getattr(option, "help", None), f"{name}: {option.name} has no help"


@pytest.mark.parametrize(("name", "line"), LINES)
def test_an_example_is_a_line_the_parser_takes(name: str, line: str) -> None:
    words = shlex.split(line)
    assert words[:2] == ["sim", name]
    made = COMMANDS[name].make_context(name, words[2:], resilient_parsing=False)
    assert made.params


def test_flags_of_one_name_mean_the_same_everywhere() -> None:
    said: dict[str, set[str]] = {}
    for name, command in COMMANDS.items():
        if name in ("init", "bench"):  # they say for what people and days are wanted
            continue
        for option in command.params:
            for flag in getattr(option, "opts", ()):
                if flag in ("--set", "--jobs", "--days", "--consumers", "--json", "--quiet", "--lang", "--dry-run"):
                    said.setdefault(flag, set()).add(str(option.help))
    assert {flag: len(texts) for flag, texts in said.items() if len(texts) > 1} == {}


def test_completion_offers_commands_and_scenarios(scenarios: Path) -> None:
    def offered(words: str, at: int) -> str:
        env = {**os.environ, "PYTHONPATH": str(scenarios.parent), "_SIM_COMPLETE": "complete_bash",
               "COMP_WORDS": words, "COMP_CWORD": str(at)}  # fmt: skip
        return subprocess.run([sys.executable, "-c", "from sim.cli import main; main()"], env=env, capture_output=True,
                              text=True, check=False, cwd=scenarios.parent).stdout  # fmt: skip

    assert "compare" in offered("sim com", 1)
    assert "koc_or_kol" in offered("sim compare koc", 2)


def test_no_colour_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("list", "explain schedule", "explain columns", "validate koc_or_kol", "--help"):
        call(shlex.split(line))
        said = capsys.readouterr()
        assert "\x1b[" not in said.out + said.err


# ------------------------------------------------------------------------------------------------------------- init


@pytest.mark.parametrize(
    "flags",
    [
        [],
        ["--merchant", "Old Shop", "--product", "green tea", "--category", "tea", "--price", "58", "--days", "30"],
        ["--merchant", "茶馆", "--category", "food", "--platform", "group_buy", "--platform", "notes"],
        ["--merchant", "no", "--product", "12", "--cost", "0", "--quality", "1", "--consumers", "500"],
    ],
)
def test_init_writes_what_validates(flags: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(["init", "mine.yaml", *flags]) == 0
    made = sim.load("mine.yaml")
    said = dict(zip(flags[::2], flags[1::2], strict=True))
    merchant = made.merchants[0]
    assert merchant.name == said.get("--merchant", "Lumi")
    assert merchant.products[0].price == float(said.get("--price", 199))
    assert merchant.products[0].category == said.get("--category", "beauty")
    assert len(made.strategies) == (4 if "group_buy" in flags else 3)
    for strategy in made.strategies:
        made.for_strategy(strategy)
    assert Path("mine.yaml").read_text(encoding="utf-8").count("#") > 12, "commented"


@pytest.mark.parametrize(
    ("flags", "told"),
    [(["--price", "-3"], "price: must be > 0"), (["--platform", "note"], "did you mean 'notes'"),
     (["--merchant", 'a"b'], "without quotes"), (["--quality", "2"], "quality")],
)  # fmt: skip
def test_init_writes_nothing_that_is_wrong(flags: list[str], told: str, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert call(["init", "mine.yaml", *flags]) == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_init_asks_what_no_flag_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    answers = "Teahouse\noolong\ntea\n88\n\n250\n\n45\n"
    done = CliRunner().invoke(app, ["init", "asked.yaml", "--ask"], input=answers)
    assert done.exit_code == 0, done.output
    made = sim.load("asked.yaml")
    product = made.merchants[0].products[0]
    assert (made.merchants[0].name, product.name, product.price, product.unit_cost) == ("Teahouse", "oolong", 88, 29)
    assert (made.merchants[0].plan.budget_per_day, made.market.consumers, made.market.days) == (250, 5000, 45)


# ------------------------------------------------------------------------------------------------------------ words


def test_the_page_of_words_is_what_the_file_says(root: Path) -> None:
    """`sim explain glossary --write docs/glossary.md` has been said after the last change."""
    assert (root / "docs" / "glossary.md").read_text(encoding="utf-8") == glossary.page()


def test_words_are_said_in_both_languages_once() -> None:
    words = glossary.terms()
    names = [name.casefold() for word in words for name in (word.term, word.zh)]
    assert len(names) == len(set(names))
    assert len({word.anchor for word in words}) == len(words)
    for word in words:
        assert any("\u4e00" <= c <= "\u9fff" for c in word.cn), word.term
        assert not any("\u4e00" <= c <= "\u9fff" for c in word.en), word.term
        for name in (word.term, word.term.upper(), word.zh):
            assert glossary.lookup(name) is word


def test_what_words_point_to_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    for name in sorted({name for word in glossary.terms() for name in word.see}):
        assert call(["explain", name]) == 0, name
    capsys.readouterr()


def test_the_gallery_shows_what_there_is_and_stays_small(root: Path) -> None:
    page = (root / "docs" / "gallery.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(gallery/(\w+)\.png\)", page))
    assert len(shown) >= 36
    pictures = {file.stem: file.stat().st_size for file in (root / "docs" / "gallery").glob("*.png")}
    assert shown == set(pictures)
    assert shown <= {file.stem for file in (root / "scenarios").glob("*.yaml")}
    assert sum(pictures.values()) < 1_500_000


def test_links_of_the_shelf_of_notebooks_lead_somewhere(root: Path) -> None:
    for page in (root / "notebooks" / "README.md", *(root / "notebooks" / "teaching").glob("*.md")):
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


# ---------------------------------------------------------------------------------------------------------- a class


def test_a_students_number_is_a_seed() -> None:
    assert student_seed("20260117") == student_seed(20260117) == 20260117
    assert student_seed("S-031") == student_seed(" s-031 ") != student_seed("s-032")
    for wrong in ("", "-1", str(2**63)):
        with pytest.raises(ValueError, match="seed"):
            student_seed(wrong)


def test_a_students_number_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    ids = []
    for seed in ("s-031", str(student_seed("s-031")), "s-032"):
        assert call(["compare", "koc_or_kol", "--seed", seed, "--dry-run", "--json"]) == 0
        ids.append(json.loads(capsys.readouterr().out)["run_id"])
    assert ids[0] == ids[1] != ids[2]


def test_checks_say_what_is_wrong_and_not_the_answer() -> None:
    lesson = Lesson("A", "7", total=3)
    assert lesson.number("1", None, 0.62).right is None
    said = {answer: lesson.number("1", answer, 0.62).said for answer in (62, -0.62, 6, 0.1, 0.8, "x", float("nan"))}
    assert "power of ten" in said[62]
    assert "sign" in said[-0.62]
    assert "far too large" in said[6]
    assert "far too small" in said[0.1]
    assert "too large" in said[0.8]
    assert all("0.62" not in text for answer, text in said.items() if answer not in (62, -0.62))
    assert lesson.number("1", 0.63, 0.62).right
    assert lesson.choice("2", "b", "a", why={"b": "for that reason"}).said == "for that reason"
    assert lesson.choice("2", "a", ["a", "c"]).right
    assert "ZeroDivisionError" in lesson.rule("3", 0, lambda x: str(1 / x)).said
    assert lesson.rule("3", 1, lambda x: None).right
    assert lesson.score() == "A, student 7: 3 of 3 right."


def test_predictions_come_before_and_are_set_beside() -> None:
    lesson = Lesson("A", 7)
    assert "Choose one of: p, q" in lesson.predict("Which?", None, ["p", "q"])
    assert "none of" in lesson.predict("Which?", "r", ["p", "q"])
    assert "no prediction" in lesson.reveal("Which?", "p")
    lesson.predict("Which?", "q", ["p", "q"])
    assert "a surprise" in lesson.reveal("Which?", "p")
    assert "as predicted" in lesson.reveal("Which?", "q")


def test_a_verdict_shows_hostile_answers_as_text() -> None:
    verdict = Lesson("A", 7).choice("1", "<script>", "a")
    assert "<script>" not in verdict._repr_html_()


def test_wrong_words_of_the_library_are_scenario_errors() -> None:
    with pytest.raises(ScenarioError, match="no such file"):
        sim.load("never_heard_of")
