"""Delivery on a handful of orders: what arrives, who returns, where the money goes, what people learn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from words import kept, told

from sim.contract import CHANNEL, CHANNELS, COUNT, COUNTERS, NO_TOUCH
from sim.mechanisms.delivery import Delivery
from sim.rules.experience import MEAN_SATISFACTION
from sim.scenario.parameters import (
    AssuranceParams,
    DeliveryParams,
    DishonestyParams,
    LoyaltyParams,
    ReviewParams,
)
from sim.state.columns import NEVER
from sim.state.ledger import CARRIER, CONSUMERS, ESCROW, REASON, SUPPLIER, Ledger
from sim.state.records import BILL, EXPERIENCE, ORDER, RECEIVED, RETURNED, SETTLED, SHIPPED, Orders, Table
from sim.state.team import Team
from sim.state.world import Products

KOL = CHANNEL["kol"]


def market(n: int, loyalty: dict[str, Any] | None = None, promise: float = 4, noise: tuple[float, float] = (0.1, 0.1),
           stock: int = -1) -> Any:
    """A market of ``n`` people and one product at 100 yuan (cost 40), quality .7 as expected."""
    one = np.ones(1)
    products = Products(
        key=np.array([7], np.uint64), merchant=np.zeros(1, np.int64), category=np.zeros(1, np.int64),
        list_price=np.array([10000]), unit_cost=np.array([4000]), reference=100 * one, quality=0.7 * one,
        advertised=0.7 * one, spread=noise[0] * one, fit_sd=noise[1] * one, cycle=0 * one,
        durable=np.zeros(1, np.uint8), appeal=0 * one, enters=np.zeros(1, np.int64), delivery=-one,
        freight=np.array([600]), valid=0 * one, final=np.zeros(1, np.uint8),
    )
    scenario = SimpleNamespace(
        mechanisms=SimpleNamespace(loyalty=LoyaltyParams(**(loyalty or {})), reviews=ReviewParams(),
                                   dishonesty=DishonestyParams(), assurance=AssuranceParams(),
                                   listings=SimpleNamespace(enabled=False)),
        creators=[SimpleNamespace(commission=0.2)],
        logistics=SimpleNamespace(promise_days=promise, delivery_days=0.0, freight=6.0, regions=[]),
        merchants=[SimpleNamespace(service=1.0, products=[])] * 8,
    )
    world = SimpleNamespace(
        scenario=scenario, products=products, merchants=("a",), product_names=("a.b",), platform_names=("s",),
        platforms=SimpleNamespace(fee=np.array([0.05])), known={},
    )
    return SimpleNamespace(
        seed=5, world=world, team=Team(1), tally=np.zeros((len(COUNTERS), 1, len(CHANNELS)), np.int64),
        ledger=Ledger(["a"], ["s"], ["tier"]), orders=Orders(1), bills=Table(BILL), experiences=Table(EXPERIENCE),
        expectation=kept("expectation", np.full((n, 1), 0.7)), experience=kept("experience", np.zeros((n, 1))),
        last_delivery=np.full((n, 1), NEVER, np.int16), alive=np.ones((n, 1), np.uint8),
        lapse_p=kept("lapse_p", np.full((n, 1), 0.3)), trust_good=kept("trust_good", np.full((n, 1), 3)),
        trust_bad=kept("trust_bad", np.full((n, 1), 1)), trust_day=np.zeros((n, 1), np.int16), rating_sum=np.zeros(1),
        review_count=np.zeros(1), stock=np.array([stock], np.int64),
        region=np.zeros(n, np.uint8), announced=np.full(1, NEVER, np.int16),
    )


def order(view: Any, people: Any, due: int = 3, paid: int = 0, **fields: Any) -> None:
    """Ship one order to each of ``people``; keys follow the person."""
    rows = np.zeros(len(people), ORDER)
    rows["key"] = np.array(people, np.uint64) * np.uint64(1_000_003) + np.uint64(11)
    rows["consumer"], rows["price"], rows["due_day"], rows["paid_day"] = people, 10_000, due, paid
    rows["status"], rows["creator"], rows["last_touch"], rows["delivered_day"] = SHIPPED, -1, KOL, NEVER
    for name, value in fields.items():
        rows[name] = value
    first = view.orders.append(rows)
    view.orders.due.put(rows["due_day"], np.arange(first, first + len(rows)))


def start(view: Any, **params: Any) -> Delivery:
    made = Delivery(DeliveryParams(**params))
    made.prepare(view, 0)
    return made


def billed(view: Any) -> dict[tuple[int, int, int], int]:
    found: dict[tuple[int, int, int], int] = {}
    for row in view.bills.rows:
        at = (int(row["source"]), int(row["target"]), int(row["reason"]))
        found[at] = found.get(at, 0) + int(row["fen"])
    return found


def test_nothing_arrives_early() -> None:
    view = market(2)
    order(view, [0], due=3)
    order(view, [1], due=2)
    start(view).morning(view, 2)
    assert view.orders.rows["status"][0] == SHIPPED
    assert view.orders.rows["status"][1] in (RECEIVED, RETURNED)
    assert len(view.experiences) == 1
    assert view.last_delivery[:, 0].tolist() == [NEVER, 2]


def test_yesterdays_experiences_are_cleared() -> None:
    view = market(1)
    order(view, [0])
    made = start(view)
    made.morning(view, 3)
    made.morning(view, 4)
    assert len(view.experiences) == 0


def test_the_shelf_returns_twelve_percent_and_satisfies_minus_a_fifth() -> None:
    n = 40_000
    view = market(n)
    order(view, range(n))
    start(view).morning(view, 3)
    rows = view.orders.rows
    assert abs((rows["status"] == RETURNED).mean() - 0.12) < 0.005 + 3 * (0.12 * 0.88 / n) ** 0.5
    spread = 1.5 / n**0.5
    assert abs(float(rows["satisfaction"].mean()) - MEAN_SATISFACTION) < 3 * spread
    surprise = (view.experiences.rows["quality"] - 0.7) / np.hypot(0.1, 0.1)
    assert abs(float(surprise.std()) - 1) < 0.02


def test_a_return_by_the_books() -> None:
    """Certain returns: price back, half the freight, salvage of goods made to order; nothing is ever settled."""
    view = market(3)
    order(view, [0, 1, 2])
    made = start(view, return_base=5, return_slope=0)
    made.morning(view, 3)
    back = int((view.orders.rows["status"] == RETURNED).sum())
    assert back > 0
    own = view.ledger.merchant0
    assert billed(view) == {
        (ESCROW, CONSUMERS, REASON["refund"]): back * 10_000,
        (own, CARRIER, REASON["return_freight"]): back * 300,
        (SUPPLIER, own, REASON["salvage"]): back * 2_400,
    }
    assert view.tally[COUNT["delivered"], 0, KOL] == 3
    assert view.tally[COUNT["returned"], 0, KOL] == back
    assert view.tally[COUNT["refunded"], 0, KOL] == back * 10_000
    assert view.stock[0] == -1


def test_returned_stock_goes_back_on_the_shelf() -> None:
    view = market(50, stock=0)
    order(view, range(50))
    start(view, return_base=5, return_slope=0).morning(view, 3)
    back = int((view.orders.rows["status"] == RETURNED).sum())
    assert view.stock[0] == back > 40
    assert not any(reason == REASON["salvage"] for _, _, reason in billed(view))


def test_what_is_kept_is_settled_after_the_days_of_return() -> None:
    view = market(2)
    order(view, [0, 1], creator=[-1, 0], price=[9_999, 9_999])
    made = start(view, return_base=-10, return_slope=0)
    made.morning(view, 3)
    made.morning(view, 9)
    assert len(view.bills) == 0
    made.morning(view, 10)
    own = view.ledger.merchant0
    assert (view.orders.rows["status"] == SETTLED).all()
    assert billed(view) == {
        (ESCROW, own, REASON["settlement"]): 19_998,
        (own, view.ledger.platform0, REASON["platform_fee"]): 1_000,
        (own, view.ledger.creator0, REASON["commission"]): 2_000,
    }
    assert view.tally[COUNT["settled"], 0, KOL] == 19_998


def test_samples_are_lived_through_but_never_billed() -> None:
    view = market(200)
    order(view, range(200), sample=1, price=0, last_touch=NO_TOUCH)
    made = start(view, return_base=5, return_slope=0, review_base=1)
    for day in (3, 10):
        made.morning(view, day)
        if day == 3:
            assert view.experiences.rows["sample"].all()
    assert (view.orders.rows["status"] == SETTLED).all()
    assert len(view.bills) == 0
    assert view.review_count[0] == 0
    assert view.alive.all()
    assert not view.tally.any()
    assert (view.experience != 0).any()


def test_beliefs_by_hand() -> None:
    """No noise but expectation .8 against quality .7, one day late: d is bounded at -8, hence S = -8."""
    view = market(1, promise=2, noise=(0.0, 0.0))
    view.expectation = kept("expectation", np.full_like(told(view, "expectation"), 0.8))
    view.trust_day[:] = 3
    order(view, [0], due=3)
    start(view).morning(view, 3)
    assert view.experiences.rows["quality"][0] == pytest.approx(0.68)
    assert view.orders.rows["satisfaction"][0] == -8
    assert told(view, "expectation")[0, 0] == pytest.approx(0.8 + 0.3 * (0.68 - 0.8), abs=1e-4)
    assert told(view, "experience")[0, 0] == -4
    evidence = (told(view, "trust_good")[0, 0], told(view, "trust_bad")[0, 0], view.trust_day[0, 0])
    assert evidence == (3, 3, 3)


def test_trust_fades_to_its_prior_before_it_learns() -> None:
    view = market(1, noise=(0.0, 0.0))
    view.trust_good = kept("trust_good", np.full_like(told(view, "trust_good"), 7))
    order(view, [0], due=180, paid=178)
    start(view).morning(view, 180)
    assert told(view, "trust_good")[0, 0] == pytest.approx(6, abs=2e-3)
    assert told(view, "trust_bad")[0, 0] == pytest.approx(1, abs=2e-3)


def test_lapse_follows_the_persons_own_chance() -> None:
    n = 20_000
    view = market(n, {"c_s": 0})
    order(view, range(n))
    start(view).morning(view, 3)
    assert abs((view.alive == 0).mean() - 0.3) < 3 * (0.21 / n) ** 0.5
    view = market(500, {"enabled": False})
    order(view, range(500))
    start(view).morning(view, 3)
    assert view.alive.all()


def test_reviews_count_and_stars_are_between_one_and_five() -> None:
    view = market(500)
    order(view, range(500), last_touch=NO_TOUCH)
    start(view, review_base=1).morning(view, 3)
    assert view.review_count[0] == 500
    assert 500 <= view.rating_sum[0] <= 2500
    assert view.tally[COUNT["reviews"], 0, CHANNEL["search"]] == 500


def test_draws_belong_to_the_order_not_to_the_day_or_the_crowd() -> None:
    """The same key meets the same quality whoever else is served, and on any day."""
    alone, crowd = market(50), market(50)
    order(alone, [17])
    order(crowd, range(50), due=6, paid=4)
    start(alone).morning(alone, 3)
    start(crowd).morning(crowd, 6)
    mine, theirs = alone.experiences.rows[0], crowd.experiences.rows[17]
    for field in ("key", "quality", "satisfaction", "returned"):
        assert mine[field] == theirs[field]
