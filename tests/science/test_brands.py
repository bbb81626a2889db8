"""Rich-get-richer and brand choice: the Polya urn and the NBD-Dirichlet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

import sim

M, K, S = 1.456, 0.779, 1.49
MARKET = {"Colgate": 0.25, "Macleans": 0.19, "CloseUp": 0.10, "Signal": 0.10, "Ultrabrite": 0.09, "Gibbs": 0.08,
          "Boots": 0.03, "Sainsbury": 0.02, "others": 0.14}
"""Toothpaste: purchases a quarter, their Gamma shape, Dirichlet concentration, market shares (1984)."""


def urn(limit: Callable[..., Any], worlds: int, draws: int, names: list[str], **changes: Any) -> np.ndarray:
    """float64[worlds, products], final counts of the urn."""
    products = [{"name": n, "category": "good", "price": 100} for n in names]
    scenario = limit("polya", market={"consumers": draws, "days": draws},
                     merchants=[{"name": "Seller", "products": products}], **changes)
    counts = []
    for seed in range(worlds):
        market = sim.Market(scenario, seed=seed)
        while market.running:
            market.step()
        counts.append(market.state.columns["sold"].copy())
    return np.array(counts, float)


def test_shares_of_an_urn_are_uniform(limit: Callable[..., Any]) -> None:
    """Two products, one buyer a step: the first one's count after n draws is uniform on 0..n, over worlds."""
    worlds, draws = 120, 100
    count = urn(limit, worlds, draws, ["left", "right"])
    assert (count.sum(axis=1) == draws).all()
    share = count[:, 0] / draws
    law = (draws + 2) / draws / 12
    error = law * np.sqrt(0.8 / worlds)
    assert abs(share.var() - law) < 3 * error
    assert abs(share.mean() - 0.5) < 3 * np.sqrt(law / worlds)
    assert stats.kstest((count[:, 0] + 0.5) / (draws + 1), "uniform").pvalue > 0.01
    # Without popularity every draw is a fair coin: variance 1/(4n), thirty times less.
    fair = urn(limit, 20, draws, ["left", "right"], platforms=[{"name": "market", "theta_pop": 0}])[:, 0] / draws
    assert fair.var() < law - 3 * error


@pytest.mark.slow
def test_shares_of_four_are_beta(limit: Callable[..., Any]) -> None:
    """Four products: each final share is Beta(1, 3), of variance 3/80."""
    worlds, draws = 100, 120
    share = urn(limit, worlds, draws, ["left", "right", "up", "down"]) / draws
    law = 3 / 80 * (draws + 4) / draws
    by_product = share.var(axis=0)
    # The fourth central moment of Beta(1, 3) is 3.1 times the squared variance.
    assert abs(by_product.mean() - law) < 3 * law * np.sqrt(2.1 / worlds)
    assert stats.kstest(share[:, 0], stats.beta(1, 3).cdf).pvalue > 0.01


def none_of(share: float, days: int) -> float:
    """Chance to buy nothing in ``days`` of brands that together have ``share`` of the market: closed form."""
    n = np.arange(400)
    mean = M * days / (365.25 / 4)
    nbd = stats.nbinom.pmf(n, K, K / (K + mean))
    rest = S * (1 - share)
    log = special.gammaln(rest + n) - special.gammaln(rest) - special.gammaln(S + n) + special.gammaln(S)
    return float((nbd * np.exp(log)).sum())


def test_brands_are_nbd_dirichlet(limit: Callable[..., Any], live: Callable[..., Any]) -> None:
    """Shares, penetrations, purchases a buyer (double jeopardy) and duplication of purchase, against closed forms."""
    n, days = 40_000, 91
    units = live(limit("dirichlet", market={"consumers": n, "days": days}), 7).state.columns["units"]
    names = [name.split(".")[1] for name in sorted(f"Seller.{b}" for b in MARKET)]
    bought = {name: units[:, p].astype(float) for p, name in enumerate(names)}
    total = sum(bought.values())
    rate = {}
    for name, share in MARKET.items():
        mine = bought[name]
        off = mine - share * total
        assert abs(off.mean()) < 3 * off.std() / np.sqrt(n), name
        b = 1 - none_of(share, days)
        assert abs((mine > 0).mean() - b) < 3 * np.sqrt(b * (1 - b) / n), name
        rate[name] = mine[mine > 0].mean()
        law = share * M * days / (365.25 / 4) / b
        assert abs(rate[name] - law) < 3 * mine[mine > 0].std() / np.sqrt((mine > 0).sum()), name
    assert rate["Colgate"] > rate["CloseUp"] > rate["Sainsbury"]
    for one, other in (("Colgate", "Macleans"), ("Colgate", "Signal"), ("CloseUp", "Gibbs")):
        a, b = MARKET[one], MARKET[other]
        both = 1 - none_of(a, days) - none_of(b, days) + none_of(a + b, days)
        seen = ((bought[one] > 0) & (bought[other] > 0)).mean()
        assert abs(seen - both) < 3 * np.sqrt(both * (1 - both) / n), (one, other)
        # Choosing anew each time without lasting tastes would duplicate far more.
        assert both < 0.8 * indifferent(a, b, days)


def indifferent(a: float, b: float, days: int) -> float:
    """Duplication of two brands when everybody chooses by the market shares."""

    def none(share: float) -> float:
        return float((1 + share * M * days / (365.25 / 4) / K) ** -K)

    return 1 - none(a) - none(b) + none(a + b)
