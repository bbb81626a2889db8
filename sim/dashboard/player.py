"""A thread that lives a session's days, so that the page answers while kernels compile and days go by.

Orders come in by a queue of fixed length; pictures go out by one attribute, replaced whole. Nothing else is shared.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from sim.contract import SimError
from sim.dashboard.reading import Picture, Reader
from sim.dashboard.session import Session

QUEUED = 64
"""Orders that may wait; more are refused, as from a page that sends without end."""

FRAME = 0.2
"""Least seconds between two pictures while days go by."""

BEHIND = 0.5
"""Seconds by which days that came late are made up for; what is later than that is lost."""

SPEEDS = (1.0, 2.0, 5.0, 10.0, 0.0)
"""Days a second; 0: as fast as it goes."""


class Player:
    """Plays one session. ``said``: (number, text) of the last refusal; ``since``: when what is being
    done was begun, 0 when nothing is.

    :meth:`close` ends the thread after the day it is living.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.playing = False
        self.speed = 5.0
        self.picture = Picture()
        self.said: tuple[int, str] = (0, "")
        self.since = 0.0
        self._reader = Reader()
        self._orders: queue.Queue[Callable[[], None]] = queue.Queue(QUEUED)
        self._stop = threading.Event()
        self._next = 0.0
        self._shown = 0.0
        self._tried = -1
        self._thread = threading.Thread(target=self._live, name="sim-dashboard-player", daemon=True)

    def start(self) -> None:
        """Begin: build the markets and live what is asked."""
        self._thread.start()

    @property
    def slow(self) -> bool:
        """Whether something takes longer than a second: a market is built, code is compiled."""
        since = self.since
        return since > 0 and time.monotonic() - since > 1.0

    def ask(self, order: Callable[[], None]) -> bool:
        """Do something to the session before the next day; False when too much waits already."""
        try:
            self._orders.put_nowait(order)
        except queue.Full:
            return False
        return True

    def close(self) -> None:
        """End the thread; a market in the middle of a day finishes it first."""
        self._stop.set()
        self.ask(lambda: None)

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until everything asked so far is done and drawn; False when that takes longer."""
        done = threading.Event()
        return self.ask(done.set) and done.wait(seconds)

    def _live(self) -> None:
        while not self._stop.is_set():
            try:
                self._turn()
                self.since = 0.0
            except SimError as error:
                self._refused(str(error))
            except Exception as error:  # a fault of a market must not leave a dead page
                logging.getLogger(__name__).exception("a page's player")
                self._refused(f"internal error: {type(error).__name__}: {error}")
        self._let_go()

    def _let_go(self) -> None:
        """Leave the markets behind: who still holds the page then holds little."""
        for side in self.session.sides.values():
            side.market = None
        self.picture, self._reader = Picture(), Reader()

    def _refused(self, text: str) -> None:
        self.playing = False
        self.said = (self.said[0] + 1, text)
        self.since = 0.0

    def _turn(self) -> None:
        now = time.monotonic()
        if not self.playing:
            self._next = now
        pause = max(0.0, self._next - now) if self.playing else 0.25
        try:
            order = self._orders.get(timeout=max(pause, 1e-3))
        except queue.Empty:
            order = None
        self.since = time.monotonic()
        if order is not None:
            order()
            self._show(force=True)
            return
        if self.playing and time.monotonic() >= self._next:
            if self.session.over:
                self.playing = False
            else:
                start = time.monotonic()
                self.session.step()
                self._next = max(self._next, start - BEHIND) + 1.0 / self.speed if self.speed else start
        self._show(force=not self.playing)

    def _show(self, force: bool = False) -> None:
        """Replace the picture when something changed; while days go by, not more often than every FRAME seconds."""
        now = time.monotonic()
        if self.session.version == self.picture.version or not (force or now - self._shown >= FRAME):
            return
        if any(side.market is None for side in self.session.sides.values()):
            if self._tried == self.session.changed:
                return  # it could not be built, and that has been said
            self._tried = self.session.changed
            self.session.ready()
            self._tried = -1
        self.picture = self._reader.read(self.session)
        self._shown = now
