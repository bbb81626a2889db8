"""What each order leaves: its price less what it cost to make, send, sell and take back.

    margin  = price - refund - goods - platform fee - freight - return freight         marketing is not in it
    goods   = unit cost;  of a returned one that was made to order: unit cost - salvage;  put back in stock: 0

What has happened is booked as the ledger has it, to the fen. Orders paid or on the way are taken at their expectation,
a share ``back`` of them returned; an order received is kept, for returns are decided at the door.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sim.state.columns import NEVER
from sim.state.records import CANCELLED, PAID, RECEIVED, RESERVED, RETURNED, SETTLED, SHIPPED


class Terms(NamedTuple):
    """Prices and costs in force from ``start`` on. Money in fen; shares 0..1. [P] unit_cost, salvage, list_price;
    [S] fee; [K] commission, and a last 0 for orders of no creator."""

    start: int
    unit_cost: np.ndarray
    salvage: np.ndarray
    list_price: np.ndarray
    fee: np.ndarray
    commission: np.ndarray
    freight: np.ndarray
    return_freight: np.ndarray
    return_days: int
    returns: np.ndarray
    """float64[P], 1, or 0 where nothing ever comes back."""
    spoilage: np.ndarray
    """float64[P], share of its cost that a unit left has lost."""


class Lines(NamedTuple):
    """Money of n orders, yuan, float64[n] each."""

    price: np.ndarray
    discount: np.ndarray
    refund: np.ndarray
    expected: np.ndarray
    """Refunds to expect of orders still open."""
    goods: np.ndarray
    fee: np.ndarray
    freight: np.ndarray
    commission: np.ndarray

    @property
    def margin(self) -> np.ndarray:
        """What the orders leave before marketing."""
        left: np.ndarray = self.price - self.refund - self.expected - self.goods - self.fee - self.freight
        return left


def terms_of(world: Any, start: int) -> Terms:
    """The money side of a world. Without the delivery mechanism there are no returns, fees or commissions."""
    scenario, products = world.scenario, world.products
    delivery, freight = scenario.mechanisms.delivery, scenario.logistics.freight
    on = float(delivery.enabled)
    return Terms(
        start=start,
        unit_cost=products.unit_cost.astype(float),
        salvage=np.rint(delivery.salvage * products.unit_cost),
        list_price=products.list_price.astype(float),
        fee=world.platforms.fee * on,
        commission=np.array([*(tier.commission * on for tier in scenario.creators), 0.0]),
        freight=products.freight.astype(float),
        return_freight=np.rint(freight * delivery.return_freight_merchant * 100) * (products.final == 0),
        return_days=int(delivery.return_days),
        returns=on * (products.final == 0),
        spoilage=np.array([p.spoilage for m in scenario.merchants for p in m.products], float),
    )


class OpenSums(NamedTuple):
    """Open orders added up, samples left out: all that their worth depends on.

    ``orders`` int64[4, P] reserved, paid, shipped, received; of the last three ``value`` fen float64[3, P, S] by
    platform and ``won`` fen float64[3, P, K + 1] by the creator credited (the last: none).
    """

    orders: np.ndarray
    value: np.ndarray
    won: np.ndarray


def open_sums(rows: np.ndarray, products: int, platforms: int, tiers: int) -> OpenSums:
    """The sums of a table's open rows."""
    orders = np.zeros((4, products), np.int64)
    value, won = np.zeros((3, products, platforms)), np.zeros((3, products, tiers + 1))
    _add_up(rows, orders, value, won)
    return OpenSums(orders, value, won)


@njit(nogil=True, cache=True)
def _add_up(rows: Any, orders: Any, value: Any, won: Any) -> None:
    for k in range(len(rows)):
        o = rows[k]
        if o.sample or o.status > RECEIVED:
            continue
        orders[o.status, o.product] += 1
        if o.status >= PAID:
            value[o.status - PAID, o.product, o.platform] += o.price
            won[o.status - PAID, o.product, o.creator] += o.price


def worth_of(sums: OpenSums, terms: Terms, back: np.ndarray, bought_at: np.ndarray, stock: np.ndarray,
             merchant: np.ndarray, cash: np.ndarray, owed: np.ndarray) -> np.ndarray:
    """Yuan of each merchant, float64[M]: ``cash`` (fen), open orders at what they will still bring, units bought and
    not sold at cost less spoilage, less what it has ``owed`` (yuan [OWED, M]).

    ``back`` float64[P]: share of orders paid or shipped that will be returned; reserved ones bring nothing before they
    are paid. ``bought_at`` fen float64[P]: what a unit in stock has cost. ``stock`` [P], negative: made to order.
    """
    brought = sums.value @ (1.0 - terms.fee) - sums.won @ terms.commission
    worth = np.zeros(len(cash))
    _worth(brought, sums.orders, back, bought_at, stock, merchant, terms.unit_cost, terms.salvage, terms.freight,
           terms.return_freight, terms.spoilage, cash, owed, worth)
    return worth


@njit(nogil=True, cache=True, _nrt=False)
def _worth(brought: Any, orders: Any, back: Any, bought_at: Any, stock: Any, merchant: Any, unit_cost: Any,
           salvage: Any, freight: Any, return_freight: Any, spoilage: Any, cash: Any, owed: Any, worth: Any) -> None:
    """Fill ``worth`` [M], zeros, from what paid, shipped and received orders bring [3, P] and how many there are."""
    for p in range(len(merchant)):
        made, to_ship, under_way = stock[p] < 0, orders[PAID, p], orders[SHIPPED, p]
        regained = (salvage[p] if made else bought_at[p]) - return_freight[p]
        due = (unit_cost[p] if made else 0.0) + freight[p]
        kept = (brought[0, p] + brought[1, p]) * (1.0 - back[p]) + brought[2, p]
        value = kept + (to_ship + under_way) * back[p] * regained - to_ship * due
        left = 0 if made else stock[p] + orders[RESERVED, p]
        worth[merchant[p]] += value + left * bought_at[p] * (1.0 - spoilage[p])
    for m in range(len(worth)):
        debt = 0.0
        for reason in range(len(owed)):
            debt += owed[reason, m]
        worth[m] = (cash[m] + worth[m]) / 100.0 - debt


def order_lines(rows: np.ndarray, versions: list[Terms], back: np.ndarray, bought_at: np.ndarray,
                made: np.ndarray) -> Lines:  # fmt: skip
    """Money of paid orders; every cost as it was on the day on which it fell due."""
    p, price, status = rows["product"], rows["price"].astype(float), rows["status"]
    starts = np.array([v.start for v in versions])
    last = len(versions) - 1

    def on(day: np.ndarray) -> np.ndarray:
        """Version in force on a day; the last one where the day has not come."""
        return np.where(day > NEVER, np.maximum(np.searchsorted(starts, day, "right") - 1, 0), last)

    sent, arrived = on(rows["shipped_day"]), on(rows["delivered_day"])
    wait = np.array([v.return_days for v in versions])[arrived]
    freed = np.where(rows["delivered_day"] > NEVER, on(rows["delivered_day"].astype(int) + wait), sent)
    came_back, settled, void = status == RETURNED, status == SETTLED, status == CANCELLED
    lost = np.where(came_back | void, 1.0, np.where(np.isin(status, (PAID, SHIPPED)), back[p], 0.0))
    unit = np.where(made[p], _table(versions, "unit_cost")[sent, p], bought_at[p])
    regained = np.where(made[p], _table(versions, "salvage")[arrived, p], unit)
    fee = price * _table(versions, "fee")[freed, rows["platform"]]
    commission = price * _table(versions, "commission")[freed, rows["creator"]]
    fee, commission = (np.where(settled, np.rint(x), x * (1.0 - lost)) for x in (fee, commission))
    freight = _table(versions, "freight")[sent, p]
    back_freight = _table(versions, "return_freight")[arrived, p]
    unused = settled & (rows["shipped_day"] == NEVER)  # a voucher that ran out and was paid for all the same
    asked = _table(versions, "list_price")[on(rows["paid_day"]), p]
    return Lines(*(fen / 100.0 for fen in (
        price, asked - price, price * (came_back | void), price * lost * ~(came_back | void),
        (unit - lost * regained) * ~(void | unused), fee, (freight + lost * back_freight) * ~(void | unused),
        commission,
    )))  # fmt: skip


def _table(versions: list[Terms], name: str) -> np.ndarray:
    return np.stack([getattr(v, name) for v in versions])
