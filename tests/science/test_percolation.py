"""Cascades against bond percolation, by both rules that can make them, and the shape of those of a usual market.

On a random graph of mean degree k the outbreak of one seed that tries each tie once w.p. b is large with probability S,
S = 1 - exp(-k b S), and then reaches the share S of all; below kb = 1 its mean size is 1/(1 - kb) (case V03).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import sim

GRAPH = {"kind": "networkx", "generator": "fast_gnp_random_graph"}


def one_seed_each(products: int) -> list[dict[str, Any]]:
    """So many products with one random seed each: independent cascades on one graph."""
    return [{"name": "Seller", "products": [
        {"name": f"item{k}", "category": "good", "price": 100, "durable": True, "initial_adopters": {"count": 1}}
        for k in range(products)]}]


def outbreaks(limit: Callable[..., Any], kb: float, n: int, graphs: int, products: int = 40) -> np.ndarray:
    """Final sizes, people, of graphs x products cascades of the awareness rule."""
    scenario = limit("ic", market={"consumers": n, "days": 60}, network={**GRAPH, "args": {"p": 8 / (n - 1)}},
                     mechanisms={"awareness": {"b": kb / 8}}, merchants=one_seed_each(products))
    sizes = []
    for seed in range(graphs):
        market = sim.Market(scenario, seed=seed)
        reached, before = -1, 0
        while reached != before and market.running:
            before = reached
            market.step()
            reached = int((market.state.columns["units"] > 0).sum())
        assert reached == before
        mine = [p for p, name in enumerate(market.world.product_names) if name != "Seller.item"]
        sizes.append((market.state.columns["units"] > 0).sum(axis=0)[mine])
    return np.concatenate(sizes)


@pytest.mark.parametrize(("kb", "large"), [(1.5, 0.5828), (2.0, 0.7968), (3.0, 0.9405)])
def test_outbreaks_above_the_threshold(limit: Callable[..., Any], kb: float, large: float) -> None:
    """V03: a large outbreak is as likely as it is large."""
    n = 3000
    share = outbreaks(limit, kb, n, graphs=6) / n
    big = share > 0.2
    assert ((share < 0.05) | big).all()
    error = np.sqrt(large * (1 - large) / len(share))
    assert abs(big.mean() - large) < 3 * error
    # The size of one outbreak varies by about 1 % of all; its error counts the graphs, not the cascades on one graph.
    by_graph = np.array([row[row > 0.2].mean() for row in share.reshape(6, -1)])
    assert abs(by_graph.mean() - large) < 3 * by_graph.std(ddof=1) / np.sqrt(6) + 0.002
    # A tie tried every day instead of once, or from both ends, reaches far more people than this allows.
    twice = 1 - (1 - kb / 8) ** 2
    s = 0.9
    for _ in range(200):
        s = 1 - np.exp(-8 * twice * s)
    assert s - large > 6 * by_graph.std(ddof=1) / np.sqrt(6) + 0.01


@pytest.mark.parametrize(("kb", "size"), [(0.5, 2.0), (0.8, 5.0)])
def test_outbreaks_below_the_threshold(limit: Callable[..., Any], away: Callable[..., float], kb: float,
                                       size: float) -> None:
    """V03: mean size 1/(1 - kb)."""
    sizes = outbreaks(limit, kb, 3000, graphs=8, products=60)
    assert abs(away(sizes, size)) < 3
    assert abs(away(sizes, 1 / (1 - 0.8 * kb))) > 3


def shared_trees(limit: Callable[..., Any], sharing: dict[str, Any], seed: int, days: int = 140, n: int = 4000) -> Any:
    """A market where every buyer is delighted and tells, and telling does nothing but go on: its table of shares."""
    scenario = limit(
        "nbd", market={"consumers": n, "days": days}, network={**GRAPH, "args": {"p": 8 / (n - 1)}},
        categories=[{"name": "good", "occasions_per_year": 0.5, "occasion_shape": 1000}],
        mechanisms={
            "sharing": {"enabled": True, "share_rate": 1, "bad_share_rate": 0, "attention": 0, **sharing},
            "delivery": {"enabled": True, "return_base": -10, "return_slope": 0},
        },
        merchants=[{"name": "Seller", "products": [
            {"name": "item", "quality": 0.9, "advertised_quality": 0.4, "quality_spread": 0.05}]}],
    )
    market = sim.Market(scenario, seed=seed, check=True)
    while market.running:
        market.step()
    rows = market.state.table("shares").rows
    size = np.bincount(np.where(rows["root"] < 0, np.arange(len(rows)), rows["root"]), minlength=len(rows))
    settled = (rows["parent"] < 0) & (rows["day"] < days - 40)
    return size[settled]


@pytest.mark.parametrize(("kb", "size"), [(0.5, 2.0), (0.8, 5.0)])
def test_sharing_can_percolate(limit: Callable[..., Any], away: Callable[..., float], kb: float, size: float) -> None:
    """V03 by the sharing mechanism: rule percolation passes on along each tie w.p. b."""
    sizes = np.concatenate([shared_trees(limit, {"rule": "percolation", "b": kb / 8}, seed) for seed in range(4)])
    assert len(sizes) > 1600
    assert abs(away(sizes, size)) < 3
    assert abs(away(sizes, 1 / (1 - 0.75 * kb))) > 3
