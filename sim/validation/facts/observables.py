"""What is observed of a run: a metric by its name, or one of the formulas below.

Each gives numerator and denominator; over replications both are summed, so that rare events weigh as they should.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.experiments.result import RunResult

Pair = tuple[float, float]
COMPLAINT = -1.0
"""A delivery of this satisfaction or less counts as a complaint: a standard deviation and more below expectation."""
PROMOTER, DETRACTOR = 0.5, -0.5
"""Five stars or more, three or fewer: 4 + S rounded."""


def observe(run: RunResult, name: str) -> Pair:
    """Numerator and denominator of the observable ``name`` in ``run``; a metric has denominator 1."""
    return OBSERVABLES[name](run) if name in OBSERVABLES else (run.outcome(name), 1.0)


def _channel(run: RunResult, column: str, *channels: str) -> float:
    table = run.channels.set_index("channel")[column]
    return float(table.loc[list(channels)].sum())


def _per(above: str, below: str) -> Callable[[RunResult], Pair]:
    """One metric over another."""
    return lambda run: (run.outcome(above), run.outcome(below))


def buys(channel: str) -> Callable[[RunResult], Pair]:
    """Orders by last touch for an exposure in a channel."""
    return lambda run: (_channel(run, "orders_last_touch", channel), _channel(run, "impressions", channel))


def buys_of_clicks(channel: str) -> Callable[[RunResult], Pair]:
    """Orders by last touch for a click in a channel."""
    return lambda run: (_channel(run, "orders_last_touch", channel), _channel(run, "clicks", channel))


def clicked_orders(run: RunResult) -> Pair:
    """Orders that began with a click, for a view: click rate times conversion of clicks."""
    return run.outcome("click_to_order") * run.outcome("clicks"), run.outcome("impressions")


def sold_through(channel: str) -> Callable[[RunResult], Pair]:
    """Share of GMV whose last touch was the channel."""
    return lambda run: (_channel(run, "gmv_last_touch", channel), run.outcome("gmv"))


def first_met_through_people(run: RunResult) -> Pair:
    """Share of orders whose first touch was a creator's post or a consumer's note."""
    return _channel(run, "orders_first_touch", "kol", "koc"), _channel(run, "orders_first_touch", *run.channels.channel)


def consumers_content(run: RunResult) -> Pair:
    """Share of views of posts that were consumers' notes, not creators' posts."""
    return _channel(run, "impressions", "koc"), _channel(run, "impressions", "koc", "kol")


def pushes_read(run: RunResult) -> Pair:
    """Messages of the community read, a member of the last day."""
    return _channel(run, "impressions", "community"), run.outcome("community_count")


def members_of_people(run: RunResult) -> Pair:
    """Members for each consumer."""
    return run.outcome("member_count"), float(run.meta["consumers"])


def buyers_of_people(run: RunResult) -> Pair:
    """Buyers won for each consumer."""
    return run.outcome("new_buyers"), float(run.meta["consumers"])


def sharers(run: RunResult) -> Pair:
    """First shares, not those passed on, for an order."""
    return run.outcome("shares") * (1.0 - run.outcome("reproduction")), run.outcome("orders")


def _delivered(run: RunResult) -> np.ndarray:
    if run.orders is None:
        raise ValueError("this observable needs the orders of a run")
    met = run.orders.loc[run.orders["delivered_day"] >= 0, "satisfaction"]
    return np.asarray(met, float)


def complaints(run: RunResult) -> Pair:
    """Share of deliveries a standard deviation and more below what was expected."""
    met = _delivered(run)
    return float((met <= COMPLAINT).sum()), float(len(met))


def net_promoters(run: RunResult) -> Pair:
    """Share of five stars less share of three and fewer, among deliveries."""
    met = _delivered(run)
    return float((met >= PROMOTER).sum() - (met < DETRACTOR).sum()), float(len(met))


def last_month(run: RunResult) -> Pair:
    """GMV of the last 30 days, all merchants of the run being one (the focal merchant)."""
    return float(run.daily["gmv"].tail(30).sum()), 1.0


def unsold(run: RunResult) -> Pair:
    """Units left of those ever had."""
    return run.outcome("stock_left"), run.outcome("stock_left") + run.outcome("orders")


def won_by_ads(run: RunResult) -> Pair:
    """Ad spend for a buyer whose last touch was an ad."""
    return run.outcome("ads_spend"), _channel(run, "new_buyers", "ads")


OBSERVABLES: dict[str, Callable[[RunResult], Pair]] = {
    "orders per view, friends": buys("friend"),
    "orders per view, ads": buys("ads"),
    "orders per click, notes": buys_of_clicks("koc"),
    "orders per click, ads": buys_of_clicks("ads"),
    "orders by click, per view": clicked_orders,
    "GMV share of live": sold_through("live"),
    "GMV share of search": sold_through("search"),
    "first met through people": first_met_through_people,
    "consumers' share of posts seen": consumers_content,
    "pushes read per member": pushes_read,
    "members per consumer": members_of_people,
    "buyers per consumer": buyers_of_people,
    "first shares per order": sharers,
    "complaints per delivery": complaints,
    "net promoter score": net_promoters,
    "GMV of the last 30 days": last_month,
    "units unsold": unsold,
    "referred per new buyer": _per("referred_buyers", "new_buyers"),
    "referred per invitation": _per("referred_buyers", "invitations"),
    "rewards per referred buyer": _per("referral_rewards", "referred_buyers"),
    "ad spend per buyer won by ads": won_by_ads,
    "commissions per yuan sold": _per("distribution_commissions", "gmv"),
    "margin per yuan sold": _per("order_margin", "gmv"),
}
"""Formulas by name."""
NEED_ORDERS = ("complaints per delivery", "net promoter score")
"""Observables that read single orders."""
