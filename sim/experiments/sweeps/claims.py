"""Who is working on what: several processes, here or on machines that share the folder, never do a market twice.

A process has an *owner* file whose time it renews; a claim is a file that exists once and names its owner. The claim of
a process that died (its number is gone here, or its owner file has grown old) is taken over. Should two ever work
on one market all the same, nothing is counted twice: a market is known by its content, and is one row of the answer.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import uuid
from pathlib import Path
from types import TracebackType

from sim.experiments.sweeps.cells import Key

BEAT = 5.0
"""Seconds between two signs of life."""

STALE = 60.0
"""Seconds without a sign of life after which an owner elsewhere counts as dead."""


class Claims:
    """The claims of this process in ``folder``; use it as a context, whose end frees them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.me = f"{socket.gethostname()}+{os.getpid()}+{uuid.uuid4().hex[:12]}"
        self._mine: set[Key] = set()
        self._over = threading.Event()

    def __enter__(self) -> Claims:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._owner(self.me).write_bytes(b"")
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        for key in list(self._mine):
            self.free(key)
        self._owner(self.me).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def take(self, key: Key) -> bool:
        """Whether the market is now this process's to run."""
        path = self._path(key)
        for _ in range(2):
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                if not self._remove_stale(path):
                    return False
            except FileNotFoundError:  # another process has just tidied the folder away
                self.folder.mkdir(parents=True, exist_ok=True)
            else:
                self._mine.add(key)
                with os.fdopen(handle, "w", encoding="utf-8") as stream:
                    stream.write(self.me)
                return True
        return False

    def free(self, key: Key) -> None:
        """Give a market back, finished or not."""
        self._path(key).unlink(missing_ok=True)
        self._mine.discard(key)

    def _remove_stale(self, path: Path) -> bool:
        """Remove a dead process's claim; whether there is none now."""
        owner = _read(path)
        if owner is None:
            return True
        if self._alive(owner, path):
            return False
        aside = path.with_name(f".stale-{uuid.uuid4().hex[:12]}")
        try:
            os.rename(path, aside)
        except OSError:
            return False
        taken = _read(aside)
        if taken != owner:  # another one has claimed it in between: hand it back
            with contextlib.suppress(OSError):
                os.link(aside, path)
            aside.unlink(missing_ok=True)
            return False
        aside.unlink(missing_ok=True)
        return True

    def _alive(self, owner: str, claim: Path) -> bool:
        host, _, rest = owner.partition("+")
        number = rest.partition("+")[0]
        if os.name == "posix" and host == socket.gethostname() and number.isdigit():
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                self._owner(owner).unlink(missing_ok=True)
                return False
            except OSError:
                pass
        sign = self._owner(owner) if rest else claim  # a claim still without its owner's name is judged by its own age
        try:
            mine = self._owner(self.me).stat().st_mtime
            return mine - sign.stat().st_mtime < STALE
        except OSError:
            return False

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with contextlib.suppress(OSError):
                os.utime(self._owner(self.me))

    def _path(self, key: Key) -> Path:
        return self.folder / f"{key.cell}.{key.seed}"

    def _owner(self, name: str) -> Path:
        return self.folder / f"owner-{name}"


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
