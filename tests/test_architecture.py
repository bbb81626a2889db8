"""The house keeps its walls: sizes, lazy names, one-way imports, keyed randomness, declared columns, pure rules."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    import sim

    assert {"load", "Scenario", "ScenarioError", "Market", "run", "compare"} <= set(sim.__all__)
    for name in sim.__all__:
        assert getattr(sim, name) is not None
        assert name in dir(sim)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = sim.no_such_name


# ------------------------------------------------------------------------------------------------------- randomness


@every_file
def test_no_generator_but_the_keyed_one(path: Path) -> None:
    """The market draws nothing from a generator: its "next number" would tie each draw to all draws before it.

    Two exceptions, each with a seed named in the call: mesa insists on a generator (argument ``rng=``), and statistics
    *about* finished runs may resample (sim.experiments, sim.report). The hidden global generator is never used.
    """
    tree = parsed(path)
    stray = {name for name in imported(tree) if re.match(r"(random|secrets|numpy\.random)(\.|$)", name)}
    assert not stray
    words = [word for call in ast.walk(tree) if isinstance(call, ast.Call) for word in call.keywords]
    for_mesa = {id(node) for word in words if word.arg == "rng" for node in ast.walk(word.value)}
    after_the_run = path.relative_to(SIM).parts[0] in {"experiments", "report"}
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
        assert room in allowed or name.startswith(("sim.rng", "sim.rules")), f"imports {name}"


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


def catalogue() -> dict[str, type]:
    """Mechanism classes by name, as the catalogue lists them."""
    if importlib.util.find_spec("sim.catalogue") is None:
        pytest.skip("there is no catalogue yet")
    module = importlib.import_module("sim.catalogue")
    for attribute in ("REGISTRY", "registry", "builtin", "catalogue"):
        found = getattr(module, attribute, None)
        if found is not None:
            registry = found() if callable(found) and not hasattr(found, "classes") else found
            return dict(registry.classes)
    raise AssertionError("sim.catalogue offers no registry")


def test_mechanisms_declare_columns_that_exist() -> None:
    classes = catalogue()
    state = importlib.import_module("sim.state.columns")
    known = {column.name for column in state.COLUMNS}
    for cls in classes.values():
        own = {column.name for column in cls.columns}
        assert not own & known, f"{cls.name} declares {own & known} anew"
        known |= own
    for cls in classes.values():
        missing = (set(cls.reads) | set(cls.writes)) - known
        assert not missing, f"{cls.name} names columns that nobody declares: {sorted(missing)}"


def test_every_mechanism_is_catalogued_and_explains_itself() -> None:
    classes = catalogue()
    modules = {cls.__module__.rsplit(".", 1)[-1] for cls in classes.values()}
    assert {path.stem for path in MECHANISMS} <= modules
    for name, cls in classes.items():
        assert name == cls.name
        assert cls.__doc__
        assert cls.__module__
        assert cls.equation, f"{name} states no equation"
        assert cls.scope in {"market", "consumer"}
        assert cls.stage, f"{name} has no stage of the day"


def test_every_parameter_has_a_passport() -> None:
    for name, cls in catalogue().items():
        for key, entry in cls.Params.model_fields.items():
            assert entry.description, f"mechanisms.{name}.{key} has no description"
            extra = entry.json_schema_extra or {}
            if key != "enabled":
                assert {"unit", "source", "standing", "applies"} <= set(extra), f"mechanisms.{name}.{key}"
