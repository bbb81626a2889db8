"""Text of others is data: no code is run, nothing outside is read, no page, table or terminal is steered by it."""

from __future__ import annotations

import ast
import csv
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.cli import call
from sim.contract import STEERING
from sim.experiments.store import csv_text

EVIL = """\
name: '[bold]t[/red] <b>x</b> [link=file:///etc/passwd]y[/link]'
question: '[/] <img src=x onerror=alert(1)> & "quoted" {{ 7 * 7 }} {% raw %}'
market: {consumers: 80, days: 3}
categories: [{name: <i>tea</i>, reference_price: 40}]
merchants:
  - name: <script>alert(1)</script>
    products:
      - {name: =cmd(), category: <i>tea</i>, price: 30, initial: {aware: 0.9}}
      - {name: '@SUM(A1)', category: <i>tea</i>, price: 35, initial: {aware: 0.9}}
    plan: {budget_per_day: 50, mix: {ads: 1}}
strategies:
  =1+1: {}
  -2+3: {merchants."<script>alert(1)</script>".plan.budget_per_day: 90}
outcomes: [profit, gmv]
experiment: {replications: 2}
"""

RUNS_CODE = {"eval", "exec", "compile", "__import__", "system", "popen", "Popen", "run_path"}
NOT_LOCKED = {"hatchling", "playwright", "mkdocs-material", "mkdocstrings", "gymnasium",
              "altair", "ipyvue", "ipyvuetify"}  # fmt: skip
"""What builds the package and its pages, what drives a browser, environments for learners, and mesa's page."""
UNPICKLES = {"load", "loads", "Unpickler", "read_pickle"}


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)


def test_names_that_are_markup_formulas_or_templates_do_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.yaml").write_text(EVIL, encoding="utf-8")
    assert call(["compare", "evil.yaml", "--jobs", "1"]) == 0
    out, err = capsys.readouterr()
    assert "[bold]t[/red] <b>x</b> [link=file:///etc/passwd]y[/link]" in re.sub(r"\s+", " ", out)
    assert not STEERING.search(out + err)
    folder = next((tmp_path / "results" / "evil").glob("*/manifest.json")).parent
    html = (folder / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    assert "img" not in tags.seen
    assert "alert(1)</script>" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "{{ 7 * 7 }}" in html.replace("&#39;", "'"), "a template of a stranger stays text"
    written = sim.load_results(folder).to_csv(tmp_path / "csv")
    cells = [
        cell for file in written for row in csv.reader(file.read_text(encoding="utf-8").splitlines()) for cell in row
    ]
    assert "'=1+1" in cells
    texts = [c for c in cells if not re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?|-?inf", c)]
    assert not [c for c in texts if c.startswith(("=", "+", "-", "@"))]


def test_cells_that_a_spreadsheet_would_run() -> None:
    frame = pd.DataFrame(
        {"=a": ["=1", "+1", "-1", "@x", "\tx", "plain", None], "n": [-1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]}
    )
    rows = list(csv.reader(csv_text(frame).splitlines()))
    assert [row[0] for row in rows] == ["'=a", "'=1", "'+1", "'-1", "'@x", "'\tx", "plain", ""]
    assert rows[1][1] == "-1.0", "numbers stay numbers"


def test_list_and_run_take_titles_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "evil.yaml").write_text(
        EVIL.replace("name: '[bold]", "topic: '[/b]'\nname: '[bold]"), encoding="utf-8"
    )
    assert call(["list"]) == 0
    assert "[/b]" in capsys.readouterr().out
    assert call(["run", "scenarios/evil.yaml", "--jobs", "1", "--days", "2"]) == 0
    assert "[/red]" in capsys.readouterr().out


def test_no_part_of_the_program_runs_text_or_opens_pickles(root: Path) -> None:
    """What is unpickled is what a process of one's own was handed by the pool (the work of a sweep), or has made a
    moment before (a copy of a market, in the contract tests), never a file."""
    found: list[str] = []
    for file in (root / "sim").rglob("*.py"):
        where = file.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            base = getattr(getattr(node.func, "value", None), "id", "")
            if (name in RUNS_CODE and base not in ("re", "platform")) or (
                base in ("pickle", "cloudpickle", "dill", "joblib") and name in UNPICKLES
            ):
                found.append(f"{where}: {base}.{name}")
            if any(
                k.arg in ("shell", "allow_pickle") and getattr(k.value, "value", True) is not False
                for k in node.keywords
            ):
                found.append(f"{where}: {name} with shell or allow_pickle")
            if base == "yaml" and name in ("load", "load_all", "unsafe_load", "full_load"):
                found.append(f"{where}: yaml.{name}")
    assert sorted(found) == ["sim/experiments/sweeps/work.py: pickle.loads", "sim/testing/mechanism.py: pickle.loads"]


# ------------------------------------------------------------------------------------------------- what it is made of


def pinned(path: Path) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
        out.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return out


def test_every_dependency_is_pinned_with_hashes_to_the_tested_version(root: Path) -> None:
    lock, tested = pinned(root / "requirements.lock"), pinned(root / "constraints.txt")
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    for name in set(lock) & set(tested):
        assert lock[name] <= tested[name], f"{name} {lock[name]} is not what constraints.txt says"
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert all(
        "--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0] and not block.startswith("#")
    )
    project = (root / "pyproject.toml").read_text(encoding="utf-8").split("[project.scripts]")[0]
    asked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r'"([A-Za-z0-9_.-]+)(?:\[\w+\])?>=', project)}
    assert asked - NOT_LOCKED <= set(lock)


def test_the_oldest_versions_are_those_the_project_names(root: Path) -> None:
    oldest = pinned(root / "constraints-min.txt")
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    core = project.split("dependencies = [")[1].split("]\n")[0]
    for name, least in re.findall(r'"([A-Za-z0-9_.-]+)>=([\d.]+)', core):
        (pin,) = oldest[name.lower()]
        assert [int(x) for x in pin.split(".")][: least.count(".") + 1] == [int(x) for x in least.split(".")], name
