"""The house keeps its walls: sizes, lazy names, one-way imports, keyed randomness, declared columns, pure rules."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sim

ROOT = Path(__file__).resolve().parent.parent
SIM = ROOT / "sim"
FILES = sorted(SIM.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
MOST_LINES = 300

every_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def parsed(path: Path) -> ast.Module:
    """The file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything a tree imports, at any depth: ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def python(code: str) -> str:
    """What a fresh interpreter prints for ``code``, started at the root of the project."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def heavy_after(code: str, names: str) -> list[str]:
    """Which of the packages ``names`` a fresh interpreter has loaded after ``code``."""
    show = f"import sys; {code}; print(*sorted(set({names.split()!r}) & set(sys.modules)))"
    return python(show).split()


# ------------------------------------------------------------------------------------------------- files and names


@every_file
def test_a_file_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@every_file
def test_a_file_says_which_room_it_is(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), "no docstring at the top"


@every_file
def test_no_path_of_one_machine(path: Path) -> None:
    found = re.findall(r"""["'](?:/(?:home|root|work|tmp|Users)/|[A-Z]:\\\\)[^"']*""", path.read_text(encoding="utf-8"))
    assert not found


# ---------------------------------------------------------------------------------------------------------- imports


def test_import_contracts_hold() -> None:
    """The layers of pyproject.toml, [tool.importlinter], by import-linter itself."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    env = os.environ | {"PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_sim_is_light() -> None:
    assert heavy_after("import sim", "mesa numba pandas scipy matplotlib networkx pyarrow numpy pydantic") == []


def test_loading_a_scenario_needs_neither_mesa_numba_nor_pandas() -> None:
    assert heavy_after("import sim; sim.load", "mesa numba pandas scipy matplotlib networkx pyarrow") == []
    assert heavy_after("import sim.scenario", "mesa numba pandas scipy matplotlib networkx pyarrow") == []


def test_the_command_line_starts_light() -> None:
    assert heavy_after("import sim.cli", "mesa numba pandas scipy matplotlib networkx pyarrow") == []


def test_every_public_name_resolves() -> None:
    assert {"load", "Scenario", "ScenarioError", "Market", "run", "compare"} <= set(sim.__all__)
    for name in sim.__all__:
        assert getattr(sim, name) is not None
        assert name in dir(sim)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = sim.no_such_name


UPWARD = {
    ("sim.market", "sim.experiments.result"),  # Market.result(): a finished market hands out the public RunResult
    ("sim.experiments.result", "sim.report.figures"),  # .plot(): pages and figures only when asked for
    ("sim.experiments.comparison", "sim.report.figures"),
    ("sim.experiments.comparison", "sim.report.page"),
    ("sim.experiments.calibration.answer", "sim.report.calibration"),  # .save()
    ("sim.experiments.sensitivity", "sim.report.exploration"),  # .figure()
    ("sim.experiments.robust", "sim.report.exploration"),
    ("sim.experiments.optimise", "sim.report.exploration"),
    ("sim.validation.verify", "sim.report.verification"),  # .to_html()
    ("sim.experiments.comparison", "sim.report.cards"),  # ._repr_html_() of what shows itself
    ("sim.experiments.comparison", "sim.report.verdict"),  # .explain()
    ("sim.experiments.result", "sim.report.cards"),
    ("sim.market", "sim.report.cards"),
    ("sim.scenario.shows", "sim.report.cards"),
    ("sim.scenario.shows", "sim.report.plan"),  # .plot()
    ("sim.state.network", "sim.report.cards"),
    ("sim.state.network", "sim.report.ties"),  # .plot()
}
"""Names resolved late, against the direction of imports. import-linter cannot see them, so they are listed."""

ORDER = ("rng", "contract", "rules", "scenario", "state", "agents", "mechanisms", "metrics", "catalogue", "market",
         "experiments", "validation", "report", "cli")


def test_late_imports_do_not_turn_the_house_round() -> None:
    found = set()
    for path in FILES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
                target = node.args[0]
                if isinstance(target, ast.Constant) and str(target.value).startswith("sim."):
                    here, there = module.split(".")[1], str(target.value).split(".")[1]
                    if here in ORDER and there in ORDER and ORDER.index(there) > ORDER.index(here):
                        found.add((module, target.value))
    assert found <= UPWARD, f"listed nowhere: {sorted(found - UPWARD)}"


# ------------------------------------------------------------------------------------------------------- randomness


@every_file
def test_no_generator_but_the_keyed_one(path: Path) -> None:
    """The market draws nothing from a generator: its "next number" would tie each draw to all draws before it.

    Two exceptions, each with a seed named in the call: mesa insists on a generator (argument ``rng=``), and statistics
    *about* finished runs may resample (sim.experiments, sim.validation, sim.report). The global one is never used.
    """
    if path.relative_to(SIM).parts[0] == "testing":
        return  # it looks whether anybody else has drawn from them
    tree = parsed(path)
    stray = {name for name in imported(tree) if re.match(r"(random|secrets|numpy\.random)(\.|$)", name)}
    if path in (SIM / "market.py", SIM / "dashboard" / "serve.py"):
        stray -= {"secrets"}  # a seed nobody named is drawn once, and recorded; the live page's token is no draw
    assert not stray
    words = [word for call in ast.walk(tree) if isinstance(call, ast.Call) for word in call.keywords]
    for_mesa = {id(node) for word in words if word.arg == "rng" for node in ast.walk(word.value)}
    after_the_run = path.relative_to(SIM).parts[0] in {"experiments", "validation", "report"}
    seeded = {id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call) and (call.args or call.keywords)}
    for node in ast.walk(tree):
        text = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if re.match(r"(np|numpy)\.random\.(?!Generator$)\w+$", text):
            assert text.endswith("default_rng"), f"line {node.lineno}: {text}"
            assert id(node) in seeded, f"line {node.lineno}: {text} without a seed"
            assert after_the_run or id(node) in for_mesa, f"line {node.lineno}: {text}"


# ------------------------------------------------------------------------------------------------------------ rules

RULES = sorted((SIM / "rules").glob("*.py"))


@pytest.mark.parametrize("path", RULES, ids=[path.name for path in RULES])
def test_rules_know_numbers_only(path: Path) -> None:
    """A rule may be read, tested and plotted alone: numbers in, numbers out, nothing of the market in between."""
    allowed = {"__future__", "math", "typing", "collections", "numpy", "numba"}
    for name in imported(parsed(path)):
        room = name.split(".")[0]
        own = name.startswith(("sim.rng", "sim.rules", "sim.jitcache", "sim.ahead"))
        assert room in allowed or own, f"imports {name}"


@pytest.mark.parametrize("path", RULES, ids=[path.name for path in RULES])
def test_rules_are_compiled_and_explained(path: Path) -> None:
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node), f"{node.name} has no docstring"
            decorators = {ast.unparse(decorator).split("(")[0] for decorator in node.decorator_list}
            assert decorators & {"njit", "numba.njit", "vectorize"}, f"{node.name} is not compiled"


@every_file
def test_kernels_are_compiled_one_way(path: Path) -> None:
    """No parallel=True (four times the compile time, same bits, D1) and fast maths in one place only (D18)."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"njit", "numba.njit", "jit", "numba.jit"}:
            options = {word.arg: ast.unparse(word.value) for word in node.keywords}
            assert options.get("parallel", "False") == "False", f"line {node.lineno}"
            if path.name != "fastmath.py":
                assert options.get("fastmath", "False") == "False", f"line {node.lineno}"


# ------------------------------------------------------------------------------------------------------- mechanisms

MECHANISMS = sorted(path for path in (SIM / "mechanisms").glob("*.py") if not path.name.startswith("_"))


@pytest.mark.parametrize("path", MECHANISMS, ids=[path.stem for path in MECHANISMS])
def test_mechanisms_never_import_each_other(path: Path) -> None:
    assert not {name for name in imported(parsed(path)) if re.match(r"sim\.mechanisms(\.(?!_)|$)", name)}


def mechanisms() -> dict[str, Any]:
    """Mechanism classes by name, as the catalogue lists them."""
    catalogue = pytest.importorskip("sim.catalogue")
    return {name: catalogue.mechanism(name) for name in catalogue.names()}


def test_every_mechanism_is_catalogued_and_explains_itself() -> None:
    classes = mechanisms()
    assert {path.stem for path in MECHANISMS} == {cls.__module__.rsplit(".", 1)[-1] for cls in classes.values()}
    for name, cls in classes.items():
        assert name == cls.name
        assert cls.__doc__
        assert cls.equation, f"{name} states no equation"
        assert any(cls.acts_in(phase) for phase in ("morning", "block", "evening")), f"{name} never acts"


def test_every_mechanism_has_its_place_in_the_day() -> None:
    catalogue = pytest.importorskip("sim.catalogue")
    for name, cls in mechanisms().items():
        for phase, order in catalogue.ORDER.items():
            assert (name in order) == cls.acts_in(phase), f"{name} in the {phase}"


def test_columns_are_declared_once_and_names_are_not_listed_twice() -> None:
    core = [column.name for column in importlib.import_module("sim.state.columns").CORE]
    owned = [column.name for cls in mechanisms().values() for column in cls.columns]
    every = core + owned
    assert len(every) == len(set(every)), sorted({name for name in every if every.count(name) > 1})
    for name, cls in mechanisms().items():
        assert len(set(cls.reads)) == len(cls.reads), name
        assert len(set(cls.writes)) == len(cls.writes), name


def test_mechanisms_get_what_they_declare_and_nothing_else(scenarios: Path) -> None:
    """A declared name is a column or a table; a column only read cannot be written; an undeclared one is absent."""
    view = pytest.importorskip("sim.state.view")
    market = pytest.importorskip("sim.market").Market(
        sim.load(scenarios / "baseline.yaml", set={"market.consumers": 200, "market.days": 30}), seed=1
    )
    columns, shared = market.state.columns, market.state.shared
    for name, cls in mechanisms().items():
        if name not in market.mechanisms:
            continue
        handed = view.View(name, columns, shared, cls.reads, cls.writes)
        for column in set(cls.reads) - set(cls.writes):
            if column in columns:
                with pytest.raises(ValueError, match="read-only"):
                    getattr(handed, column)[...] = 0
        for column in set(columns) - set(cls.reads) - set(cls.writes) - set(view.ALWAYS):
            with pytest.raises(AttributeError, match="did not declare"):
                getattr(handed, column)
    with pytest.raises(ValueError, match="neither a column nor a table"):
        view.View("new", columns, shared, ("no_such_column",), ())


def test_every_parameter_has_a_passport() -> None:
    blocks = pytest.importorskip("sim.scenario.parameters").PARAMETERS
    assert blocks
    for name, block in blocks.items():
        for key, entry in block.model_fields.items():
            assert entry.description, f"mechanisms.{name}.{key} has no description"
            if key != "enabled":
                passport = set(entry.json_schema_extra or {})
                assert {"unit", "source", "standing", "applies"} <= passport, f"mechanisms.{name}.{key}"
