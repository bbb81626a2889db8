"""Cascades against bond percolation and branching processes, by both rules that can make them (V03, V04).

The outbreak of one seed that tries each tie once w.p. b is an open cluster of bond percolation. On a random graph of
mean degree k it is large with probability S = 1 - exp(-k b S) and then reaches the share S of all; below the threshold
its mean size is 1/(1 - kb). Other degrees have other laws (sim.validation.laws).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, dots, limit, mean, share, standard_error
from sim.validation.laws import giant_mixed, giant_poisson, giant_regular, tree_sizes

SHELF = Shelf()
RANDOM = {"kind": "networkx", "generator": "fast_gnp_random_graph"}


def outbreaks(network: dict[str, Any], b: float, n: int, graphs: int, products: int = 40) -> np.ndarray:
    """float64[graphs, products], final sizes in people of independent cascades of the awareness rule."""
    from sim.market import Market

    items = [{"name": f"item{k}", "category": "good", "price": 100, "durable": True, "initial_adopters": {"count": 1}}
             for k in range(products)]
    scenario = limit("ic", market={"consumers": n, "days": 120}, mechanisms={"awareness": {"b": b}},
                     merchants=[{"name": "Seller", "products": items}]).with_set({"network": network})
    sizes = []
    for seed in range(graphs):
        market = Market(scenario, seed=seed, check=False)
        reached, before = -1, 0
        while reached != before and market.running:
            before = reached
            market.step()
            reached = int((market.state.columns["units"] > 0).sum())
        if reached != before:
            raise RuntimeError("a cascade still ran after 120 steps")
        mine = [p for p, name in enumerate(market.world.product_names) if name != "Seller.item"]
        sizes.append((market.state.columns["units"] > 0).sum(axis=0)[mine])
    return np.array(sizes, float)


def large(what: str, law: float, sizes: np.ndarray, n: int, cut: float = 0.2) -> list[Check]:
    """Checks of how often an outbreak is large and how large it then is.

    The size of one outbreak varies little; its error counts the graphs, not the cascades on one graph.
    """
    big = sizes / n > cut
    by_graph = np.array([row[row / n > cut].mean() / n for row in sizes])
    slack = 3 * standard_error(by_graph) + 0.002
    return [share(f"{what}: chance of a large outbreak", law, big.ravel()),
            Check(f"{what}: its size, share of all", law, float(by_graph.mean()), slack)]


@SHELF.put("V03.random", "Outbreaks on a random graph", "Newman 2002; Kempe, Kleinberg & Tardos 2003")
def random_graph(quick: bool) -> Finding:
    """kb = 1.5, 2, 3: chance and size of a large outbreak .5828, .7968, .9405. kb = .5, .8: mean size 2 and 5."""
    n, graphs = 3000, 5 if quick else 8
    network = {**RANDOM, "args": {"p": 8 / (n - 1)}}
    checks: list[Check] = []
    seen: list[tuple[float, float]] = []
    for kb, expected in ((1.5, 0.5828), (2.0, 0.7968), (3.0, 0.9405)):
        sizes = outbreaks(network, kb / 8, n, graphs)
        checks += large(f"kb {kb:g}", expected, sizes, n)
        # A tie tried every day instead of once, or from both ends, reaches far more people.
        twice = giant_poisson(8, 1 - (1 - kb / 8) ** 2)
        checks.append(Check(f"kb {kb:g}: size if each tie were tried twice", twice, checks[-1].observed, 0.01, "far"))
        seen.append((kb, checks[-1].observed))
    for kb, size in ((0.5, 2.0), (0.8, 5.0)):
        sizes = outbreaks(network, kb / 8, n, 12, products=60).ravel()
        checks.append(mean(f"kb {kb:g}: mean size, people", size, sizes))
        checks.append(mean(f"kb {kb:g}: mean size if b were a fifth smaller", 1 / (1 - 0.8 * kb), sizes, "far"))
        seen.append((kb, sizes.mean() / n))
    grid = np.linspace(0.4, 3.2, 57)
    curves = [Curve("percolation", grid, [giant_poisson(8, kb / 8) for kb in grid], law=True),
              dots(sorted(seen))]
    return Finding(f"limits/ic on random graphs of {n:,} people, mean degree 8", checks,
                   Picture("mean degree x b", "share of all in a large outbreak", curves))


@SHELF.put("V03.regular", "Everybody with four ties", "Newman 2002, equations 10 to 13; threshold b = 1/3")
def regular(quick: bool) -> Finding:
    """On a random regular graph u = (1 - b + bu)^3 and S = 1 - (1 - b + bu)^4 is large, and nothing is
    below b = 1/3, where the mean size is 1 + 4b/(1 - 3b). A random graph of the same mean degree has another law."""
    n, graphs = 3000, 4 if quick else 8
    network = {"kind": "networkx", "generator": "random_regular_graph", "args": {"d": 4}}
    checks: list[Check] = []
    seen = []
    for b in (0.45, 0.6):
        sizes = outbreaks(network, b, n, graphs)
        law = giant_regular(4, b)
        checks += large(f"b {b:g}", law, sizes, n)
        checks.append(Check(f"b {b:g}: size if degrees were Poisson", giant_poisson(4, b), checks[-1].observed,
                            checks[-1].tolerance, "far"))
        seen.append((b, checks[-1].observed))
    sizes = outbreaks(network, 0.2, n, graphs, products=60).ravel()
    # Below the threshold: 1 + 4b/(1 - 3b).
    checks.append(mean("b 0.2: mean size, people", 1 + 4 * 0.2 / (1 - 3 * 0.2), sizes))
    seen.append((0.2, sizes.mean() / n))
    grid = np.linspace(0.15, 0.7, 45)
    curves = [Curve("percolation", grid, [giant_regular(4, b) for b in grid], law=True),
              dots(sorted(seen))]
    return Finding(f"limits/ic on random 4-regular graphs of {n:,} people", checks,
                   Picture("b", "share of all in a large outbreak", curves))


@SHELF.put("V03.hubs", "A few hubs lower the threshold", "Newman 2002; Chung & Lu 2002; threshold b = <w>/<w^2>")
def hubs(quick: bool) -> Finding:
    """One person in ten expects 38 ties, the others 2: mean degree 5.6, threshold b = .0378 instead of .179. At b = .1,
    below the threshold of a random graph of that degree, large outbreaks happen as often and reach as far as the law
    of mixed degrees says."""
    n, graphs = 3000, 6 if quick else 12
    weights = np.where(np.arange(n) % 10 == 0, 38.0, 2.0)
    network = {"kind": "networkx", "generator": "expected_degree_graph",
               "args": {"w": weights.tolist(), "selfloops": False}}
    checks: list[Check] = []
    seen = []
    for b in (0.1, 0.25):
        sizes = outbreaks(network, b, n, graphs)
        law = giant_mixed(weights, b)
        cut = 0.3 * law
        checks += large(f"b {b:g}", law, sizes, n, cut)
        seen.append((b, checks[-1].observed))
        checks.append(Check(f"b {b:g}: size if all had the mean degree", giant_poisson(5.6, b), checks[-1].observed,
                            checks[-1].tolerance, "far"))
    grid = np.linspace(0.01, 0.3, 59)
    curves = [Curve("with hubs", grid, [giant_mixed(weights, b) for b in grid], law=True),
              Curve("same mean degree, no hubs", grid, [giant_poisson(5.6, b) for b in grid], law=True),
              dots(seen)]
    return Finding(f"limits/ic on Chung-Lu graphs of {n:,} people, a tenth of them hubs", checks,
                   Picture("b", "share of all in a large outbreak", curves))


def shared_trees(network: dict[str, Any], sharing: dict[str, Any], seed: int, days: int = 140,
                 n: int = 4000) -> np.ndarray:
    """Sizes of the settled share trees of a market where every buyer is delighted and tells, and telling does nothing
    but go on: so seeds are rare and independent, and trees meet only by chance."""
    from sim.market import Market

    scenario = limit(
        "nbd", market={"consumers": n, "days": days}, network=network,
        categories=[{"name": "good", "occasions_per_year": 0.5, "occasion_shape": 1000}],
        mechanisms={
            "sharing": {"enabled": True, "share_rate": 1, "bad_share_rate": 0, "attention": 0, **sharing},
            "delivery": {"enabled": True, "return_base": -10, "return_slope": 0},
        },
        merchants=[{"name": "Seller", "products": [
            {"name": "item", "quality": 0.9, "advertised_quality": 0.4, "quality_spread": 0.05}]}],
    )
    market = Market(scenario, seed=seed, check=True)
    while market.running:
        market.step()
    rows = market.state.table("shares").rows
    size = np.bincount(np.where(rows["root"] < 0, np.arange(len(rows)), rows["root"]), minlength=len(rows))
    settled = (rows["parent"] < 0) & (rows["day"] < days - 40)
    return np.asarray(size[settled], float)


@SHELF.put("V03.sharing", "Sharing by its percolation rule", "Newman 2002, by the mechanism sharing")
def sharing_percolates(quick: bool) -> Finding:
    """Rule percolation passes on along each tie w.p. b: trees on a random graph of mean degree 8 have the mean size
    1/(1 - kb), 2 at kb = .5 and 5 at kb = .8."""
    n, seeds = 4000, range(4 if quick else 8)
    network = {**RANDOM, "args": {"p": 8 / (n - 1)}}
    checks: list[Check] = []
    seen = []
    for kb, size in ((0.5, 2.0), (0.8, 5.0)):
        sizes = np.concatenate([shared_trees(network, {"rule": "percolation", "b": kb / 8}, s) for s in seeds])
        checks.append(mean(f"kb {kb:g}: mean size", size, sizes))
        checks.append(mean(f"kb {kb:g}: mean size if b were a quarter smaller", 1 / (1 - 0.75 * kb), sizes, "far"))
        seen.append((kb, float(sizes.mean()), 2 * standard_error(sizes)))
    grid = np.linspace(0.2, 0.85, 40)
    curves = [Curve("1/(1 - kb)", grid, 1 / (1 - grid), law=True), dots(seen)]
    return Finding(f"limits/nbd with sharing, {n:,} people, {len(seeds)} runs", checks,
                   Picture("mean degree x b", "mean people in a tree", curves))


@SHELF.put("V04", "Sharing makes a branching process of mean R",
           "Otter 1949, Dwass 1969; Borel in the limit of many ties")
def branching(quick: bool) -> Finding:
    """R = .35 with 20 ties each: P(alone) = (1 - R/20)^20 = .7025 (Borel's e^-R = .7047), mean size 1/(1 - R) = 1.538,
    whatever the degree, and 1 - mean^-1 = R of all nodes have a parent. (The list's case is
    referral, V04.referral; the mathematics is that of any normalised passing on.)"""
    n, seeds, reach, ties = 4000, range(4 if quick else 8), 0.35, 20
    network = {"kind": "networkx", "generator": "random_regular_graph", "args": {"d": ties}}
    flat = {"reach_per_share": reach}
    sizes = np.concatenate([shared_trees(network, flat, seed, days=120) for seed in seeds])
    law = tree_sizes(ties, ties - 1, reach, 12)
    spread = (reach**2 * (1 - reach / (ties - 1)) / (1 - reach) + reach * (1 - reach / ties)) / (1 - reach) ** 2
    checks = [
        share("trees of one", float(law[1]), sizes == 1),
        share("trees of two", float(law[2]), sizes == 2),
        share("trees of five or more", float(1 - law[:5].sum()), sizes >= 5),
        mean("mean size", 1 / (1 - reach), sizes),
        Check("variance of sizes", spread, float(sizes.var(ddof=1)), 3 * standard_error((sizes - sizes.mean()) ** 2)),
        mean("mean size if R were .28", 1 / (1 - 0.28), sizes, "far"),
    ]
    at = np.arange(1, 9)
    seen = [float((sizes == k).mean()) for k in at]
    curves = [Curve("Dwass", at, law[1:9], law=True),
              Curve("observed", at, seen, [2 * np.sqrt(p * (1 - p) / len(sizes)) for p in seen])]
    return Finding(f"limits/nbd with sharing at R = .35, {n:,} people with 20 ties each, {len(seeds)} runs", checks,
                   Picture("people in a tree", "share of trees", curves))
