"""Where the data files of a scenario may lie: the only place that says so.

``extends`` names files below the folder of the scenario, below one given with ``--data``, or presets.
A path written in a scenario file is relative to the folder of that file and stays inside it, or inside a folder given
with ``--data``: absolute paths, ``..`` and links that lead out are refused, so that a scenario from elsewhere reads
nothing it was not given. What the user says himself, by ``--set`` or in a Python mapping, may be any path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from sim.scenario.paths import nearest

REMEDY = "put the file beside the scenario, or name its folder with --data"


class DataPathError(Exception):
    """A data path that may not be read or leads nowhere; the message says why."""


@dataclass(frozen=True)
class Folders:
    """``own``: folder of the file that is being read. ``home``: that of the scenario, to which paths of the finished
    scenario are relative. ``data``: folders given with ``--data``. ``trusted``: any path will do."""

    own: Path
    home: Path
    data: tuple[Path, ...] = ()
    trusted: bool = False

    def find(self, said: str) -> Path | None:
        """The file a path leads to, None when there is none. Raises DataPathError on a path that is refused."""
        self._check(said)
        for folder in (self.own, *self.data):
            path = folder / said
            try:
                if not path.is_file():
                    continue
                real = path.resolve()
            except (OSError, RuntimeError, ValueError):
                continue
            if not self.trusted and not any(real.is_relative_to(f.resolve()) for f in (self.own, *self.data)):
                raise DataPathError(f"{said!r} is a link that leads out of its folder; {REMEDY}")
            return path
        return None

    def holds(self, real: Path) -> bool:
        """Whether a scenario file (links followed) may be read: it lies below one of the folders, or any may be."""
        return self.trusted or any(real.is_relative_to(f.resolve()) for f in (self.own, self.home, *self.data))

    def existing(self, said: str) -> Path:
        """:meth:`find`, raising DataPathError with the nearest name when there is no such file."""
        path = self.find(said)
        if path is None:
            raise DataPathError(f"there is no file {said!r} {self._where()}{self._near(said)}")
        return path

    def from_home(self, said: str) -> str:
        """The same file as a path relative to ``home`` where it lies below, else absolute."""
        path = self.find(said) or self.own / said
        if os.path.isabs(said) or path == self.home / said:
            return said
        below = os.path.relpath(os.path.abspath(path), os.path.abspath(self.home))
        return os.path.abspath(path) if below.startswith("..") else Path(below).as_posix()

    def _check(self, said: str) -> None:
        if not said.strip() or "\0" in said:
            raise DataPathError("a name of a file is needed")
        if self.trusted:
            return
        shown = said if len(said) <= 120 else said[:117] + "..."
        if os.path.isabs(said) or PureWindowsPath(said).anchor or PureWindowsPath(said).drive or said.startswith("~"):
            raise DataPathError(f"{shown!r} is not relative to the folder of this file; {REMEDY}")
        if ".." in said.replace("\\", "/").split("/"):
            raise DataPathError(f"{shown!r} leads out of the folder of this file; {REMEDY}")

    def _where(self) -> str:
        return "beside this one, nor in --data" if self.data else "beside this one"

    def _near(self, said: str) -> str:
        try:
            names = [f.name for f in (self.own / said).parent.iterdir() if f.is_file()]
        except (OSError, ValueError):
            return ""
        hint = nearest(Path(said).name, names)
        return hint if "did you mean" in hint else ""
