"""A market that is saved and taken up again is the market that was never stopped; damaged files are no markets."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from city import CITY, plain, rows_of, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import load
from sim.experiments.checkpoint import CheckpointError, Checkpoints, restore, save
from sim.market import Market
from sim.state.freeze import Freezer, FrozenError, Thaw

SHIPPED = sorted((Path(__file__).resolve().parents[2] / "scenarios").glob("*.yaml"))
KEY = "a cell"


def thawed(scenario: Any, strategy: str | None, day: int, folder: Path, **more: Any) -> tuple[Market, Market]:
    """A market at its horizon, and one that was saved on ``day``, dropped, and taken up again by another."""
    opened = load(scenario) if isinstance(scenario, dict) else scenario
    alone, stopped = (Market(opened, strategy, seed=5, **more) for _ in range(2))
    while stopped.day < day:
        stopped.step()
    save(stopped, folder / "c.npz", KEY)
    again = restore(Market(opened, strategy, seed=5, **more), folder / "c.npz", KEY)
    alone.run()
    again.run()
    return alone, again


@pytest.mark.parametrize("day", [-3, 0, 1, 19])
def test_the_city(day: int, tmp_path: Path) -> None:
    """In warm-up, on the first day, after it, and in the midst of phases and events."""
    market = {**CITY["market"], "warmup": 8, "days": 30}
    events = [
        {"name": "dear", "day": 12, "days": 10, "change": {"merchants.Leaf.products.green.price": {"scale": 1.4}}}
    ]
    merchants = plain()["merchants"]
    merchants[0]["plan"]["phases"] = [
        {"name": "first", "until": "buyers > 40", "mix": {"koc": 1}},
        {"name": "then", "mix": {"ads": 0.5, "kol": 0.5}},
    ]
    same(*thawed(plain(market=market, events=events, merchants=merchants), "louder", day, tmp_path))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda f: f.stem)
def test_shipped_scenarios(file: Path, tmp_path: Path) -> None:
    """Between them every mechanism there is: live, referral, members, supply, dishonesty and the rest."""
    scenario = load(file)
    days = 45 if file.stem == "price_followers" else 20  # its presale ends on day 40
    small: dict[str, Any] = {"market.days": days, "market.warmup": min(scenario.market.warmup, 10)}
    if scenario.network.kind != "file":
        small["market.consumers"] = min(400, scenario.market.consumers or 400)
    alone, again = thawed(scenario.with_set(small), list(scenario.strategies)[-1], 11, tmp_path)
    same(alone, again)
    for name in alone.state.columns:
        np.testing.assert_array_equal(alone.state.columns[name], again.state.columns[name], err_msg=name)


def test_threads_may_change_on_the_way(tmp_path: Path) -> None:
    opened = load(CITY)
    market = Market(opened, seed=5)
    for _ in range(10):
        market.step()
    save(market, tmp_path / "c.npz", KEY)
    again = restore(Market(opened, seed=5, threads=2), tmp_path / "c.npz", KEY)
    market.run()
    again.run()
    same(market, again)


def test_a_checkpoint_of_another_market_is_refused(tmp_path: Path) -> None:
    market = Market(load(CITY), seed=5)
    market.step()
    save(market, tmp_path / "c.npz", KEY)
    with pytest.raises(CheckpointError, match="its key is 'a cell'"):
        restore(Market(load(CITY), seed=5), tmp_path / "c.npz", "another")
    with pytest.raises(CheckpointError, match="its seed is 5"):
        restore(Market(load(CITY), seed=6), tmp_path / "c.npz", KEY)
    with pytest.raises(CheckpointError, match="its people is 900"):
        restore(Market(load(plain(market={"consumers": 800, "days": 40})), seed=5), tmp_path / "c.npz", KEY)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("saved") / "c.npz"
    market = Market(load(plain(market={"consumers": 60, "days": 40})), seed=5)
    market.step()
    save(market, path, KEY)
    return path.read_bytes()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1), put=st.binary(max_size=20), whole=st.booleans())
def test_a_damaged_file_is_told(saved: bytes, cut: float, put: bytes, whole: bool, tmp_path: Path) -> None:
    """Cut short, or with other bytes in the midst: refused, or (where nothing that is read was hit) as it was."""
    at = int(cut * len(saved))
    damaged = saved[:at] + put + (saved[at + len(put) :] if whole else b"")
    path = tmp_path / "c.npz"
    path.write_bytes(damaged)
    market = Market(load(plain(market={"consumers": 60, "days": 40})), seed=5)
    if damaged == saved:
        return
    said = ""
    try:
        restore(market, path, KEY)
    except CheckpointError as error:
        said = str(error)
    assert str(path) in said or (not said and market.day == 1)


def rewritten(saved: bytes, path: Path, change: Any) -> None:
    """The file with another structure."""
    path.write_bytes(saved)
    with np.load(path) as file:
        members = {name: file[name] for name in file.files}
    said = json.loads(members.pop("structure").tobytes())
    change(said)
    np.savez(path, structure=np.frombuffer(json.dumps(said).encode(), np.uint8), **members)


EVIL: list[Any] = [
    ["thing", "os:system", []],
    ["thing", "sim.state.freeze:sys", []],
    ["thing", "sim.state.freeze:import_module", []],
    ["thing", "subprocess:Popen", []],
    ["named", "sim.market:Market", []],
    ["thing", "sim.contract:SimError", []],
    ["params", "sim.state.records:Table", ["#", 0]],
    ["thing", "sim.state.records:Table", [["__class__", 1]]],
    ["list", [["#", 1000000000]]],
    ["list", [["ref", "nobody"]]],
    ["list", [["np", "|O", 3]]],
    ["array", 1000000, "<i8", [1], True],
    ["array", 0, "|O", [1], True],
    ["array", 0, "<i8", [-5], True],
    ["what", 1],
    [],
    3,
    None,
]


@pytest.mark.parametrize("node", EVIL, ids=lambda n: json.dumps(n)[:40])
def test_a_file_that_would_act_is_refused(node: Any, saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    rewritten(saved, path, lambda said: said["nodes"].__setitem__(0, node))
    with pytest.raises(CheckpointError):
        restore(Market(load(plain(market={"consumers": 60, "days": 40})), seed=5), path, KEY)


def test_pickles_are_not_opened(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    np.savez(path, structure=np.array([print], dtype=object))
    with pytest.raises(CheckpointError, match="cannot be read"):
        restore(Market(load(plain(market={"consumers": 60, "days": 40})), seed=5), path, KEY)
    assert zipfile.is_zipfile(path)


def test_another_format_is_refused(saved: bytes, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    rewritten(saved, path, lambda said: said.__setitem__("format", 99))
    with pytest.raises(CheckpointError, match="its format is 99"):
        restore(Market(load(plain(market={"consumers": 60, "days": 40})), seed=5), path, KEY)


def test_a_broken_checkpoint_is_set_aside_and_the_market_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    path.write_bytes(b"PK\x03\x04 torn")
    kept = Checkpoints(path, KEY, 10)
    market = kept.begin(lambda: Market(load(CITY), seed=5))
    assert market.day == 0
    assert path.with_suffix(".broken").is_file()
    kept.run(market)
    assert path.is_file()
    kept.done()
    assert not path.exists(), "a finished market needs none"
    assert rows_of(market, "orders")


PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.tuples(st.integers(), st.text(max_size=2)), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(value=PLAIN_VALUES)
def test_plain_values_come_back(value: Any) -> None:
    writer = Freezer({})
    said = json.loads(json.dumps([writer.put(value, "x"), writer.nodes]))
    assert Thaw(said[1], writer.arrays, {}).get(said[0]) == value


def test_what_is_shared_is_shared_again_and_rings_close() -> None:
    inner = np.arange(3)
    ring: list[Any] = [inner, {"same": inner}]
    ring.append(ring)
    writer = Freezer({})
    said = json.loads(json.dumps([writer.put(ring, "x"), writer.nodes]))
    again = Thaw(said[1], writer.arrays, {}).get(said[0])
    assert again[0] is again[1]["same"]
    assert again[2] is again


def test_what_is_no_state_is_named() -> None:
    with pytest.raises(FrozenError, match=r"x\.y\[0\]|x\['y'\]\[0\]"):
        Freezer({}).put({"y": [print]}, "x")
