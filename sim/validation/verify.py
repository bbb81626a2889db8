"""Running cases and keeping their verdicts: what ``sim verify`` prints and tests/science asserts."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.experiments.executors import cores, spread
from sim.validation.case import NotYet, Verdict
from sim.validation.cases import CASES, NOT_YET, chosen


@dataclass(frozen=True)
class Verification:
    """Verdicts in the order of the list, whether quick, seconds of wall clock, and cases that cannot be stated yet."""

    verdicts: tuple[Verdict, ...]
    quick: bool
    seconds: float
    not_yet: tuple[NotYet, ...] = NOT_YET

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(v.passed for v in self.verdicts)

    def rows(self) -> list[dict[str, Any]]:
        """A row a check: case, what, rule, expected, observed, tolerance, passed."""
        return [
            {"case": v.key, "what": c.what, "rule": c.rule, "expected": float(c.expected),
             "observed": float(c.observed), "tolerance": float(c.tolerance), "passed": c.passed}
            for v in self.verdicts if v.finding is not None for c in v.finding.checks
        ]  # fmt: skip

    def to_html(self, path: str | Path) -> Path:
        """Write the page, a picture a case, and give its path."""
        import_module("sim.report.verification").write_page(self, Path(path))
        return Path(path)


def run_case(task: tuple[str, bool]) -> Verdict:
    """Run one case (key, quick); an exception becomes a failed verdict that keeps its traceback."""
    key, quick = task
    case = next(c for c in CASES if c.key == key)
    start, finding, error = time.perf_counter(), None, ""
    try:
        finding = case.run(quick)
    except Exception:
        error = traceback.format_exc()
    seconds = time.perf_counter() - start
    return Verdict(case.key, case.title, case.source, case.kind, case.text, seconds, finding, error)


def verify(cases: Sequence[str] = (), *, quick: bool = False, jobs: int | None = None,
           progress: Callable[[int, int], None] | None = None) -> Verification:  # fmt: skip
    """Run the named cases (all when none is named) on the shipped engine.

    ``jobs`` processes share them (default: every core); verdicts do not depend on it. Raises ScenarioError on an
    unknown name.

    >>> checked = sim.verify(["V12.elasticity"], quick=True, jobs=1)
    >>> type(checked).__name__
    'Verification'
    """
    asked = chosen(cases)
    start, done = time.perf_counter(), dict[str, Verdict]()
    if progress is not None:
        progress(0, len(asked))
    for verdict in spread(run_case, [(case.key, quick) for case in asked], jobs or cores()):
        done[verdict.key] = verdict
        if progress is not None:
            progress(len(done), len(asked))
    return Verification(tuple(done[case.key] for case in asked), quick, time.perf_counter() - start)
