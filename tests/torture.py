"""Everything that tries to break the program, in one go, with a table at the end: ``make torture``.

It takes some ten minutes, never more than twenty: what was not reached by then is said. The exit code is that of the
worst: 0 when every case was refused well, every fault survived and nothing was lost.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
MOST_SECONDS = 18 * 60
ONE = 1.0
"""Processor seconds a refusal may take."""

GROUPS = {
    "broken input, by hand": ["broken/test_corpus.py", "scenario/test_broken.py", "scenario/test_own_data.py"],
    "broken input, generated": ["broken/test_generated.py"],
    "security and limits": ["test_security.py", "faces/test_live_limits.py"],
    "faults injected": [
        "faults",
        "experiments/test_sweep.py",
        "experiments/test_compare.py",
        "experiments/test_sweep_cluster.py",
    ],
    "checkpoints": ["state/test_checkpoint.py"],
    "laws broken on purpose": [
        "state/test_invariants.py",
        "science/test_invariants_notice.py",
        "test_market_properties.py",
    ],
    "the same bits": ["golden", "test_worlds.py", "test_beginnings.py"],
    "long life": ["test_long_life.py"],
}


@dataclass(eq=False)
class Table:
    """Counts outcomes by group while pytest runs, and stops when the time is over."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in GROUPS})
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    generated: dict[str, int] = field(default_factory=dict)
    waiting: int = 0

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.waiting = len(session.items)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        start = time.process_time()
        yield
        took, group = time.process_time() - start, self.group(item.nodeid)
        self.slowest[group] = max(self.slowest.get(group, (0.0, "")), (took, item.name))
        if item.name.startswith("test_refused[") and took > ONE:
            self.counts[group]["slow"] += 1
        if "test_generated" in item.nodeid:
            self.generated = dict(item.module.TRIED)  # type: ignore[attr-defined]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        group = self.group(report.nodeid)
        if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
            self.counts[group][report.outcome] += 1
            self.waiting -= 1
        if report.outcome == "failed":
            self.lost.append(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        if time.monotonic() - self.begun > MOST_SECONDS:
            pytest.exit("the time is over", returncode=1)

    @staticmethod
    def group(nodeid: str) -> str:
        """Which line of the table a test belongs to."""
        path = nodeid.split("::")[0].removeprefix("tests/")
        return next(name for name, places in GROUPS.items() if any(path.startswith(place) for place in places))

    def lines(self) -> list[str]:
        """The table."""
        out = [f"{'':28}{'tried':>8}{'held':>8}{'skipped':>9}{'lost':>6}  longest (processor)"]
        for name, count in self.counts.items():
            tried = count["passed"] + count["failed"]
            took, test = self.slowest.get(name, (0.0, ""))
            out.append(
                f"{name:28}{tried:8,}{count['passed']:8,}{count['skipped']:9,}{count['failed']:6,}"
                f"  {took:6.1f} s  {test[:60]}"
            )
        if self.generated:
            tried, refused = self.generated["tried"], self.generated["refused"]
            out.append(f"\ngenerated inputs: {tried:,} tried, {refused:,} refused in words, the others read")
        hand = self.counts["broken input, by hand"]
        out.append(f"refusals by hand that took more than {ONE:g} s of processor: {hand['slow']}")
        out += [f"not reached in time: {self.waiting} tests"] if self.waiting > 0 else []
        out += [f"LOST {nodeid}" for nodeid in self.lost]
        out.append(f"{len(self.lost)} lost, in {(time.monotonic() - self.begun) / 60:.1f} minutes")
        return out


def main(arguments: list[str]) -> int:
    """Run every group and print the table."""
    os.environ.setdefault("SIM_FUZZ", "1500")
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH", "")]))
    sys.path[:0] = [str(HERE.parent)]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and theirs, would ignore it
    os.chdir(HERE.parent)
    table = Table()
    places = [f"tests/{place}" for group in GROUPS.values() for place in group]
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--tb=short", *places, *arguments], plugins=[table])
    print("\n" + "\n".join(table.lines()))
    return int(code) or int(bool(table.lost) or table.waiting > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
