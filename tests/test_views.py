"""What a mechanism is handed: what it declared, writeable only where it said so, and nothing else."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from sim import catalogue, load
from sim.contract import COUNT, Column, Mechanism, MechanismParams, Registry, Scratch
from sim.market import Market
from sim.state.columns import CORE, allocate
from sim.state.view import ALWAYS, WHERE_THERE, View

TINY: dict[str, Any] = {
    "market": {"consumers": 60, "days": 5},
    "network": {"mean_degree": 4},
    "categories": [{"name": "tea", "reference_price": 50}],
    "creators": [{"name": "nano", "count": 3, "followers": 20}],
    "merchants": [{"name": "Leaf", "products": [{"name": "green", "category": "tea", "price": 45}],
                   "plan": {"budget_per_day": 50, "mix": {"ads": 1, "kol": 1, "koc": 1, "community": 1}}}],
}  # fmt: skip
BUILT_IN = catalogue.names()


@pytest.fixture(scope="module")
def market() -> Market:
    """A tiny market after two days, so that the views have been through a day."""
    on = {f"mechanisms.{name}.enabled": True for name in BUILT_IN if name != "planning"}
    made = Market(load(TINY, set=on), seed=1)
    made.step()
    made.step()
    return made


@njit
def _touch(values: Any) -> None:
    values[0] = 1.0


@njit
def _look(values: Any) -> float:
    return float(values[0])


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_was_declared_is_there(market: Market, name: str) -> None:
    mechanism, view = market.mechanisms[name], market.views[name]
    known = {*market.state.columns, *market.state.shared, *WHERE_THERE}
    for column in (*mechanism.reads, *mechanism.writes):
        assert column in known
        assert getattr(view, column) is not None
    for always in ALWAYS:
        assert hasattr(view, always)
    assert not set(mechanism.writes) & set(mechanism.reads), "said twice"


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_was_not_declared_is_absent(market: Market, name: str) -> None:
    mechanism, view = market.mechanisms[name], market.views[name]
    declared = {*mechanism.reads, *mechanism.writes, *ALWAYS}
    for column in (set(market.state.columns) | set(market.state.shared)) - declared:
        with pytest.raises(AttributeError, match=column):
            getattr(view, column)


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_only_read_cannot_be_written(market: Market, name: str) -> None:
    mechanism, view = market.mechanisms[name], market.views[name]
    for column in mechanism.reads:
        values = getattr(view, column)
        if isinstance(values, np.ndarray) and values.size:
            with pytest.raises(ValueError, match="read-only"):
                values[...] = 0
            held = market.state.columns.get(column, market.state.shared.get(column))
            assert np.shares_memory(values, held), "a view, not a copy"
    for column in mechanism.writes:
        values = getattr(view, column)
        if isinstance(values, np.ndarray):
            assert values.flags.writeable


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_table_that_is_only_read_cannot_be_written(market: Market, name: str) -> None:
    mechanism, view = market.mechanisms[name], market.views[name]
    tables = ("orders", "groups", "posts", "shares", "inbox", "experiences", "intents")
    for table in set(tables) & set(mechanism.reads):
        rows = getattr(view, table).rows
        assert not rows.flags.writeable
        with pytest.raises(AttributeError):
            getattr(view, table).append(rows)


def test_views_see_what_happens(market: Market) -> None:
    """A table that grows by doubling is the same table in every view."""
    orders = market.state.table("orders")
    for view in ("checkout", "delivery", "community"):
        assert len(market.views[view].orders.rows) == len(orders)


class Snoop(Mechanism):
    """Reads what it did not declare."""

    name = "snoop"
    Params = MechanismParams
    reads = ("id",)

    def morning(self, view: Any, day: int) -> None:
        _ = view.income


class Vandal(Mechanism):
    """Writes what it only reads, with NumPy in the morning or in a compiled kernel in the block."""

    name = "vandal"
    Params = MechanismParams
    reads = ("fatigue",)
    compiled: ClassVar[bool] = False

    def morning(self, view: Any, day: int) -> None:
        if not self.compiled:
            view.fatigue[0] = 1.0

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        _touch(view.fatigue)


class Honest(Mechanism):
    """Declares a column of its own, writes it, reads another; counts in the tally."""

    name = "honest"
    Params = MechanismParams
    columns = (Column("mark", ("N", "P"), np.float32, "-", "A mark.", 0.5, owner="honest"),)
    reads = ("fatigue",)
    writes = ("mark",)

    def block(self, view: Any, day: int, lo: int, hi: int, scratch: Scratch) -> None:
        assert _look(view.fatigue) >= 0.0
        view.mark[lo:hi] += 1.0
        scratch.tally[COUNT["reviews"], 0, 0] += 1


class Unknown(Mechanism):
    """Declares what nobody has."""

    name = "unknown"
    Params = MechanismParams
    reads = ("moonlight",)


class Twice(Mechanism):
    """Declares a column that exists."""

    name = "twice"
    Params = MechanismParams
    columns = (Column("fatigue", ("N",), np.float32, "-", "Again."),)


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Build a market with one more mechanism, the registry as it was afterwards."""

    def build(kind: type[Mechanism], **attributes: Any) -> Market:
        for key, value in attributes.items():
            monkeypatch.setattr(kind, key, value)
        registry = Registry()
        registry.register(kind)
        monkeypatch.setattr(catalogue, "registry", registry)
        return Market(load(TINY | {"mechanisms": {kind.name: {}}}, registry=registry), seed=1)

    return build


def test_an_undeclared_read_stops_the_day(foreign: Any) -> None:
    with pytest.raises(AttributeError, match=r"snoop.*income"):
        foreign(Snoop).step()


@pytest.mark.parametrize("compiled", [False, True])
def test_an_undeclared_write_stops_the_day(foreign: Any, compiled: bool) -> None:
    """NumPy refuses to write, and numba refuses to compile a kernel that would."""
    market = foreign(Vandal, compiled=compiled)
    before = market.state.columns["fatigue"].copy()
    with pytest.raises(TypingError if compiled else ValueError, match=r"read-?only"):
        market.step()
    np.testing.assert_array_equal(before, market.state.columns["fatigue"])


def test_a_mechanism_of_ones_own_brings_its_column(foreign: Any) -> None:
    market = foreign(Honest)
    market.run()
    np.testing.assert_array_equal(market.state.columns["mark"], np.float32(5.5))
    np.testing.assert_array_equal(market.consumers.mark, np.float32(5.5))
    assert "mark:Leaf.green" in market.consumers.frame()
    assert market.book.tally[:, COUNT["reviews"], 0, 0].min() >= 1


def test_declaring_what_nobody_has_is_refused(foreign: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown.*moonlight"):
        foreign(Unknown)


def test_a_column_declared_twice_is_refused(foreign: Any) -> None:
    with pytest.raises(ValueError, match="'fatigue' is declared twice"):
        foreign(Twice)
    dims = dict.fromkeys("NPMSCGK", 2) | {"CH": 8}
    assert set(allocate(CORE, dims)) == {c.name for c in CORE}
    with pytest.raises(ValueError, match="declared twice"):
        allocate((*CORE, CORE[3]), dims)


def test_a_second_mechanism_of_one_name_is_refused() -> None:
    registry = Registry()
    registry.register(Honest)
    registry.register(Honest)
    other = type("Other", (Mechanism,), {"name": "honest"})
    with pytest.raises(ValueError, match="already registered"):
        registry.register(other)
    with pytest.raises(ValueError, match="no name"):
        registry.register(type("Nameless", (Mechanism,), {}))


def test_a_view_is_made_of_arrays_not_of_copies() -> None:
    columns = {"a": np.zeros(3), "b": np.zeros(3)}
    shared = {name: name for name in ALWAYS}
    view = View("m", columns, shared, ("a",), ("b",))
    view.b[1] = 2.0
    columns["a"][2] = 5.0
    assert columns["b"][1] == 2.0
    assert view.a[2] == 5.0
    assert columns["a"].flags.writeable
