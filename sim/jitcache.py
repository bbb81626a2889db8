"""Compiled kernels are cached by the text of everything they are made of.

Numba checks only the file of the kernel itself, so a kernel that inlines a rule from another file would go on running
the old rule after that was edited. Here each file with kernels has a folder named by its own text and that of all it
imports from ``sim``: an edit makes anew what it can reach, and nothing else. Folders may be shared by checkouts and
processes; those not used for a month are removed.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import re
import shutil
import time
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent
CONSTANTS = ("contract.py", "state/columns.py", "state/records.py")
"""Files whose constants are compiled into kernels."""
KEPT = 30 * 86_400.0
"""Seconds after which compiled code that nobody used is removed."""
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(sim[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+(sim[\w.]*))", re.M
)
_NAME = re.compile(r"\w+")


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _module(dotted: str) -> Path | None:
    """The file of a module of this package, if there is one."""
    inside = PACKAGE.joinpath(*dotted.split(".")[1:])
    return next((p for p in (inside.with_suffix(".py"), inside / "__init__.py") if p.is_file()), None)


@cache
def _imports(path: Path) -> frozenset[Path]:
    """The files of this package that a file names in its imports."""
    found: set[Path | None] = set()
    for origin, names, whole in _IMPORT.findall(_text(path)):
        found.add(_module(origin or whole))
        found.update(_module(f"{origin}.{name}") for name in _NAME.findall(names))
    return frozenset(p for p in found if p is not None)


def parts(path: Path) -> list[Path]:
    """The files whose text can end up in the kernels of a file: itself and, of all that it imports directly or through
    others, those with kernels or constants."""
    seen, left = {path}, [path]
    while left:
        fresh = _imports(left.pop()) - seen
        seen |= fresh
        left.extend(fresh)
    constants = {PACKAGE / name for name in CONSTANTS}
    return sorted(p for p in seen if p == path or p in constants or "njit" in _text(p))


@cache
def digest_of(path: Path) -> str:
    """Sixteen hex digits that change with any line that can end up in a kernel of this file."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts(path):
        name = part.relative_to(PACKAGE).as_posix() if part.is_relative_to(PACKAGE) else part.name
        digest.update(f"{name}\0{_text(part)}\0".encode())
    return digest.hexdigest()


def digest_of_all() -> str:
    """Sixteen hex digits that change with any line that can end up in a kernel of this package."""
    kernels = [p for p in sorted(PACKAGE.rglob("*.py")) if "njit" in _text(p)]
    return hashlib.blake2b("".join(map(digest_of, kernels)).encode(), digest_size=8).hexdigest()


def home() -> Path:
    """Where compiled kernels are kept: ``NUMBA_CACHE_DIR``, else beside the package, else in the user's cache."""
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(named)
    beside = PACKAGE / "__pycache__"
    if not os.access(beside if beside.exists() else PACKAGE, os.W_OK):
        return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sim" / "kernels"
    return beside / "kernels"


def use() -> None:
    """Let numba keep the kernels of this package, and those of others built on its rules, as said above."""
    from numba.core import event
    from numba.core.caching import CacheImpl

    locators = CacheImpl._locator_classes
    if _Locator not in locators:
        locators.insert(0, _Locator)
        event.register("numba:compile", _quiet())  # type: ignore[no-untyped-call]
        _clear(home())


def _quiet() -> Any:
    """While numba compiles nobody looks for garbage: its many small objects would be gone through again and again, a
    sixth of the time that compiling takes."""
    from numba.core import event

    class Quiet(event.Listener):
        depth, collecting = 0, False

        def on_start(self, event: Any) -> None:
            if self.depth == 0:
                self.collecting = gc.isenabled()
                gc.disable()
            self.depth += 1

        def on_end(self, event: Any) -> None:
            self.depth -= 1
            if self.depth == 0 and self.collecting:
                gc.enable()

    return Quiet()


def _clear(folder: Path) -> None:
    """Remove what has not been used for a month."""
    with contextlib.suppress(OSError):
        for old in folder.iterdir():
            if time.time() - old.stat().st_mtime > KEPT:
                shutil.rmtree(old, ignore_errors=True)


class _Locator:
    """Numba's question where to keep the code of a function, answered by content."""

    def __init__(self, function: Any, file: Path) -> None:
        self._py_file, self._lineno = str(file), function.__code__.co_firstlineno
        self._digest = digest_of(file)
        place = self._digest
        if not file.is_relative_to(PACKAGE):  # compiled code looks its module up by name, and a file may have several
            place += "-" + hashlib.blake2b(function.__module__.encode(), digest_size=4).hexdigest()
        self._folder = home() / f"{file.stem}-{place}"

    def ensure_cache_path(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        os.utime(self._folder)

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._digest

    def get_disambiguator(self) -> str:
        return str(self._lineno)

    @classmethod
    def from_function(cls, function: Any, py_file: str) -> _Locator | None:
        """None for a file that has nothing of this package in it, or where nothing can be written."""
        file = Path(py_file).resolve()
        if not file.is_file() or not (file.is_relative_to(PACKAGE) or _imports(file)):
            return None
        found = cls(function, file)
        try:
            found.ensure_cache_path()
        except OSError:
            return None
        return found
