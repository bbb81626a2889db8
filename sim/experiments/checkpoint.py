"""A long market kept on the way: saved every so many days, taken up again where it stood, bit for bit.

One file, written beside its name and then renamed: an npz of plain arrays whose member ``structure`` is JSON
(:mod:`sim.state.freeze`). It says its format, the market (id of the cell, which holds scenario, strategy and program;
seed) and the day. To take it up, the market is built anew from its scenario, and what it lived is filled in.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.contract import SimError
from sim.experiments.store import room
from sim.state.freeze import Freezer, FrozenError, Thaw
from sim.state.world import compile_world

FORMAT = 1
_KEPT = ("day", "steps", "running", "schedule", "book", "roster")
_NOT_OURS = ("params",)


class CheckpointError(SimError):
    """A checkpoint that is damaged, of another format, or of another market."""


@dataclass(frozen=True)
class Checkpoints:
    """Where the checkpoint of one market is, what market it is (``key``), and after how many days one is due."""

    path: Path
    key: str
    every: int

    def run(self, market: Any) -> Any:
        """Live the rest of the horizon, saving on the way, and give what the market left behind."""
        while market.day < market.scenario.market.days:
            market.step()
            if market.day % self.every == 0 and market.day < market.scenario.market.days:
                save(market, self.path, self.key)
        return market.result()

    def done(self) -> None:
        """The market is finished and its result kept: the checkpoint may go."""
        self.path.unlink(missing_ok=True)

    def begin(self, make: Any) -> Any:
        """The market as it was last saved, or a new one; a checkpoint that cannot be used is set aside."""
        market = make()
        if self.path.is_file():
            try:
                return restore(market, self.path, self.key)
            except CheckpointError:
                os.replace(self.path, self.path.with_suffix(".broken"))
                return make()
        return market


def save(market: Any, path: Path, key: str) -> None:
    """Write the market as it stands between two days.

    Raises FrozenError when it holds what is no plain state, DiskFull when there is no room.
    """
    writer = Freezer(_refs(market))
    head = {"format": FORMAT, "key": key, "seed": market.seed, "day": market.day, "people": int(market.network.n)}
    said = writer.put(_state_of(market), "market")
    text = json.dumps({**head, "state": said, "nodes": writer.nodes}).encode("utf-8")
    members = {f"a{k}": array for k, array in enumerate(writer.arrays)}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with room(path), partial.open("wb") as file:
            np.savez(file, structure=np.frombuffer(text, np.uint8), **members)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def restore(market: Any, path: Path, key: str) -> Any:
    """Fill a newly built market of the same scenario, strategy and seed with what was saved; gives it.

    Raises CheckpointError when the file is damaged or of another market; the market must then be built anew.
    """
    said, arrays = _read(path)
    wanted = {"format": FORMAT, "key": key, "seed": market.seed, "people": int(market.network.n)}
    for name, value in wanted.items():
        if said.get(name) != value:
            raise CheckpointError(f"{path}: its {name} is {said.get(name)!r}, this market's is {value!r}")
    try:
        _enter(market, int(said["day"]))
        _fill(market, Thaw(said["nodes"], arrays, _refs(market)).get(said["state"]))
    except (FrozenError, LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CheckpointError(f"{path}: {error}") from None
    return market


def _read(path: Path) -> tuple[dict[str, Any], list[np.ndarray]]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
            said = json.loads(file["structure"].tobytes())
            arrays = [file[f"a{k}"] for k in range(len(file.files) - 1)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path}: cannot be read as a checkpoint ({error})") from None
    if not isinstance(said, dict):
        raise CheckpointError(f"{path}: cannot be read as a checkpoint")
    return said, arrays


def _refs(market: Any) -> dict[str, Any]:
    """What is built from the scenario and never changes, by name."""
    state = market.state
    made = {"market": market, "world": state.world, "scenario": market.scenario, "in force": state.world.scenario,
            "network": state.network, "ids": state.network.ids, "followers": state.shared["followers"],
            "team": state.shared["team"]}  # fmt: skip
    return {name: thing for name, thing in made.items() if thing is not None}


def _state_of(market: Any) -> dict[str, Any]:
    diary = market.datacollector
    return {
        **{name: getattr(market, name) for name in _KEPT},
        "columns": market.state.columns, "shared": market.state.shared,
        "mechanisms": {name: {k: v for k, v in vars(m).items() if k not in _NOT_OURS}
                       for name, m in market.mechanisms.items()},
        "agents": [_own(agent) for agent in _agents(market)],
        "diary": [diary._vars, getattr(diary, "_collection_steps", None)],
    }  # fmt: skip


def _agents(market: Any) -> list[Any]:
    return [*market.merchants, *market.platforms, *market.creators]


def _own(agent: Any) -> dict[str, Any]:
    """What an agent remembers: neither what mesa keeps of it, nor what begins with _ and is worked out again."""
    return {k: v for k, v in vars(agent).items() if k not in ("model", "unique_id", "pos") and not k.startswith("_")}


def _enter(market: Any, day: int) -> None:
    """Put the version of the scenario in force that was so on the last day lived."""
    if day > 0:
        state = market.state
        version = market.scenario.on_day(day - 1)
        state.world = state.shared["world"] = compile_world(version, state.network.n, state.world.scale)
        for name, mechanism in market.mechanisms.items():
            mechanism.params = getattr(version.mechanisms, name, None)


def _fill(market: Any, saved: dict[str, Any]) -> None:
    state = market.state
    for name, column in state.columns.items():
        found = saved["columns"][name]
        if found.shape != column.shape or found.dtype != column.dtype:
            raise FrozenError(f"column {name} is {found.dtype}{found.shape}, not {column.dtype}{column.shape}")
    if set(saved["columns"]) != set(state.columns) or set(saved["shared"]) != set(state.shared):
        raise FrozenError("other columns or tables than this market has")
    if set(saved["mechanisms"]) != set(market.mechanisms):
        raise FrozenError("other mechanisms than this market has")
    state.columns, state.shared = saved["columns"], saved["shared"]
    state.ledger = market.ledger = state.shared["ledger"]
    for name in _KEPT:
        setattr(market, name, saved[name])
    for name, mechanism in market.mechanisms.items():
        vars(mechanism).update(saved["mechanisms"][name])
    for agent, own in zip(_agents(market), saved["agents"], strict=True):
        vars(agent).update(own)
    market.datacollector._vars, steps = saved["diary"]
    if steps is not None:
        market.datacollector._collection_steps = steps
    market._engine()
    for view in market.views.values():
        view.world = state.world
