"""Rich get richer, and brands: the Polya urn, the NBD-Dirichlet, and worlds with and without popularity (V15)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, limit, live, mean, share
from sim.validation.laws import dirichlet_none, nbd_none

SHELF = Shelf()
M, K, S = 1.456, 0.779, 1.49
DAYS = 91
PURCHASES = M * DAYS / (365.25 / 4)
MARKET = {"Colgate": 0.25, "Macleans": 0.19, "CloseUp": 0.10, "Signal": 0.10, "Ultrabrite": 0.09, "Gibbs": 0.08,
          "Boots": 0.03, "Sainsbury": 0.02, "others": 0.14}
"""Toothpaste: purchases a quarter, their Gamma shape, Dirichlet concentration, market shares (1984)."""


def urn(worlds: int, draws: int, names: list[str], **changes: Any) -> np.ndarray:
    """float64[worlds, products], final counts of the urn."""
    from sim.market import Market

    products = [{"name": n, "category": "good", "price": 100} for n in names]
    scenario = limit("polya", market={"consumers": draws, "days": draws},
                     merchants=[{"name": "Seller", "products": products}], **changes)
    counts = []
    for seed in range(worlds):
        market = Market(scenario, seed=seed, check=False)
        while market.running:
            market.step()
        counts.append(market.state.columns["sold"].copy())
    return np.array(counts, float)


@SHELF.put("polya", "A feed by sales alone is a Polya urn", "Eggenberger & Polya 1923")
def polya(quick: bool) -> Finding:
    """Two equal products, one buyer a step, shown in proportion to 1 + sales: the final share is uniform over worlds,
    of variance (n + 2)/(12 n). Four products: Beta(1, 3). Without popularity every draw is a fair coin."""
    worlds, draws = (60, 60) if quick else (120, 100)
    count = urn(worlds, draws, ["left", "right"])
    part = count[:, 0] / draws
    law = (draws + 2) / draws / 12
    error = 3 * law * np.sqrt(0.8 / worlds)
    fit = stats.kstest((count[:, 0] + 0.5) / (draws + 1), "uniform").pvalue
    fair = urn(12, draws, ["left", "right"], platforms=[{"name": "market", "theta_pop": 0}])[:, 0] / draws
    checks = [
        Check("draws a world", draws, float(count.sum(axis=1).mean()), 0),
        Check("mean share", 0.5, float(part.mean()), 3 * np.sqrt(law / worlds)),
        Check("variance of the share", law, float(part.var()), error),
        Check("Kolmogorov-Smirnov against uniform, p", 0.01, float(fit), 0.0, "above"),
        Check("variance without popularity, 1/4n", law, float(fair.var()), error, "far"),
    ]
    if not quick:
        four = urn(100, 120, ["left", "right", "up", "down"]) / 120
        beta = 3 / 80 * 124 / 120
        # The fourth central moment of Beta(1, 3) is 3.1 times the squared variance.
        checks += [Check("four products: variance of a share", beta, float(four.var(axis=0).mean()),
                         3 * beta * np.sqrt(2.1 / 100)),
                   Check("four products: Kolmogorov-Smirnov against Beta(1, 3), p", 0.01,
                         float(stats.kstest(four[:, 0], stats.beta(1, 3).cdf).pvalue), 0.0, "above")]
    ordered = np.sort(part)
    curves = [Curve("uniform", [0, 1], [0, 1], law=True),
              Curve("share over worlds", ordered, (np.arange(worlds) + 0.5) / worlds),
              Curve("without popularity", np.sort(fair), (np.arange(12) + 0.5) / 12)]
    return Finding(f"limits/polya: {draws} buyers in turn, {worlds} worlds", checks,
                   Picture("final share of the first product", "share of worlds below", curves))


@SHELF.put("dirichlet", "Brands are NBD-Dirichlet: double jeopardy and duplication",
           "Goodhardt, Ehrenberg & Chatfield 1984")
def dirichlet(quick: bool) -> Finding:
    """Nine toothpastes in a quarter: market shares, penetrations, purchases a buyer (small brands have fewer buyers who
    also buy less often) and duplication between pairs, each against its closed form."""
    n = 40_000 if quick else 80_000
    units = live(limit("dirichlet", market={"consumers": n, "days": DAYS}), 7).state.columns["units"]
    names = [name.split(".")[1] for name in sorted(f"Seller.{b}" for b in MARKET)]
    bought = {name: units[:, p].astype(float) for p, name in enumerate(names)}
    total = sum(bought.values())

    def none_of(part: float) -> float:
        return dirichlet_none(part, PURCHASES, K, S)

    checks, rates, reach = [], {}, {}
    for name, part in MARKET.items():
        mine = bought[name]
        off = mine - part * total
        b = 1 - none_of(part)
        checks += [Check(f"{name}: purchases beyond its share", 0.0, float(off.mean()), 3 * float(off.std()) / n**0.5),
                   share(f"{name}: penetration", b, mine > 0),
                   mean(f"{name}: purchases a buyer", part * PURCHASES / b, mine[mine > 0])]
        rates[name], reach[name] = checks[-1].observed, checks[-2].observed
    for big, small in (("Colgate", "CloseUp"), ("Colgate", "Boots")):
        checks.append(Check(f"{big}'s buyers buy oftener than {small}'s", 0, rates[big] - rates[small], 0, "above"))
    for one, other in (("Colgate", "Macleans"), ("Colgate", "Signal"), ("CloseUp", "Gibbs")):
        a, b = MARKET[one], MARKET[other]
        both = 1 - none_of(a) - none_of(b) + none_of(a + b)
        alike = 1 - nbd_none(a * PURCHASES, K) - nbd_none(b * PURCHASES, K) + nbd_none((a + b) * PURCHASES, K)
        seen = (bought[one] > 0) & (bought[other] > 0)
        found = share(f"buy both {one} and {other}", both, seen)
        checks += [found, Check(f"{one} and {other}, if tastes did not last", alike, found.observed, found.tolerance,
                                "far")]
    grid = np.linspace(0.01, 0.28, 50)
    curves = [Curve("NBD-Dirichlet", [1 - none_of(g) for g in grid],
                    [g * PURCHASES / (1 - none_of(g)) for g in grid], law=True),
              Curve("brands", [reach[b] for b in MARKET], [rates[b] for b in MARKET])]
    return Finding(f"limits/dirichlet: {n:,} people, a quarter", checks,
                   Picture("penetration", "purchases a buyer", curves))


def gini(counts: np.ndarray) -> float:
    """Gini coefficient of float64[products]."""
    x = np.sort(counts)
    n = len(x)
    return float(2 * (np.arange(1, n + 1) * x).sum() / (n * x.sum()) - (n + 1) / n)


@SHELF.put("V15", "Popularity cues raise inequality and unpredictability",
           "Salganik, Dodds & Watts 2006: 14,341 people, 48 songs, 8 worlds", kind="published")
def music_lab(quick: bool) -> Finding:
    """Twelve items of unlike appeal in eight worlds, shown in proportion to (1 + sales)^theta. With theta = .5 and 1,
    against 0: the Gini of sales and the gap between worlds are higher, and higher for the stronger cue (p < .01); the
    best item is rarely among the worst. Published are the signs, not the sizes."""
    worlds, draws, items = 8, 300 if quick else 600, 12
    appeal = np.linspace(-1.5, 1.5, items)
    names = ["left", "right", *(f"item{k:02d}" for k in range(2, items))]  # the preset has the first two
    products = [{"name": n, "category": "good", "price": 100, "appeal": float(v)}
                for n, v in zip(names, appeal, strict=True)]
    from sim.market import Market

    ginis: dict[float, np.ndarray] = {}
    gaps: dict[float, np.ndarray] = {}
    last = 0
    for theta in (0.0, 0.5, 1.0):
        scenario = limit("polya", market={"consumers": draws, "days": draws},
                         platforms=[{"name": "market", "theta_pop": theta}],
                         mechanisms={"choice": {"outside": True, "a_p": 1e-3, "impulse_appeal": 0}},
                         merchants=[{"name": "Seller", "products": products}])
        counts = []
        for seed in range(worlds):
            market = Market(scenario, seed=seed, check=False)
            while market.running:
                market.step()
            sold = market.products.set_index("product")["sold"]
            counts.append([float(sold[n]) for n in names])
        parts = np.array(counts) / np.array(counts).sum(axis=1, keepdims=True)
        ginis[theta] = np.array([gini(row) for row in parts])
        gaps[theta] = np.array([np.abs(parts[i] - parts[j]).mean() for i in range(worlds) for j in range(i)])
        last += int((parts.argsort(axis=1).argsort(axis=1)[:, -1] < items // 3).sum())
    checks = []
    for weak, strong in ((0.0, 0.5), (0.5, 1.0)):
        for what, values in (("Gini", ginis), ("gap between worlds", gaps)):
            p = stats.mannwhitneyu(values[strong], values[weak], alternative="greater").pvalue
            checks += [Check(f"{what}: theta {strong:g} against {weak:g}", 0.0,
                             float(values[strong].mean() - values[weak].mean()), 0.0, "above"),
                       Check(f"{what}: p, theta {strong:g} against {weak:g}", 0.01, float(p), 0.0, "below")]
    checks.append(Check("worlds in which the best ends in the last third, of 24", 4, last, 0, "below"))
    at = list(ginis)
    curves = [Curve("Gini of sales", at, [float(g.mean()) for g in ginis.values()],
                    [2 * float(g.std(ddof=1)) / worlds**0.5 for g in ginis.values()]),
              Curve("gap between worlds x 10", at, [10 * float(g.mean()) for g in gaps.values()])]
    return Finding(f"limits/polya with buying by appeal: 12 items, {draws} people in turn, 8 worlds", checks,
                   Picture("weight of popularity, theta", "inequality, unpredictability", curves))
