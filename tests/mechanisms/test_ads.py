"""The traffic market: second-price revenue, price and demand, budgets, targeting, and what silence costs nobody."""

from __future__ import annotations

from types import SimpleNamespace as NS
from typing import Any

import numpy as np
import pytest
from words import dense, kept, scratch_of, told

from sim.contract import CHANNEL, CHANNELS
from sim.mechanisms.ads import Ads, _offer, ladder
from sim.rng import Stream, day_key, entity_key, name_key, uniform
from sim.rules.auction import clear, lowest_level
from sim.scenario.parameters import AdParams
from sim.scenario.tactics import AdTactics
from sim.state.columns import NEVER
from sim.state.records import BILL, Table

ADS = CHANNEL["ads"]


# -------------------------------------------------------------------------------------------------------- the rule


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_second_price_revenue_is_n_minus_1_over_n_plus_1(n: int) -> None:
    """Bids U(0,1), one slot: E[second highest] = (n-1)/(n+1), within four standard errors of 4000 auctions."""
    auctions = 4000
    base = np.uint64(day_key(1, Stream.ADS, n))
    keys = [np.uint64(entity_key(base, np.uint64(a))) for a in range(auctions)]
    bids = np.array([[uniform(key, np.uint64(b)) for b in range(n)] for key in keys])
    one, plenty = np.ones(n), np.full(n, np.inf)
    revenue = []
    for bid in bids:
        got, price = clear(bid, one, one, plenty, 1.0)
        assert got.argmax() == bid.argmax()
        revenue.append(float((got * price).sum()))
    spread = np.std(revenue) / np.sqrt(auctions)
    assert abs(np.mean(revenue) - (n - 1) / (n + 1)) < 4 * spread


def test_the_price_is_what_the_next_one_would_have_had_to_bid() -> None:
    score = np.array([3.0, 8.0, 5.0])
    ctr = np.array([1.0, 2.0, 0.5])
    got, price = clear(score, ctr, np.array([10.0, 4.0, 3.0]), np.full(3, np.inf), 10.0)
    np.testing.assert_allclose(got, [3.0, 4.0, 3.0])
    np.testing.assert_allclose(price, [0.0, 5.0 / 2.0, 3.0 / 0.5])


def test_nobody_pays_above_the_bid_or_the_budget() -> None:
    base = np.uint64(day_key(3, Stream.ADS, 0))
    for a in range(200):
        who = np.uint64(entity_key(base, np.uint64(a)))
        u = np.array([uniform(who, np.uint64(k)) for k in range(32)])
        bid, ctr, wanted, budget = u[:8], 0.01 + u[8:16], 100 * u[16:24], 20 * u[24:]
        got, price = clear(bid * ctr, ctr, wanted, budget, 150.0)
        assert (price <= bid + 1e-12).all()
        assert (got * price <= budget + 1e-9).all()
        assert (got <= wanted + 1e-12).all()
        assert got.sum() <= 150.0 + 1e-9


def test_the_lowest_level_ranks_above_enough_slots() -> None:
    score, taken = np.array([1.0, 2.0, 4.0]), np.array([10.0, 10.0, 10.0])
    assert lowest_level(score, taken, 30.0, 5.0) == (1.0, 10.0)
    assert lowest_level(score, taken, 30.0, 15.0) == (2.0, 20.0)
    assert lowest_level(score, taken, 30.0, 100.0) == (4.0, 30.0)
    assert lowest_level(score, taken, 30.0, 1e9) == (4.0, 30.0)


def test_the_ladder_has_the_median_and_the_spread_it_was_given() -> None:
    rungs = ladder(2001, 60.0, 0.6)
    assert np.median(rungs) == pytest.approx(6.0)
    assert np.log(rungs).std() == pytest.approx(0.6, rel=0.01)


# --------------------------------------------------------------------------------------------------- the mechanism


def market(
    purses: list[int], tactics: list[AdTactics] | None = None, n: int = 4000, params: AdParams | None = None,
    slots: float = 2.0,
) -> tuple[Ads, Any]:
    """One platform, two segments, one product a merchant; ``purses`` in fen."""
    count = len(purses)
    tactics = tactics or [AdTactics(target="broad")] * count
    key = np.array([name_key(f"m{m}", "p") for m in range(count)], np.uint64)
    merchants = [NS(name=f"m{m}", plan=NS(ads=t)) for m, t in enumerate(tactics)]
    mechanisms = NS(clicks=NS(ctr0=0.04, relevance_weight=1.0), visits=NS(fatigue_effect=0.5))
    i = np.arange(n)
    segment = (i % 2).astype(np.uint8)
    base = np.uint64(day_key(5, Stream.INTEREST, 0))
    fit = np.array([uniform(base, np.uint64(k)) for k in range(n)])
    world = NS(
        products=NS(key=key, merchant=np.arange(count), category=np.zeros(count, np.int64),
                    enters=np.zeros(count, np.int64)),
        platforms=NS(activity=np.full((1, 2), 0.8), part=np.array([[slots, 0.0, 0.0, 0.0, 0.0]])),
        affinity=np.zeros((2, 1)), merchants=tuple(m.name for m in merchants), segments=("young", "old"),
        platform_names=("feed",), product_names=tuple(f"m{m}.p" for m in range(count)),
        cell_key=np.array([[[name_key("cell", f"m{m}", c) for c in CHANNELS] for m in range(count)]], np.uint64),
        scenario=NS(merchants=merchants, mechanisms=mechanisms),
    )
    view = NS(
        seed=7, world=world, id=i.astype(np.uint64), segment=segment,
        visited=np.ones(n, np.uint32),
        fit=kept("fit", np.clip(0.4 + 0.2 * segment + 0.4 * (fit - 0.5), 0.0, 1.0)[:, None]),
        fatigue=kept("fatigue", np.zeros(n)), stock=np.full(count, -1), ad_load=np.ones(1),
        closed_until=np.full(count, NEVER), ad_shown=np.zeros((1, 2, count), np.int64),
        ledger=NS(merchant0=5, platform0=5 + count), orders_of=[NS(ads=t) for t in tactics],
        purse=np.zeros((count, len(CHANNELS)), np.int64), ad_mean=np.zeros((1, 2, count)),
        ad_price=np.zeros((1, 2, count)), bills=Table(BILL),
    )
    view.purse[:, ADS] = purses
    ads = Ads(params or AdParams())
    ads.prepare(view, 0)
    return ads, view


def live(ads: Ads, view: Any, day: int = 0) -> Any:
    """One day; the scratch of its only block."""
    n, products = len(view.id), len(view.world.product_names)
    scratch = scratch_of(products, 1, 2)
    ads.morning(view, day)
    ads.block(view, day, 0, n, scratch)
    view.ad_shown = scratch.ad_shown
    ads.evening(view, day)
    return NS(seen=dense(scratch.shown, n, products), ad_shown=scratch.ad_shown)


def price_of(view: Any, p: int = 0) -> float:
    won = view.ad_mean[:, :, p]
    return float((won * view.ad_price[:, :, p]).sum() / won.sum())


def test_more_money_after_the_same_slots_costs_more() -> None:
    prices = []
    for purse in (1000, 5_000, 15_000, 30_000):
        ads, view = market([purse])
        live(ads, view)
        prices.append(price_of(view))
    assert prices == sorted(prices)
    assert prices[-1] > 1.5 * prices[0] > 0


def test_a_rival_makes_ads_dearer() -> None:
    ads, alone = market([10_000])
    live(ads, alone)
    ads, both = market([10_000, 20_000])
    live(ads, both)
    assert price_of(both) > price_of(alone)


@pytest.mark.parametrize("purse", [1, 100, 5_000, 10_000_000])
def test_budgets_hold_and_what_is_not_spent_stays(purse: int) -> None:
    ads, view = market([purse, 3_000])
    for day in range(5):
        granted = view.purse[:, ADS].copy()
        view.bills.grew(0)
        live(ads, view, day)
        spent = np.array([view.bills.rows["fen"][view.bills.rows["merchant"] == m].sum() for m in (0, 1)])
        assert (spent <= granted).all()
        np.testing.assert_array_equal(view.purse[:, ADS], granted - spent)
        assert (view.bills.rows["target"] == view.ledger.platform0).all()
    assert view.purse[1, ADS] < 3_000
    if purse == 10_000_000:
        assert view.purse[0, ADS] > 0


def test_a_bid_set_by_the_market_spends_the_day_s_budget() -> None:
    ads, view = market([8_000], n=6000)
    live(ads, view)
    assert view.purse[0, ADS] < 0.15 * 8_000


def test_a_bid_below_everybody_wins_nothing() -> None:
    ads, view = market([8_000], [AdTactics(bid=0.01, target="broad")])
    scratch = live(ads, view)
    assert scratch.seen.sum() == 0
    assert view.purse[0, ADS] == 8_000


def test_without_an_ads_budget_nothing_changes() -> None:
    """The promise to minimally different worlds: a merchant with an empty purse leaves no trace."""
    ads, alone = market([6_000])
    ads_two, other = market([6_000, 0])
    for day in range(3):
        first, second = live(ads, alone, day), live(ads_two, other, day)
        np.testing.assert_array_equal(first.seen[:, 0], second.seen[:, 0])
        assert second.seen[:, 1].sum() == 0
    assert alone.purse[0, ADS] == other.purse[0, ADS]
    ads, silent = market([0])
    assert live(ads, silent).seen.sum() == 0
    assert len(silent.bills) == 0


def test_the_order_of_merchants_does_not_matter() -> None:
    ads, view = market([6_000, 6_000])
    live(ads, view)
    assert view.ad_price[0, 0, 0] == pytest.approx(view.ad_price[0, 0, 1], rel=1e-6)
    assert view.ad_mean[0, 0, 0] == pytest.approx(view.ad_mean[0, 0, 1], rel=1e-6)


def test_segments_are_targeted_alone_and_interest_finds_the_fitting() -> None:
    ads, view = market([6_000], [AdTactics(target="segment", segments=["old"])])
    scratch = live(ads, view)
    assert scratch.ad_shown[0, 0, 0] == 0
    assert scratch.ad_shown[0, 1, 0] > 0
    reached = {}
    for target in ("broad", "interest"):
        ads, view = market([6_000], [AdTactics(target=target)])
        k = live(ads, view).seen[:, 0, ADS].astype(float)
        reached[target] = float((k * told(view, "fit")[:, 0]).sum() / k.sum())
    assert reached["interest"] > reached["broad"] + 0.01


def test_people_who_stay_away_see_nothing_and_a_sold_out_product_is_not_advertised() -> None:
    ads, view = market([6_000, 6_000])
    view.visited[:2000] = 0
    view.stock[1] = 0
    scratch = live(ads, view)
    assert scratch.seen[:2000].sum() == 0
    assert scratch.seen[2000:, 0].sum() > 0
    assert scratch.seen[:, 1].sum() == 0
    assert view.purse[1, ADS] == 6_000


def test_shown_is_as_many_as_bought() -> None:
    """Realised impressions are Poisson around what was won."""
    ads, view = market([9_000], n=20_000)
    view.visited[:] = np.arange(20_000) % 5 > 0
    scratch = live(ads, view)
    visits = 20_000 * 0.8
    expected = float((view.ad_mean[0, :, 0] * visits / 2).sum())
    assert abs(scratch.ad_shown.sum() - expected) < 5 * np.sqrt(expected)
    assert scratch.seen[:, :, ADS].sum() == scratch.ad_shown.sum()


def test_the_tired_open_less_and_fewer_slots_are_on_offer() -> None:
    """visits = a n (1 - phi mean F), slots = visits x ad slots x load; nobody is tired in the second segment."""
    segment, fatigue = np.array([0, 0, 1], np.uint8), np.array([65535, 32768, 0], np.uint16)
    visits, slots, cells = np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2, 1))
    _offer(segment, fatigue, np.array([2.0, 1.0]), np.array([[0.5, 0.8]]), 0.4, np.array([10.0]), np.array([1.5]),
           np.array([[1.0], [0.5]]), visits, slots, cells)  # fmt: skip
    mean = (1.0 + 32768 / 65535) / 2
    expected = [0.5 * (1.0 - 0.4 * mean) * 2.0, 0.8]
    assert visits[0].tolist() == pytest.approx(expected)
    assert slots[0].tolist() == pytest.approx([15.0 * v for v in expected])
    assert cells[0, :, 0].tolist() == pytest.approx([15.0 * expected[0], 7.5 * expected[1]])
