"""Progress that fits where it is seen: a bar in a terminal, a bar in a notebook, a few lines in a file; and the clock
of those who ask where a market's days go."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from html import escape
from typing import Any

Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""

WIDTH = 28
"""Characters of a terminal's bar."""

APART = 0.2
"""Seconds between two drawings of a bar."""

LINES_APART = 30.0
"""Seconds between two lines where there is neither terminal nor notebook."""


class Shown:
    """A bar that is drawn by calling it with (done, total); the last call leaves a line with the time taken."""

    def __init__(self, what: str, things: str = "") -> None:
        self.what, self.things = what, things
        self.begun = time.monotonic()
        self._latest = -LINES_APART
        self._handle: Any = _notebook_handle()
        self._terminal = self._handle is None and sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Draw ``done`` of ``total``."""
        now = time.monotonic()
        apart = APART if self._handle is not None or self._terminal else LINES_APART
        if done < total and now - self._latest < apart:
            return
        self._latest = now
        text = self.text(done, total, now - self.begun)
        if self._handle is not None:
            self._handle.update(_Bar(self.what, done, total, text))
        elif self._terminal:
            filled = round(WIDTH * done / max(total, 1))
            end = "\n" if done >= total else ""
            sys.stderr.write(f"\r{self.what} {'━' * filled}{'╌' * (WIDTH - filled)} {text}\x1b[K{end}")
            sys.stderr.flush()
        else:
            print(f"{self.what}: {text}", file=sys.stderr, flush=True)

    def text(self, done: int, total: int, seconds: float) -> str:
        """What stands beside the bar: how many, how long so far, about how long still."""
        told = f"{done} of {total}{' ' + self.things if self.things else ''}, {seconds:.0f} s"
        if 0 < done < total:
            told += f", about {seconds / done * (total - done):,.0f} s left"
        return told


class _Bar:
    """What a notebook shows: HTML, and plain text where there is none."""

    def __init__(self, what: str, done: int, total: int, text: str) -> None:
        self.what, self.done, self.total, self.said = what, done, total, text

    def __repr__(self) -> str:
        return f"{self.what}: {self.said}"

    def _repr_html_(self) -> str:
        name = escape(self.what, quote=True)
        return (f'<div><progress aria-label="{name}" value="{self.done}" max="{max(self.total, 1)}"></progress> '
                f"{name}: {escape(self.said)}</div>")  # fmt: skip


def _notebook_handle() -> Any:
    """A display that can be redrawn, in a notebook; None elsewhere. IPython is never imported for it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not shell.has_trait("kernel"):
        return None
    display: Any = importlib.import_module("IPython.display").display
    return display(_Bar("", 0, 1, "begins"), display_id=True)


def shown(progress: Progress | bool | None, what: str, things: str = "") -> Progress | None:
    """A progress as given: True draws one, False and None none, a function is called as it is."""
    if progress is True:
        return Shown(what, things)
    return progress if callable(progress) else None


def clock(market: Any, phase: str) -> float:
    """Processor seconds of this thread, and but for blocks, which run in them, of the market's workers; 0 while nobody
    asks where its days go (``market.seconds`` is None)."""
    if market.seconds is None:
        return 0.0
    return time.thread_time() + (0.0 if phase == "block" else market.state.shared["team"].spent)


def noted(market: Any, name: str, phase: str, since: float) -> float:
    """Write down, while somebody asks, the seconds since a reading of the clock; the reading now."""
    if market.seconds is None:
        return 0.0
    now = clock(market, phase)
    market.seconds[name, phase] = market.seconds.get((name, phase), 0.0) + now - since
    return now
