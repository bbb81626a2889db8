"""One product in several places: touched here, ordered there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from city import CITY, lived, same

import sim
from sim.contract import CHANNEL
from sim.rules.listings import Listed, best_listing

SEARCH, ADS = CHANNEL["search"], CHANNEL["ads"]
GREEN, BLACK = "merchants.Leaf.products.green.", "merchants.Leaf.products.black."
HERE = {"name": "notes"}
PLAIN = {"mechanisms.listings.brand_search": 0, "merchants.Leaf.plan.group": None}


def city(**changes: Any) -> sim.Scenario:
    """The city with changes by path, dots written as two underscores."""
    return sim.load(CITY, set=PLAIN | {key.replace("__", "."): value for key, value in changes.items()})


def orders_of(market: Any, product: str) -> np.ndarray:
    """Paid orders of a product of Leaf."""
    rows = market.state.table("orders").rows
    p = market.world.product_names.index(f"Leaf.{product}")
    return rows[(rows["product"] == p) & (rows["sample"] == 0) & (rows["paid_day"] >= 0)]


@pytest.mark.jitoff
@pytest.mark.parametrize(
    ("here", "click", "a", "friction", "won"),
    [
        (0, True, 9.0, 0.0, 0),    # a click takes what is in place, however dear
        (0, False, 3.0, 0.5, 1),   # 20 % of the reference price less, worth .6, against a friction of .5
        (0, False, 2.0, 0.5, 0),   # worth .4 only
        (2, True, 2.0, 0.5, 1),    # not in place: the best elsewhere
        (2, False, 0.1, 0.5, 0),   # who hardly minds the price goes where it is sooner
    ],
)  # fmt: skip
def test_which_listing(here: int, click: bool, a: float, friction: float, won: int) -> None:
    listed = Listed(np.array([0, 2]), np.array([0, 1]), np.array([6000, 5000]), np.array([0.0, 0.05]), friction)
    found, beside = best_listing(0, here, click, a, 5000.0, listed)
    assert found == won
    assert beside == pytest.approx([0.0, 0.05][won] + (0.0 if here == won else friction))


def test_a_product_without_listings_is_sold_where_people_are() -> None:
    a, b = lived(city(), days=20), lived(city(mechanisms__listings__enabled=False), days=20)
    same(b, a)


def test_it_is_ordered_where_it_is_listed() -> None:
    """Seen on both, sold on one: clicks elsewhere cost the friction, and with more of it fewer come over."""
    free, dear = (lived(city(**{GREEN + "listings": [HERE], "mechanisms.listings.friction": f})) for f in (0.0, 4.0))
    for market in (free, dear):
        assert {market.world.platform_names[s] for s in orders_of(market, "green")["platform"]} == {"notes"}
    assert len(orders_of(dear, "green")) < 0.8 * len(orders_of(free, "green"))


def test_a_cheaper_listing_is_taken_by_those_whom_the_price_moves() -> None:
    """On a need, whoever is elsewhere comes over exactly when her sensitivity makes up for the friction."""
    friction, low, high, ref = 0.8, 40.0, 55.0, 50.0
    market = lived(city(**{GREEN + "price": high, GREEN + "listings": [HERE, {"name": "film", "price": low}],
                           "mechanisms.listings.friction": friction, "mechanisms.occasions.impulse": False}))
    rows = orders_of(market, "green")
    a = market.scenario.mechanisms.choice.a_p * np.asarray(market.consumers.frame()["sensitivity"])[rows["consumer"]]
    on_film = rows["platform"] == market.world.platform_names.index("film")
    assert set(rows["price"][on_film].tolist()) == {int(low * 100)}
    assert set(rows["price"][~on_film].tolist()) == {int(high * 100)}
    moved = a * (high - low) / ref > friction
    assert (~moved).any()
    assert on_film[moved].all(), "all who mind the price buy there"
    assert not on_film[~moved].all()


def test_a_discount_holds_in_every_place() -> None:
    market = lived(city(**{GREEN + "price": 50, GREEN + "listings": [HERE, {"name": "film", "price": 40}],
                           "merchants.Leaf.plan.discount": 0.1}))
    assert set(orders_of(market, "green")["price"].tolist()) <= {4500, 3600}


def test_a_nearer_warehouse_delivers_sooner() -> None:
    market = lived(city(**{GREEN + "listings": [HERE, {"name": "film", "delivery_days": 1}],
                           "logistics.delivery_days": 6, "logistics.promise_days": 7,
                           "mechanisms.listings.friction": 0}))
    rows = orders_of(market, "green")
    rows = rows[rows["delivered_day"] >= 0]
    took = (rows["delivered_day"] - rows["shipped_day"]).astype(float)
    near = rows["platform"] == market.world.platform_names.index("film")
    assert took[near].mean() == pytest.approx(1, abs=0.3)
    assert took[~near].mean() == pytest.approx(6, abs=0.8)
    assert near.mean() > 0.6, "who is in doubt takes the sooner one"


def test_what_is_seen_in_one_place_is_looked_up_in_another() -> None:
    """Ads on a feed that does not sell: look-ups on the shelf that does, credited to search by last touch."""
    places = {GREEN + "listings": [HERE], BLACK + "listings": [HERE], "platforms.notes.feed": {"search": 1},
              "platforms.film.feed": {"ads": 1}, "merchants.Leaf.plan.mix": {"ads": 1}}  # fmt: skip
    with_it, without = (lived(city(**places | {"mechanisms.listings.brand_search": q})) for q in (0.05, 0.0))
    looked = [m.book.tally[:, 1, :, SEARCH].sum() for m in (with_it, without)]
    assert looked[0] > 1.1 * looked[1]
    assert len(orders_of(with_it, "green")) > len(orders_of(without, "green"))
    film, notes = (with_it.world.platform_names.index(s) for s in ("film", "notes"))
    crossed = with_it.state.columns["crossed"].sum(axis=2)
    assert crossed[:, film].sum() == 0
    assert crossed[film, notes] > 0
    credited = with_it.book.tally[:, 6, :, SEARCH].sum()
    assert credited > without.book.tally[:, 6, :, SEARCH].sum()


def test_creators_elsewhere_draw_people_to_the_shop() -> None:
    """All creators post on film; the tea is sold on notes."""
    shop = {GREEN + "listings": [HERE], BLACK + "listings": [HERE], "creators.*.platform": "film",
            "merchants.Leaf.plan.mix": {"kol": 1}, "mechanisms.listings.brand_search": 0.02}  # fmt: skip
    with_it, without = (lived(city(**shop | {"merchants.Leaf.plan.budget_per_day": yuan})) for yuan in (300, 0))
    film, notes = (with_it.world.platform_names.index(s) for s in ("film", "notes"))
    kol, came, sold = (
        [m.book.tally[:, 0, :, CHANNEL["kol"]].sum() for m in (with_it, without)],
        [m.state.columns["crossed"][film, notes].sum() for m in (with_it, without)],
        [len(orders_of(m, "green")) for m in (with_it, without)],
    )
    assert kol[0] > kol[1]
    assert came[0] > came[1]
    assert sold[0] > sold[1]


def test_the_crossings_are_orders() -> None:
    market = lived(city(**{GREEN + "listings": [HERE, {"name": "film", "price": 42}]}))
    paid = orders_of(market, "green")
    crossed, gmv = (market.state.columns[c] for c in ("crossed", "crossed_gmv"))
    assert 0 < crossed.sum() <= len(paid)
    assert 0 < gmv.sum() <= paid["price"].sum()
    by_place = np.bincount(paid["platform"], minlength=2)
    assert (crossed.sum(axis=(0, 2)) <= by_place).all()
    table = market.tables()["crossings"]
    assert sum(table["orders"]) == crossed.sum()
