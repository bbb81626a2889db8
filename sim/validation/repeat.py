"""Buying again against its mathematics: NBD, conditional trends, BG/NBD with lapse (V10, V11)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, limit, live, mean, share, standard_error
from sim.validation.laws import YEAR, bgnbd_fit, bgnbd_mean, bgnbd_pmf, nbd_none

SHELF = Shelf()
M, K = 1.456, 0.779
CDNOW = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
WEEKS = (13, 26, 39, 52, 78)
EXPECTED = (0.534, 0.903, 1.197, 1.446, 1.861)
NONE_YET = (0.716, 0.626, 0.574, 0.538, 0.491)


@SHELF.put("V10", "Needs are NBD: penetration and repeat buying", "Ehrenberg 1988; Goodhardt & Chatfield 1973")
def nbd(quick: bool) -> Finding:
    """Penetration .560 after a quarter, .702 after two; .746 of a quarter's buyers buy in the next. Who bought x times
    in one quarter buys M(K + x)/(K + M) times in the next (conditional trend): who bought nothing buys .508 times."""
    n = 20_000 if quick else 60_000
    # A step of a quarter's 91st part, so that two quarters are 182 steps exactly.
    market = live(limit("nbd", market={"consumers": n, "days": 182, "step_length": YEAR / 4 / 91}), 1, orders=True)
    orders = market.result().orders
    first, second = (np.bincount(orders.consumer[orders.day // 91 == q], minlength=n) for q in (0, 1))
    buyers = first > 0
    checks = [
        share("penetration, first quarter", 0.560, buyers),
        share("penetration, second quarter", 0.560, second > 0),
        share("penetration, two quarters", 0.702, buyers | (second > 0)),
        share("repeat buyers", 0.746, second[buyers] > 0),
        mean("purchases a quarter", M, first),
    ]
    checks = [Check(c.what, c.expected, c.observed, c.tolerance + 0.0005) for c in checks]  # three decimals are given
    seen, errors = [], []
    for x in range(6):
        group = second[first == x]
        checks.append(mean(f"next purchases of who bought {x}", M * (K + x) / (K + M), group))
        seen.append(float(group.mean()))
        errors.append(2 * standard_error(group))
    checks.append(Check("penetration if all had one rate", 1 - np.exp(-M), checks[0].observed, 0.1, "far"))
    checks.append(Check("next purchases of who bought 0, if nothing were learned from it", M, seen[0], 0.1, "far"))
    at = np.arange(6)
    curves = [Curve("M(K + x)/(K + M)", at, M * (K + at) / (K + M), law=True), Curve("observed", at, seen, errors)]
    return Finding(f"limits/nbd: {n:,} people, two quarters", checks,
                   Picture("purchases in one quarter", "mean purchases in the next", curves))


def repeat_orders(n: int, seed: int) -> tuple[Any, Any]:
    """Consumer and week of every repeat order of the BG/NBD limit."""
    orders = live(limit("bgnbd", market={"consumers": n}), seed, orders=True).result().orders
    return orders.consumer.to_numpy(), (orders.day + orders.hour / 24).to_numpy() / 7


@SHELF.put("V11", "Lapse makes repeat buying BG/NBD, as at CDNOW", "Fader, Hardie & Lee 2005")
def lapse(quick: bool) -> Finding:
    """With CDNOW's parameters: mean repeat orders .534 to 1.861 and the share without any .716 to .491 after 13 to 78
    weeks; the whole distribution at 39 weeks; maximum likelihood on the first 39 weeks finds r, alpha, a, b again
    within 2 standard errors. A fresh lapse chance at every order would give 1.14 at 52 weeks."""
    n, seeds = 20_000, (2,) if quick else (2, 20, 21, 40, 41, 42)
    parts = [repeat_orders(n, seed) for seed in seeds]
    who = np.concatenate([w + k * n for k, (w, _) in enumerate(parts)])
    week = np.concatenate([t for _, t in parts])
    n *= len(seeds)
    checks, seen, errors = [], [], []
    for t, expected, none in zip(WEEKS, EXPECTED, NONE_YET, strict=True):
        x = np.bincount(who[week <= t], minlength=n)
        found = mean(f"repeat orders, {t} weeks", expected, x)
        checks += [Check(found.what, expected, found.observed, found.tolerance + 0.0005),
                   share(f"without any, {t} weeks", none, x == 0)]
        seen.append(found.observed)
        errors.append(found.tolerance * 2 / 3)
    year = np.bincount(who[week <= 52], minlength=n)
    checks.append(Check("52 weeks, if the chance to lapse were drawn anew", 1.14, float(year.mean()),
                        6 * standard_error(year), "far"))
    x = np.bincount(who[week <= 39], minlength=n)
    checks += [share(f"exactly {k} in 39 weeks", bgnbd_pmf(k, 39, **CDNOW), x == k) for k in (1, 2, 3)]
    last = np.zeros(n)
    np.maximum.at(last, who[week <= 39], week[week <= 39])
    fitted, error, _ = bgnbd_fit(x.astype(float), last, 39.0, np.array(list(CDNOW.values())))
    checks += [Check(f"{name}, fitted again", true, float(f), 2 * float(e))
               for (name, true), f, e in zip(CDNOW.items(), fitted, error, strict=True)]
    grid = np.linspace(1, 78, 60)
    curves = [Curve("BG/NBD", grid, [bgnbd_mean(t, **CDNOW) for t in grid], law=True),
              Curve("observed", WEEKS, seen, errors)]
    return Finding(f"limits/bgnbd: {n:,} people, 78 weeks", checks,
                   Picture("weeks", "mean repeat orders", curves))


@SHELF.put("nbd-law", "The two closed forms agree with the published figures",
           "Ehrenberg 1988; Fader, Hardie & Lee 2005")
def closed_forms(quick: bool) -> Finding:
    """The formulas of this room give the figures printed in the papers: no engine, a test of the ruler."""
    ours = [bgnbd_mean(t, **CDNOW) for t in WEEKS]
    checks = [Check("NBD penetration, a quarter", 0.560, 1 - nbd_none(M, K), 0.0005),
              Check("NBD penetration, two quarters", 0.702, 1 - nbd_none(2 * M, K), 0.0005),
              *(Check(f"BG/NBD mean, {t} weeks", e, o, 0.001) for t, e, o in zip(WEEKS, EXPECTED, ours, strict=True)),
              *(Check(f"BG/NBD without any, {t} weeks", e, bgnbd_pmf(0, t, **CDNOW), 0.001)
                for t, e in zip(WEEKS, NONE_YET, strict=True))]
    curves = [Curve("printed", WEEKS, EXPECTED, law=True), Curve("formula", WEEKS, ours)]
    return Finding("no market", checks, Picture("weeks", "mean repeat orders", curves))
