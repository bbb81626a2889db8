"""Beginnings, changes, size: events, warm-up and what branches from it, small runs of large markets (D13, D14, D21)."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from city import CITY, Plain, differs, lived, plain, same
from pandas.testing import assert_series_equal

from sim import load
from sim.experiments.replicate import Arm, Task, replicate, simulate
from sim.experiments.store import Store
from sim.market import Market
from sim.state.ledger import REASON


@pytest.fixture(scope="module")
def base() -> Market:
    """The city at its horizon."""
    return lived(CITY)


# ---------------------------------------------------------------------------------------------- events and warm-up


def test_events_are_worked_out_from_the_base_and_undone() -> None:
    """Two overlapping scales multiply; afterwards the price is exactly the old one; before, nothing differs."""
    events = [
        {"name": "sale", "day": 10, "days": 10, "change": {"merchants.Foam.products.bar.price": {"scale": 0.7}}},
        {"name": "deeper", "day": 15, "days": 10, "change": {"merchants.Foam.products.bar.price": {"scale": 0.9}}},
    ]
    market, calm = Market(load(plain(events=events)), seed=3), Market(load(CITY), seed=3)
    row, seen = market.world.product_names.index("Foam.bar"), []
    for day in range(30):
        market.step()
        calm.step()
        seen.append(int(market.state.columns["price"][row]))
        if day == 9:
            same(calm, market)
    assert seen == [1800] * 10 + [1260] * 5 + [1134] * 5 + [1620] * 5 + [1800] * 5


def warm(**more: Any) -> Plain:
    return plain(market=CITY["market"] | {"warmup": 15, "days": 20} | more)


def test_warm_up_is_lived_under_the_base_plan() -> None:
    a, b = (Market(load(warm()), s, seed=3).warm_up() for s in (None, "louder"))
    assert a.day == b.day == 0
    np.testing.assert_array_equal(a.ledger.balance, b.ledger.balance)
    assert not differs(a, b).any()
    a.run()
    b.run()
    assert a.book.flow[:, :, 1].sum() != b.book.flow[:, :, 1].sum()
    assert len(a.tables()["daily"]) == 20 or len(next(iter(a.tables()["daily"].values()))) == 20


@pytest.mark.parametrize("strategy", [None, "louder", "dearer"])
def test_a_branch_of_the_warmed_market_is_the_market_run_anew(strategy: str | None) -> None:
    trunk = Market(load(warm()), seed=3).warm_up()
    twin = trunk.branch(strategy)
    twin.run()
    assert trunk.day == 0
    same(lived(warm(), strategy), twin)


def test_branches_do_not_disturb_each_other() -> None:
    trunk = Market(load(warm()), seed=3).warm_up()
    trunk.branch("louder").run()
    twin = trunk.branch("same")
    twin.run()
    trunk.run()
    same(twin, trunk)
    with pytest.raises(ValueError, match="day 0"):
        trunk.branch("louder")


def test_a_branch_may_switch_mechanisms() -> None:
    both = warm() | {"strategies": {"mute": {
        "mechanisms.sharing.enabled": False, "mechanisms.ads.enabled": False, "mechanisms.group_buy.enabled": False,
    }}}  # fmt: skip
    twin = Market(load(both), seed=3).warm_up().branch("mute")
    twin.run()
    assert "sharing" not in twin.schedule["evening"]
    same(lived(both, "mute"), twin)


def test_a_market_without_warm_up_branches_by_starting_anew(base: Market) -> None:
    twin = Market(load(CITY), "louder", seed=3).branch()
    twin.run()
    same(base, twin)


def test_replications_share_the_warm_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arms of a comparison branch from one warmed market, and are what single runs are."""
    made: list[str] = []
    build = Market.__init__
    monkeypatch.setattr(Market, "__init__", lambda self, *a, **k: (made.append("one"), build(self, *a, **k))[1])
    scenario = load(warm())
    arms = tuple(Arm(name, f"cell-{name}") for name in ("base", "louder", "same"))
    done = replicate(Task(scenario, arms, 3, str(tmp_path), "home"))
    assert not done.failures
    assert len(made) == 1
    store = Store(str(tmp_path), "home")
    for arm in arms:
        alone = simulate(scenario, arm.strategy, 3).summary
        assert_series_equal(store.load(arm.cell, 3, False).summary, alone, check_names=False)


def test_a_market_put_away_and_taken_out_goes_on() -> None:
    market = lived(CITY, days=20)
    twin = pickle.loads(pickle.dumps(market))
    assert not twin.network.indices.flags.writeable
    for _ in range(20):
        market.step()
        twin.step()
    same(market, twin)


# ------------------------------------------------------------------------------------------------------------ size


def test_size_is_not_the_question() -> None:
    """Outcomes per head of one scenario, stated for 24,000, at 3,000 and 24,000 consumers agree within noise (D14).

    Without group-buys: how fast strangers fill a group is a matter of how many there are.
    """
    stated = plain(market={"consumers": 24_000, "days": 40})
    for merchant in stated["merchants"]:
        merchant["plan"]["budget_per_day"] *= 25
    for tier in stated["creators"]:
        tier["followers"] *= 6
        tier["count"] *= 4
    stated["merchants"][0]["products"][1]["inventory"] = 4_000
    names = ("orders", "gmv", "impressions", "clicks", "marketing_spend", "new_buyers", "consumer_surplus")
    heads: dict[int, np.ndarray] = {}
    for n, seeds in ((3_000, range(6)), (24_000, range(2))):
        scenario = load(stated, set={"market.consumers": n, "mechanisms.group_buy.enabled": False})
        runs = [lived(scenario, seed=seed, check=False).tables()["summary"] for seed in seeds]
        heads[n] = np.array([[run[name] / n for name in names] for run in runs])
    few, many = heads[3_000], heads[24_000]
    error = few.std(axis=0, ddof=1) * np.sqrt(1 / 6 + 1 / 2)
    gap = np.abs(few.mean(axis=0) - many.mean(axis=0))
    for k, name in enumerate(names):
        assert gap[k] < 3.5 * error[k] + 0.01 * abs(many[:, k].mean()), (name, few[:, k], many[:, k])
        assert gap[k] < 0.15 * abs(many[:, k].mean()), (name, few[:, k], many[:, k])


def test_the_reference_is_what_scales() -> None:
    """The control: the same 900 people in a market stated for 3,600 have a quarter to be told with."""
    reasons, spend = [REASON[r] for r in ("ads", "slot_fee", "sample")], []
    for n in (900, 3600):
        market = lived(load(CITY, set={"market.reference_consumers": n}), days=20)
        spend.append(market.book.flow[:, reasons].sum())
    assert spend[0] > 2 * spend[1]
