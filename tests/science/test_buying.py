"""Buying against its mathematics: NBD repeat, BG/NBD with lapse, logit shares, elasticity, IIA (V10, V11, V12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import optimize, special

YEAR = 365.25
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
WEEKS = (13, 26, 39, 52, 78)
EXPECTED = (0.534, 0.903, 1.197, 1.446, 1.861)
NONE_YET = (0.716, 0.626, 0.574, 0.538, 0.491)


def test_repeat_buying_is_nbd(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V10: penetration .560 after a quarter and .702 after two; .746 of a quarter's buyers buy in the next."""
    n = 40_000
    # A step of a quarter's 91st part, so that two quarters are 182 steps exactly.
    market = live(limit("nbd", market={"consumers": n, "days": 182, "step_length": YEAR / 4 / 91}), 1, orders=True)
    orders = market.result().orders
    first, second = (np.bincount(orders.consumer[orders.day // 91 == q], minlength=n) > 0 for q in (0, 1))
    facts = ((first.mean(), 0.560, n), (second.mean(), 0.560, n), ((first | second).mean(), 0.702, n),
             (second[first].mean(), 0.746, first.sum()))
    for share, expected, of in facts:
        assert abs(share - expected) < 3 * np.sqrt(expected * (1 - expected) / of) + 0.0005
    count = np.bincount(orders.consumer[orders.day < 91], minlength=n)
    assert abs(count.mean() - 1.456) < 3 * count.std() / np.sqrt(n)
    # Poisson buyers without heterogeneity would have reached .767 of the people.
    assert abs(first.mean() - (1 - np.exp(-1.456))) > 0.1


def repeat_orders(limit: Callable[..., Any], live: Callable[..., Any], n: int, seed: int) -> tuple[Any, Any]:
    """Consumer and week of every repeat order of the BG/NBD limit."""
    orders = live(limit("bgnbd", market={"consumers": n}), seed, orders=True).result().orders
    return orders.consumer.to_numpy(), (orders.day + orders.hour / 24).to_numpy() / 7


def test_lapse_is_bg_nbd(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V11: mean repeat orders and the share without any, at five horizons; refitting finds the parameters again."""
    n = 20_000
    who, week = repeat_orders(limit, live, n, 2)
    for t, mean, none in zip(WEEKS, EXPECTED, NONE_YET, strict=True):
        x = np.bincount(who[week <= t], minlength=n)
        assert abs(x.mean() - mean) < 3 * x.std() / np.sqrt(n), (t, x.mean(), mean)
        assert abs((x == 0).mean() - none) < 3 * np.sqrt(none * (1 - none) / n), (t, (x == 0).mean(), none)
    # A fresh lapse chance at every order would give .50, 1.14, 1.36 at 13, 52, 78 weeks: refuted at 52.
    x = np.bincount(who[week <= 52], minlength=n)
    assert x.mean() - 1.14 > 6 * x.std() / np.sqrt(n)
    fitted, error = refit(who, week, n, 39.0)
    assert (np.abs(fitted - list(CDNOW.values())) < 2 * error).all(), (fitted, error)


def refit(who: Any, week: Any, n: int, horizon: float) -> tuple[Any, Any]:
    """Maximum likelihood r, alpha, a, b of Fader, Hardie & Lee (2005) and their standard errors."""
    seen = week <= horizon
    x = np.bincount(who[seen], minlength=n).astype(float)
    last = np.zeros(n)
    np.maximum.at(last, who[seen], week[seen])

    def loss(theta: Any) -> float:
        r, alpha, a, b = np.exp(theta)
        base = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
        alive = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + horizon)
        gone = special.betaln(a + 1, b + np.maximum(x, 1) - 1) - special.betaln(a, b) - (r + x) * np.log(alpha + last)
        return -float((base + np.where(x > 0, np.logaddexp(alive, gone), alive)).mean())

    start = np.log(list(CDNOW.values()))
    best = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
    step = 1e-3
    hessian = np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            e, f = step * np.eye(4)[i], step * np.eye(4)[j]
            hessian[i, j] = (loss(best.x + e + f) - loss(best.x + e - f) - loss(best.x - e + f) + loss(best.x - e - f))
    hessian /= 4 * step**2
    error = np.sqrt(np.diag(np.linalg.inv(hessian)) / n)
    return np.exp(best.x), np.exp(best.x) * error


def bought(market: Any) -> dict[str, int]:
    """Units by product."""
    return dict(market.products.set_index("product")["sold"])


def considered(market: Any) -> int:
    """Occasions: every one considers product ``one``."""
    from sim.contract import COUNT

    p = list(market.world.product_names).index("Seller.one")
    return int(market.book.tally[:, COUNT["considered"], p].sum())


def test_shares_are_softmax(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V12: equal prices and V = 0, .5, -.5 against not buying at 0."""
    market = live(limit("logit"), 4)
    sold, occasions = bought(market), considered(market)
    assert abs(occasions - 5000 * 120 * 52 / YEAR) < 3 * np.sqrt(5000 * 120 * 52 / YEAR)
    law = np.exp([0.0, 0.5, -0.5]) / (1 + np.exp([0.0, 0.5, -0.5]).sum())
    share = np.array([sold[name] for name in ("one", "two", "three")]) / occasions
    error = np.sqrt(law * (1 - law) / occasions)
    assert (np.abs(share - law) < 3 * error).all(), share
    # Lasting tastes of spread 1 are another law, and the test sees it.
    other = live(limit("logit", mechanisms={"choice": {"taste_spread": 1}}), 4)
    share = np.array([bought(other)[name] for name in ("one", "two", "three")]) / considered(other)
    assert (np.abs(share - law) > 3 * error).any()


def test_elasticity_is_minus_a_p_one_minus_share(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V12: -a_p p (1 - P) for the own price and a_p p P for the others, at p = reference price."""

    def at(price: float) -> dict[str, int]:
        product = {"name": "one", "price": price}
        return bought(live(limit("logit", merchants=[{"name": "Seller", "products": [product]}]), 6))

    low, high = at(97), at(103)
    own = np.log(high["one"] / low["one"]) / np.log(103 / 97)
    cross = np.log(high["two"] / low["two"]) / np.log(103 / 97)
    # The draws are paired: the error is that of the buyers who moved, one in eight.
    error = 1.2 * np.sqrt(abs(high["one"] - low["one"])) / high["one"] / np.log(103 / 97)
    share = 0.2350
    assert abs(own + 2.7 * (1 - share)) < 3 * error
    assert abs(cross - 2.7 * share) < 3 * error
    assert abs(own + 2.7) > 3 * error


def test_ratio_of_two_ignores_the_third(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V12, independence of irrelevant alternatives: e^.5 with and without the third product."""
    unknown = [{"name": "Seller", "products": [{"name": "three", "initial": {"aware": 0}}]}]
    for changes in ({}, {"merchants": unknown}):
        sold = bought(live(limit("logit", **changes), 8))
        ratio, error = np.log(sold["two"] / sold["one"]), np.sqrt(1 / sold["two"] + 1 / sold["one"])
        assert abs(ratio - 0.5) < 3 * error
        assert error < 0.02
    assert sold["three"] == 0


@pytest.mark.slow
def test_lapse_holds_in_other_worlds(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """V11 again over four seeds: the mean at 52 weeks, where the error is then half."""
    n = 20_000
    x = np.concatenate([np.bincount(who[week <= 52], minlength=n)
                        for who, week in (repeat_orders(limit, live, n, seed) for seed in (20, 21, 22, 23))])
    assert abs(x.mean() - 1.446) < 3 * x.std() / np.sqrt(len(x))
