"""Adoption against its mathematics: Bass well mixed and on networks, talk among contacts, thresholds (V01, V02)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, limit, live
from sim.validation.laws import bass_path

SHELF = Shelf()
P, Q, STEPS = 0.003, 0.038, 100
NETWORKS = {
    "ER200": ("fast_gnp_random_graph", {"p": 200 / 4999}, 6.7, 2),
    "ER10": ("fast_gnp_random_graph", {"p": 10 / 4999}, 7.1, 12),
    "BA3": ("barabasi_albert_graph", {"m": 3}, 7.3, 12),
    "WS.1": ("watts_strogatz_graph", {"k": 6, "p": 0.1}, 7.7, 12),
    "ring": ("watts_strogatz_graph", {"k": 6, "p": 0.0}, 7.9, 12),
}
"""Generator, its arguments, the years until half of 5,000 people have adopted (case V02), runs."""


@SHELF.put("V01", "Bass diffusion, everybody meets everybody", "Bass 1969; Rand & Rust 2011")
def bass(quick: bool) -> Finding:
    """The mean path follows the recursion F + (1-F)(1-exp(-(p+qF))) at every step within .005, one run within .035;
    .3228 after 5 years and .8050 after 10. The differential equation (.3312, .8128) is another law at this step."""
    runs = 20 if quick else 50
    orders = [live(limit("bass"), seed).result().daily["orders"].to_numpy() for seed in range(runs)]
    paths = np.concatenate([np.zeros((runs, 1)), np.cumsum(orders, axis=1) / 10_000], axis=1)
    law, found, years = bass_path(P, Q, STEPS), paths.mean(axis=0), np.arange(STEPS + 1) / 10
    faults = {
        "looks at the end of the step": law[1:],
        "q a tenth larger": bass_path(P, 1.1 * Q, STEPS)[:-1],
        "p a tenth smaller": bass_path(0.9 * P, Q, STEPS)[:-1],
    }
    checks = [
        Check("F after 5 years", 0.3228, float(found[50]), 0.005),
        Check("F after 10 years", 0.8050, float(found[100]), 0.005),
        Check("largest gap to the recursion", 0.0, float(np.abs(found - law).max()), 0.005),
        Check("largest gap of one run", 0.0, float(np.abs(paths[0] - law).max()), 0.035),
        *(Check(f"gap if the model {name}", 0.0, float(np.abs(found[:-1] - wrong).max()), 0.005, "far")
          for name, wrong in faults.items()),
    ]
    curves = [Curve("recursion", years, law, law=True),
              Curve("mean of runs", years[::5], found[::5], 2 * paths.std(axis=0, ddof=1)[::5] / np.sqrt(runs))]
    return Finding(f"limits/bass: 10,000 people, 100 steps of a tenth of a year, {runs} runs", checks,
                   Picture("years", "share that has adopted", curves))


def half_time(market: Any) -> float:
    """Years until half have adopted, between steps by a straight line; steps of a tenth of a year."""
    path = [0.0]
    while path[-1] < 0.5:
        market.step()
        path.append(float((market.state.columns["units"][:, 0] > 0).mean()))
    return (len(path) - 2 + (0.5 - path[-2]) / (path[-1] - path[-2])) / 10


@SHELF.put("V02", "Fewer and more local ties slow adoption down", "computed once for the list of cases")
def networks(quick: bool) -> Finding:
    """One hazard on five networks of 5,000 people: half-times in a strict order (dense random, sparse random,
    scale-free, small world, ring), each within .3 years of 6.7, 7.1, 7.3, 7.7, 7.9."""
    from sim.market import Market

    times: dict[str, np.ndarray] = {}
    for name, (generator, args, _, runs) in NETWORKS.items():
        scenario = limit("bass", market={"consumers": 5000, "days": 120},
                         network={"kind": "networkx", "generator": generator, "args": args})
        seeds = range(2 if quick else runs)
        times[name] = np.array([half_time(Market(scenario, seed=seed, check=False)) for seed in seeds])
    mean = {name: float(t.mean()) for name, t in times.items()}
    names, law = list(NETWORKS), [expected for _, _, expected, _ in NETWORKS.values()]
    checks = [Check(f"half-time on {name}, years", expected, mean[name], 0.3)
              for name, expected in zip(names, law, strict=True)]
    if quick:  # two runs cannot tell neighbours apart
        checks.append(Check("ring later than dense random, years", 0.5, mean["ring"] - mean["ER200"], 0.0, "above"))
    else:
        checks += [Check(f"{b} later than {a}, years", 0.0, mean[b] - mean[a], 0.0, "above")
                   for a, b in pairwise(names)]
    spread = [2 * float(t.std()) / np.sqrt(len(t)) for t in times.values()]
    curves = [Curve("list of cases", range(5), law, [0.3] * 5, law=True),
              Curve("observed", range(5), [mean[n] for n in names], spread)]
    return Finding("limits/bass on networkx graphs of 5,000 people", checks,
                   Picture("network", "years until half have adopted", curves, names))


def surprise(market: Any, steps: int, laws: dict[str, Callable[[Any, Any, Any], Any]]) -> dict[str, float]:
    """How far what happened lies from what each law says, in standard deviations of the law.

    A law gives everybody's chance to adopt in a step from j and m, the weak and the strong friends who had adopted
    when it began, and the number of friends. Summed over people and steps, new minus chance has mean 0 and variance
    sum p(1-p). So it has among those whom nobody tells, and so has its product with m - j, with (m - j)^2 in the
    variance. Returned is the largest of the three.
    """
    net, units = market.network, market.state.columns["units"]
    owner = np.repeat(np.arange(net.n), np.diff(net.indptr))
    gap = {name: np.zeros(3) for name in laws}
    spread = {name: np.zeros(3) for name in laws}
    for _ in range(steps):
        had = units[:, 0] > 0
        m = np.bincount(owner, had[net.indices] & (net.strong != 0), net.n)
        j = np.bincount(owner, had[net.indices], net.n) - m
        market.step()
        new = units[:, 0] > 0
        for name, law in laws.items():
            p = law(j, m, np.diff(net.indptr))
            for k, w in enumerate((np.ones(net.n), j + m == 0, m - j)):
                gap[name][k] += (w * (new - p))[~had].sum()
                spread[name][k] += (w**2 * p * (1 - p))[~had].sum()
    return {name: float(np.abs(gap[name] / np.sqrt(spread[name])).max()) for name in laws}


def _surprised(setup: str, off: dict[str, float]) -> Finding:
    """A finding about laws of which the first is right and the others are one fault away."""
    right, *wrong = off
    checks = [Check(f"{right}, standard deviations", 0.0, off[right], 3.0),
              *(Check(f"control: {name}", 0.0, off[name], 3.0, "far") for name in wrong)]
    curves = [Curve("limit of surprise", range(len(off)), [3.0] * len(off), law=True),
              Curve("observed", range(len(off)), list(off.values()))]
    return Finding(setup, checks, Picture("law", "standard deviations off", curves, list(off)))


@SHELF.put("hazard", "On a network, F is the share of one's own friends", "Bass 1969 with local F; model equation")
def hazard(quick: bool) -> Finding:
    """Each person's chance in a step is 1 - exp(-(p + q x share of the friends who had adopted when it began))."""
    from sim.market import Market

    network = {"kind": "networkx", "generator": "fast_gnp_random_graph", "args": {"p": 0.002}}
    market = Market(limit("bass", market={"consumers": 5000, "days": 100}, network=network), seed=5)
    return _surprised("limits/bass on a random graph of 5,000 people, mean degree 10, 90 steps", surprise(market, 90, {
        "share of own friends": lambda j, m, k: 1 - np.exp(-(P + Q * (j + m) / np.maximum(k, 1))),
        "q a tenth larger": lambda j, m, k: 1 - np.exp(-(P + 1.1 * Q * (j + m) / np.maximum(k, 1))),
        "looks at everybody": lambda j, m, k: 1 - np.exp(-(P + Q * (j + m).mean() / k.mean() + 0 * k)),
    }))


@SHELF.put("contact", "Talk of weak and strong ties", "Goldenberg, Libai & Muller 2001, equation 1")
def contact(quick: bool) -> Finding:
    """Each person's chance in a step is 1 - (1-.005)(1-.01)^j (1-.04)^m with j weak and m strong friends who have
    bought."""
    from sim.market import Market

    market = Market(limit("contact", market={"consumers": 5000, "days": 20}), seed=3)
    return _surprised("limits/contact: 5,000 people, 34 ties each, 20 weeks", surprise(market, 20, {
        "weak j, strong m": lambda j, m, k: 1 - 0.995 * 0.99**j * 0.96**m,
        "ties swapped": lambda j, m, k: 1 - 0.995 * 0.99**m * 0.96**j,
        "strong ties only": lambda j, m, k: 1 - 0.995 * 0.96**m,
        "twice from outside": lambda j, m, k: 1 - 0.99 * 0.99**j * 0.96**m,
    }))


@SHELF.put("watts", "Thresholds are crossed together", "Watts 2002")
def watts(quick: bool) -> Finding:
    """Every step exactly those adopt of whose friends at least .18 had adopted before it, and never one without
    friends: the engine and a recursion in ten lines agree on every person and day."""
    from sim.market import Market

    seeds = {"merchants": [{"name": "Seller", "products": [{"name": "item", "initial_adopters": {"count": 5}}]}]}
    market = Market(limit("watts", market={"consumers": 3000, "days": 40}, **seeds), seed=1, check=True)
    net, units = market.network, market.state.columns["units"]
    owner, degree = np.repeat(np.arange(net.n), np.diff(net.indptr)), np.diff(net.indptr)
    has = units[:, 0] > 0
    start, differ, path, law = has, 0, [float(has.mean())], [float(has.mean())]
    for _ in range(40):
        of_friends = np.bincount(owner, has[net.indices], net.n) / np.maximum(degree, 1)
        has = has | (of_friends >= 0.18 - 1e-9)
        market.step()
        now = units[:, 0] > 0
        differ += int((now != has).sum())
        path.append(float(now.mean()))
        law.append(float(has.mean()))
    checks = [
        Check("adopters at the start, people", 5, int(start.sum()), 0),
        Check("persons and days on which they differ", 0, differ, 0),
        Check("people without friends who adopt", 0, int((has & ~start & (degree == 0)).sum()), 0),
        Check("share that adopts (a cascade, not a standstill)", 0.5, float(has.mean()), 0.0, "above"),
    ]
    days = np.arange(41)
    curves = [Curve("recursion", days, law, law=True), Curve("engine", days[::2], path[::2])]
    return Finding("limits/watts: 3,000 people, mean degree 4, five adopters, 40 steps", checks,
                   Picture("step", "share that has adopted", curves))
