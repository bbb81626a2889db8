"""Break every rule on purpose and count how often the tests of rules notice: ``python tests/mutation/mutate.py``.

One fault at a time is put into the source of a module of ``sim/rules`` (in memory, no file is touched) and the tests of
``tests/rules`` that import it run without the compiler in a process of their own. A fault that no test notices is a
survivor. Known survivors are listed with their reasons in ``survivors.yaml`` beside this file; ``docs/mutation.md`` is
written from both. The usual tools start an interpreter for each fault and do not see through compiled functions; here
a fault costs a fork, so that all of sim/rules takes minutes.

Faults: an operator or a comparison replaced, a sign, ``and`` and ``or``, ``min`` and ``max``, a number moved by one or
doubled, a day that is the next day, an assignment that adds instead of taking away.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RULES = ROOT / "sim" / "rules"
TIMEOUT = 15.0
DAYS = {"day", "days", "age", "quiet"}

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
TURNS: dict[type, type] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}


@dataclass(frozen=True)
class Fault:
    """A place in a module and what is put there, both as text, and the whole tree with it."""

    module: str
    line: int
    function: str
    before: str
    after: str
    tree: ast.Module

    @property
    def key(self) -> str:
        """A name that does not move when lines above it do."""
        return f"{self.module}.{self.function}: {self.before} -> {self.after}"


def others(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the place of ``node``, each one fault away."""
    if (isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SWAPS) or isinstance(node, ast.BoolOp):
        yield with_field(node, "op", SWAPS[type(node.op)]())
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for table in (SWAPS, TURNS):
            if type(node.ops[0]) in table:
                yield with_field(node, "ops", [table[type(node.ops[0])]()])
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield ast.Constant(node.value + 1)
        if node.value not in (0, 1):
            yield ast.Constant(node.value * 2)
    elif isinstance(node, ast.Name) and node.id in ("min", "max"):
        yield ast.Name("max" if node.id == "min" else "min", node.ctx)
    elif isinstance(node, ast.Name) and node.id in DAYS and isinstance(node.ctx, ast.Load):
        yield ast.BinOp(node, ast.Add(), ast.Constant(1))


def with_field(node: ast.AST, name: str, value: Any) -> ast.AST:
    """A copy of ``node`` with one field replaced."""
    made = copy.copy(node)
    setattr(made, name, value)
    return made


class Places(ast.NodeVisitor):
    """Every place of a module where a fault can be put: annotations, docstrings, decorators and imports left out."""

    def __init__(self) -> None:
        self.found: list[tuple[Any, str, int | None, str]] = []
        self.inside: list[str] = []

    def generic_visit(self, node: ast.AST) -> None:
        skip = {"annotation", "returns", "decorator_list", "args"} if isinstance(
            node, ast.FunctionDef | ast.AnnAssign) else {"annotation"}  # fmt: skip
        named = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if named:
            self.inside.append(node.name)  # type: ignore[attr-defined]
        for field, value in ast.iter_fields(node):
            if field in skip:
                continue
            for k, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(item, ast.AST):
                    self.found.append((node, field, k, ".".join(self.inside)))
                    self.visit(item)
        if named:
            self.inside.pop()


def faults(module: str) -> list[Fault]:
    """Every fault of ``sim/rules/<module>.py``, each with a tree of its own."""
    source = (RULES / f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    places = Places()
    places.visit(tree)
    out = []
    for parent, field, k, function in places.found:
        held = getattr(parent, field)
        node = held if k is None else held[k]
        for other in others(node):
            fresh = ast.copy_location(other, node)
            before, after = ast.unparse(node), ast.unparse(ast.fix_missing_locations(fresh))
            put(parent, field, k, fresh)
            whole = copy.deepcopy(tree)
            put(parent, field, k, node)
            around = text_around(source, node.lineno)
            out.append(Fault(module, node.lineno, function or "module", f"{before} [in {around}]", after, whole))
    return out


def text_around(source: str, line: int) -> str:
    """The line of source a fault stands in."""
    return source.splitlines()[line - 1].strip()


def put(parent: Any, field: str, k: int | None, node: ast.AST) -> None:
    """Set a field of a node, or one of a list."""
    if k is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[k] = node


def tests_of(module: str) -> list[str]:
    """The file of tests/rules named after the module, else those that import it; they need no compiler."""
    own = ROOT / "tests" / "rules" / f"test_{module}.py"
    if own.exists():
        return [str(own)]
    found = []
    for path in sorted((ROOT / "tests" / "rules").glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if f"sim.rules.{module} import" in text and "jitoff" in text:
            found.append(str(path))
    return found


class Loop:
    """Stands in for pytest's loop over collected tests: one loop for each fault, each in a process of its own."""

    def __init__(self, module: str, jobs: int, numbers: set[int]) -> None:
        self.module, self.jobs, self.numbers = module, jobs, numbers
        self.survivors: list[int] = []
        self.sound = False

    def pytest_runtestloop(self, session: Any) -> bool:
        """Judge every fault of the module with the tests that were collected."""
        self.sound = bool(session.items) and self.wait({self.start(session, None): (-1, time.monotonic())}) == [-1]
        running: dict[int, tuple[int, float]] = {}
        for number, fault in enumerate(faults(self.module)) if self.sound else ():
            if number not in self.numbers:
                continue
            while len(running) >= self.jobs:
                self.survivors += self.wait(running)
            running[self.start(session, fault)] = (number, time.monotonic())
        while running:
            self.survivors += self.wait(running)
        return True

    def start(self, session: Any, fault: Fault | None) -> int:
        """Fork: in the child put the fault in, run the tests to the first failure, exit with 1 if there was one."""
        child = os.fork()
        if child:
            return child
        try:
            if fault is not None:
                install(fault)
            for k, item in enumerate(session.items):
                after = session.items[k + 1] if k + 1 < len(session.items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    break
            code = 1 if session.testsfailed else 0
        except BaseException:
            code = 1
        os._exit(code)

    def wait(self, running: dict[int, tuple[int, float]]) -> list[int]:
        """Wait until one has finished, or ran for ever, which counts as noticed; the numbers of survivors."""
        while True:
            for child, (number, start) in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    del running[child]
                    return [number] if os.waitstatus_to_exitcode(status) == 0 else []
                if time.monotonic() - start > TIMEOUT:
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
                    del running[child]
                    return []
            time.sleep(0.005)


def install(fault: Fault) -> None:
    """Give the functions of the loaded module the code of the broken one, and its constants to all who know them."""
    module = sys.modules[f"sim.rules.{fault.module}"]
    broken: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(ast.fix_missing_locations(fault.tree), str(module.__file__), "exec"), broken)
    for name, value in broken.items():
        old = getattr(module, name, None)
        if isinstance(value, FunctionType) and isinstance(old, FunctionType) and value.__module__ == module.__name__:
            old.__code__ = value.__code__
        elif isinstance(value, int | float | tuple | np.generic | np.ndarray) and not np.array_equal(value, old):
            for other in list(sys.modules.values()):
                told = getattr(other, "__name__", "").startswith(("sim.rules.", "test"))
                if told and getattr(other, name, None) is old:
                    setattr(other, name, value)


def judge(module: str, jobs: int, numbers: set[int]) -> list[int]:
    """Which faults of a module, by number, survive, found in a process that has loaded it and its tests once."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            loop = Loop(module, jobs, numbers)
            options = ["-q", "-m", "jitoff", "-p", "no:cacheprovider", "-p", "no:xdist"]
            options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            pytest.main([*options, *tests_of(module)], plugins=[loop])
        with os.fdopen(writing, "w") as out:
            json.dump({"sound": loop.sound, "survivors": loop.survivors}, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        found = json.loads(said.read() or '{"sound": false}')
    os.waitpid(child, 0)
    if not found["sound"]:  # else every fault would seem to be noticed
        raise SystemExit(f"the tests of {module} fail without any fault: {', '.join(tests_of(module))}")
    return list(found["survivors"])


def survived(module: str) -> list[str]:
    """Keys of the faults of a module that survived last time."""
    kept = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    return list(kept.get(module, {}).get("survivors", []))


def main() -> int:
    """Judge every fault, print the survivors, and write docs/mutation.md when all modules were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("modules", nargs="*", help="modules of sim/rules; default: all")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="only the faults that survived last time")
    parser.add_argument("--write", action="store_true", help="write docs/mutation.md")
    options = parser.parse_args()
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # before numba is imported
    sys.dont_write_bytecode = True
    every = sorted(p.stem for p in RULES.glob("*.py") if p.stem != "__init__")
    modules = options.modules or every
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    os.chdir(ROOT)
    bare = [m for m in modules if not tests_of(m) and faults(m)]
    from book import keep, page, read_reasons  # beside this file

    reasons = read_reasons(HERE / "survivors.yaml")
    rows: list[tuple[str, int, list[Fault]]] = []
    for module in modules:
        found = faults(module)
        asked = {k for k, fault in enumerate(found) if not options.again or fault.key in survived(module)}
        left_over = sorted(asked) if module in bare or not asked else sorted(judge(module, options.jobs, asked))
        survivors = [found[k] for k in left_over]
        rows.append((module, len(found), survivors))
        print(f"{module:12s} {len(found) - len(survivors):4d} of {len(found):4d} noticed", flush=True)
        for fault in survivors:
            print(f"    {'known ' if fault.key in reasons else ''}line {fault.line}: {fault.key}", flush=True)
    total, left = sum(n for _, n, _ in rows), sum(len(s) for _, _, s in rows)
    share = 1 - left / max(1, total)
    print(f"{total - left} of {total} noticed: {share:.1%}")
    if options.write:
        keep(HERE / "results.json", {module: (n, [fault.key for fault in survivors]) for module, n, survivors in rows})
        (ROOT / "docs" / "mutation.md").write_text(page(HERE / "results.json", reasons), encoding="utf-8")
    return 0 if share >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
