"""Choice against its mathematics: logit shares, elasticities, independence of a third product (V12)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, limit, live
from sim.validation.laws import YEAR

SHELF = Shelf()
NAMES = ("one", "two", "three")
VALUE = np.array([0.0, 0.5, -0.5])
SHARES = np.exp(VALUE) / (1 + np.exp(VALUE).sum())
MEAN_OCCASIONS = 5000 * 120 * 52 / YEAR


def bought(market: Any) -> np.ndarray:
    """float64[3], units of the three products."""
    units = market.products.set_index("product")["sold"]
    return np.array([units[name] for name in NAMES], float)


def considered(market: Any) -> int:
    """Occasions: every one considers product ``one``."""
    from sim.contract import COUNT

    p = list(market.world.product_names).index("Seller.one")
    return int(market.book.tally[:, COUNT["considered"], p].sum())


@SHELF.put("V12.shares", "Shares of choice are softmax", "McFadden 1974")
def shares(quick: bool) -> Finding:
    """V = 0, .5, -.5 against not buying at 0: shares .2350, .3875, .1425 of all occasions."""
    market = live(limit("logit"), 4)
    occasions = considered(market)
    found = bought(market) / occasions
    error = 3 * np.sqrt(SHARES * (1 - SHARES) / occasions)
    other = live(limit("logit", mechanisms={"choice": {"taste_spread": 1}}), 4)
    mixed = bought(other) / considered(other)
    checks = [Check("occasions", MEAN_OCCASIONS, occasions, 3 * np.sqrt(MEAN_OCCASIONS)),
              *(Check(f"share of {name}", law, got, e)
                for name, law, got, e in zip(NAMES, SHARES.tolist(), found.tolist(), error.tolist(), strict=True)),
              Check("largest gap, in tolerances, with lasting tastes of spread 1", 0.0,
                    float(np.abs((mixed - SHARES) / error).max()), 1.0, "far")]
    curves = [Curve("softmax", range(3), SHARES, law=True), Curve("observed", range(3), found, error * 2 / 3),
              Curve("with lasting tastes", range(3), mixed)]
    return Finding("limits/logit: 5,000 people, 120 days of weekly needs", checks,
                   Picture("product", "share of occasions", curves, NAMES))


@SHELF.put("V12.elasticity", "Elasticities are -a p (1 - P) and a p P", "McFadden 1974")
def elasticity(quick: bool) -> Finding:
    """At the reference price a = 2.7: own elasticity -2.7 (1 - .235) = -2.066, cross 2.7 x .235 = .635, by an arc from
    97 to 103 on common draws."""

    def at(price: float) -> np.ndarray:
        product = {"name": "one", "price": price}
        return bought(live(limit("logit", merchants=[{"name": "Seller", "products": [product]}]), 6))

    prices = (97, 103) if quick else (80, 90, 97, 103, 110, 120)
    sold = {price: at(price) for price in prices}
    low, high = sold[97], sold[103]
    arc = np.log(high / low) / np.log(103 / 97)
    # The draws are paired: the error is that of the buyers who moved, one in eight.
    error = 3 * 1.2 * np.sqrt(abs(high[0] - low[0])) / high[0] / np.log(103 / 97)
    checks = [Check("own elasticity", -2.7 * (1 - SHARES[0]), float(arc[0]), error),
              Check("cross elasticity of the second", 2.7 * SHARES[0], float(arc[1]), error),
              Check("own elasticity, if shares did not matter", -2.7, float(arc[0]), error, "far")]
    grid = np.linspace(78, 122, 45)
    v = np.exp(2.7 - 2.7 * grid / 100)
    law = v / (1 + v + np.exp(VALUE[1:]).sum())
    curves = [Curve("logit", grid, law, law=True),
              Curve("observed", prices, [s[0] / MEAN_OCCASIONS for s in sold.values()])]
    return Finding("limits/logit at several prices of the first product, same draws", checks,
                   Picture("price of the first product, yuan", "its share of occasions", curves))


@SHELF.put("V12.iia", "The ratio of two ignores a third", "McFadden 1974, independence of irrelevant alternatives")
def irrelevant(quick: bool) -> Finding:
    """Two : one = e^.5 with the third product on sale and without it."""
    unknown = [{"name": "Seller", "products": [{"name": "three", "initial": {"aware": 0}}]}]
    checks, seen, errors = [], [], []
    for what, changes in (("with the third", {}), ("without", {"merchants": unknown})):
        sold = bought(live(limit("logit", **changes), 8))
        seen.append(float(np.log(sold[1] / sold[0])))
        errors.append(3 * float(np.sqrt(1 / sold[1] + 1 / sold[0])))
        checks.append(Check(f"ln(two/one) {what}", 0.5, seen[-1], errors[-1]))
    checks += [Check("sales of the third when nobody knows it", 0, float(sold[2]), 0),
               Check("tolerance is sharp", 0.06, errors[-1], 0.0, "below")]
    curves = [Curve("law", range(2), [0.5, 0.5], law=True), Curve("observed", range(2), seen, errors)]
    return Finding("limits/logit, the third product known to all or to nobody", checks,
                   Picture("third product", "ln(two / one)", curves, ("on sale", "unknown")))
