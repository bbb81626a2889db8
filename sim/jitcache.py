"""Compiled kernels are cached by the text of everything they are made of.

Numba checks only the file of the kernel itself, so a kernel that inlines a rule from another file would go on running
the old rule after that was edited. Here each state of the source has a folder of its own; older ones are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CONSTANTS = ("contract.py", "state/columns.py", "state/records.py")
"""Files whose constants are compiled into kernels."""


def source_digest() -> str:
    """Sixteen hex digits that change with any line that can end up in a kernel: files with kernels, and constants."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        name = path.relative_to(PACKAGE).as_posix()
        if b"njit" in text or name in CONSTANTS:
            digest.update(name.encode())
            digest.update(text)
    return digest.hexdigest()


def use() -> None:
    """Point numba's cache at the folder of this source, unless ``NUMBA_CACHE_DIR`` says otherwise."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    home = PACKAGE / "__pycache__"
    if not os.access(home if home.exists() else PACKAGE, os.W_OK):
        home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sim"
    mine = home / f"kernels-{source_digest()}"
    with contextlib.suppress(OSError):
        for other in home.glob("kernels-*"):
            if other != mine and _idle(other):
                shutil.rmtree(other, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(mine)
    import numba

    numba.config.CACHE_DIR = str(mine)


def _idle(folder: Path) -> bool:
    """Whether a cache has not been used for a day (another checkout or process may be on it)."""
    import time

    return time.time() - folder.stat().st_mtime > 86_400
