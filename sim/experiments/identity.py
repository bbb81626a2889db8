"""What determines a result, as a hash: the same question has the same id on every machine, another one never.

A *cell* is one market: a scenario with one strategy applied, and a seed. Its id leaves out what cannot touch the
market (the title, the other strategies and their events, the number of replications), so cells are shared by every
question that needs them. A *run* is a question: its id covers the whole scenario, the strategies, the seed and the
replications.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from sim import plugins

BASE = "base"
"""The arm that is the scenario as it stands, without a strategy."""

_TALK = ("name", "question", "description", "topic", "strategies", "experiment", "outcomes", "uncertainties")
_FACES = ("cli", "report", "dashboard")
_PACKAGE = Path(__file__).resolve().parent.parent


def digest(payload: Any, length: int = 16) -> str:
    """Hexadecimal hash of anything JSON can hold, whatever the order of its keys."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:length]


@cache
def source_digest() -> str:
    """Hash of the program's own source, without the faces that only show results."""
    sha = hashlib.sha256()
    for file in sorted(_PACKAGE.rglob("*.py")):
        name = file.relative_to(_PACKAGE)
        if name.parts[0].removesuffix(".py") not in _FACES:
            sha.update(name.as_posix().encode("utf-8") + b"\0" + file.read_bytes() + b"\0")
    return sha.hexdigest()[:16]


def versions() -> dict[str, str]:
    """Versions that a result may depend on: the program, the arithmetic below it, mechanisms plugged in."""
    return _own_versions() | plugins.digests()


@cache
def _own_versions() -> dict[str, str]:
    found = {"source": source_digest(), "python": ".".join(platform.python_version_tuple()[:2])}
    for name in ("sim", "numpy", "numba"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "source"
    for entry in metadata.entry_points(group=plugins.GROUP):
        found[f"plugin {entry.name}"] = entry.dist.version if entry.dist else "?"
    return found


def data_files(resolved: Any, base: Path | None) -> dict[str, str]:
    """Hash of the content of every file the scenario names (keys ``path``, ``file``, ``*_path``), by its name there.

    Rows of catalogues, rate cards and price lists are in the resolved scenario itself.
    """
    found: dict[str, str] = {}
    if isinstance(resolved, dict):
        for key, value in resolved.items():
            if isinstance(value, str) and (key in ("path", "file") or str(key).endswith("_path")):
                file = Path(value) if base is None else base / value
                if file.is_file():
                    stat = file.stat()
                    found[value] = _file_digest(file.absolute(), stat.st_mtime_ns, stat.st_size)
            else:
                found |= data_files(value, base)
    elif isinstance(resolved, list):
        for value in resolved:
            found |= data_files(value, base)
    return found


@lru_cache(maxsize=64)
def _file_digest(file: Path, changed: int, size: int) -> str:
    """Hash of a file as it stands; the thousand cells of a sweep read it once."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def cell_id(scenario: Any, strategy: str | None) -> str:
    """Id of the market that ``scenario`` makes under ``strategy``, for all seeds."""
    version = scenario.for_strategy(None if strategy == BASE else strategy)
    resolved = version.resolved()
    market = {key: value for key, value in resolved.items() if key not in _TALK}
    market["events"] = [
        {key: value for key, value in event.items() if key != "strategies"}
        for event, said in zip(resolved.get("events", ()), getattr(version, "events", ()), strict=True)
        if said.happens(version.strategy)
    ]  # fmt: skip
    files = data_files(market, getattr(scenario, "base_dir", None))
    told = versions() | plugins.named_in(market)
    return digest({"market": _by_content(market, files), "versions": told, "files": sorted(files.values())})


def run_id(scenario: Any, cells: dict[str, str], seed: int, replications: int, baseline: str, orders: bool,
           **more: Any) -> str:  # fmt: skip
    """Id of a question: which cells, how often, from which seed, and what is asked of them (``more`` included)."""
    resolved = scenario.resolved()
    files = data_files(resolved, getattr(scenario, "base_dir", None))
    asked = {
        "scenario": _by_content(resolved, files), "cells": cells, "seed": seed, "replications": replications,
        "baseline": baseline, "orders": orders, "versions": versions(), **more,
    }  # fmt: skip
    return digest(asked, 12)


def _by_content(value: Any, files: dict[str, str]) -> Any:
    """``value`` with the names of data files replaced by their content's hash: a moved file is the same file."""
    if not files:
        return value
    if isinstance(value, dict):
        return {str(key): _by_content(item, files) for key, item in value.items()}
    if isinstance(value, list):
        return [_by_content(item, files) for item in value]
    return files.get(value, value) if isinstance(value, str) else value


def replication_seed(seed: int, replication: int) -> int:
    """Seed of one replication. The first one's is ``seed`` itself, so ``sim run --seed`` repeats it."""
    if replication == 0:
        return seed
    return int(digest(["replication", seed, replication], 12), 16)


def student_seed(number: int | str) -> int:
    """The seed of a student's number: a whole number is its own seed, any other text one that is made from it.

    Raises ValueError on an empty one and on a number below 0 or not below 2^63.
    """
    text = str(number).strip()
    if re.fullmatch(r"[-+]?[0-9]+", text):
        seed = int(text)
        if not 0 <= seed < 2**63:
            raise ValueError(f"a seed is a whole number from 0 to 2^63 - 1 (got {text})")
        return seed
    if not text:
        raise ValueError("a seed is a whole number, or a text that is not empty")
    return int(digest(["student", text.casefold()], 8), 16)


def slug(scenario: Any) -> str:
    """Name of the scenario's folder of results: its file's, else its title's, in characters every system takes."""
    path = getattr(scenario, "path", None)
    text = Path(path).stem if path else str(scenario.name)
    return re.sub(r"[^\w-]+", "_", text).strip("_").lower()[:60] or "scenario"
