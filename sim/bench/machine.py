"""The machine a figure belongs to: what it is, and how fast it moves bytes."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np

from sim.experiments.executors import cores


def machine() -> dict[str, Any]:
    """Processor, cores, memory in GiB, system, versions, and how busy the machine is with other work."""
    return {
        "processor": _processor(), "cores": cores(), "memory_gib": _memory(), "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "versions": {name: version(name) for name in ("numpy", "numba", "scipy", "mesa")},
    }  # fmt: skip


def bandwidth(megabytes: int = 128, repeats: int = 12) -> float:
    """Gigabytes a second of processor time that one core reads and writes: a + 1 -> b over arrays beyond the cache.

    Counts a read and a write for each number, as STREAM does (McCalpin 1995); the line fetched before it is written is
    not counted.
    """
    a = np.zeros(megabytes * 131_072)
    b = np.zeros_like(a)
    np.add(a, 1.0, out=b)  # the pages of b are made
    start = thread_time()
    for _ in range(repeats):
        np.add(a, 1.0, out=b)
    return 2 * a.nbytes * repeats / max(thread_time() - start, 1e-9) / 1e9


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None
