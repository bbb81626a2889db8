"""How much memory this process may still take: the machine's, or that of the container it runs in."""

from __future__ import annotations

from pathlib import Path

ROOT = Path("/")

FORCE = "SIM_FORCE"
"""Environment variable that lets a run begin whatever the estimate of its memory says."""


def available(root: Path = ROOT) -> int | None:
    """Bytes that can be had without swapping or being killed; None where the system does not say (not Linux).

    The least of what ``/proc/meminfo`` calls available and what is left in the control groups of this process, version
    2 or 1, in which file pages that can be dropped count as free.
    """
    found = [_machine(root), *_groups(root)]
    known = [room for room in found if room is not None]
    return max(0, min(known)) if known else None


def _machine(root: Path) -> int | None:
    for line in _lines(root / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _groups(root: Path) -> list[int | None]:
    """What is left in each control group that holds this process, from its own up to the root."""
    left = []
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        base = root / "sys/fs/cgroup" / controllers
        own = base / path.strip("/")
        for folder in (own, *own.parents):
            left.append(_left(folder, version=2 if controllers == "" else 1))
            if folder == base:
                break
    return left


def _left(folder: Path, version: int) -> int | None:
    names = ("memory.max", "memory.current", "inactive_file") if version == 2 else (
        "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")  # fmt: skip
    limit, used = (next(iter(_lines(folder / name)), "").strip() for name in names[:2])
    if not limit.isdigit() or not used.isdigit():  # no limit is written "max", or as a number beyond any memory
        return None
    pages = [line.split()[1] for line in _lines(folder / "memory.stat") if line.startswith(names[2] + " ")]
    return int(limit) - int(used) + (int(pages[0]) if pages else 0)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
