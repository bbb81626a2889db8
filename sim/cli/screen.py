"""What is printed and where: answers on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[int, int], None]

LINES_APART = 30.0
"""Seconds between two lines of progress where there is no terminal."""


def out() -> Console:
    """The console of answers. Piped, it is wide enough that no table is cut."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=False)


def literal(text: object) -> str:
    """Text for a console that reads markup, taken as it stands: titles and levels may hold brackets."""
    from rich.markup import escape

    return escape(str(text))


def note(text: str, quiet: bool = False) -> None:
    """A remark beside the answer."""
    if not quiet:
        from sim.contract import harmless

        print(harmless(text), file=sys.stderr, flush=True)


def print_json(payload: Any) -> None:
    """JSON on stdout; numbers that are not finite must have become null before."""
    print(json.dumps(payload, ensure_ascii=False, indent=2, allow_nan=False))


def plain(value: Any) -> Any:
    """``value`` with what JSON cannot say made null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


@contextlib.contextmanager
def bar(what: str, quiet: bool = False, things: str = "replications") -> Iterator[Progress | None]:
    """A progress bar on stderr; on no terminal, a line at the start, at the end, and now and then."""
    if quiet:
        yield None
        return
    if not sys.stderr.isatty():
        yield _lines(what, things)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TextColumn("left"), TimeRemainingColumn())  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _lines(what: str, things: str) -> Progress:
    begun = latest = time.monotonic()
    first, calls, told = 0, 0, -1

    def say(done: int, total: int) -> None:
        nonlocal begun, latest, first, calls, told
        now = time.monotonic()
        calls += 1
        if calls <= 2:  # what is on disk already says nothing about the pace
            first, begun = done, now
        if done != told and (done in (0, total) or now - latest >= LINES_APART):
            latest, told = now, done
            left = ""
            if first < done < total:
                left = f", about {(now - begun) / (done - first) * (total - done):,.0f} s left"
            note(f"{what}: {done} of {total} {things}{left}")

    return say
