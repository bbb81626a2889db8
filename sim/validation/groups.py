"""Group-buys against closed forms (V13): invited friends, Poisson strangers, an open pool of pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from sim.state.records import COMPLETE, EXPIRED, OPEN
from sim.validation.case import Check, Curve, Finding, Picture, Shelf, dots, limit, live, share
from sim.validation.laws import YEAR

SHELF = Shelf()
OFTEN = [{"name": "good", "occasions_per_year": 3}]
SIZES = (2, 3, 5)


def closed_groups(market: Any) -> np.ndarray:
    """Rows of the groups whose time ran out before the end: of later ones only the quick would be seen."""
    rows = market.state.table("groups").rows
    mine: np.ndarray = rows[rows["deadline"] <= 24.0 * market.day]
    if (mine["status"] == OPEN).any():
        raise RuntimeError("a group is open after its deadline")
    return mine


def offer(size: int, hours: float = 24) -> list[dict[str, Any]]:
    """The seller's plan: groups of ``size`` at half the price, open for ``hours``."""
    return [{"name": "Seller", "plan": {"group": {"size": size, "hours": hours, "discount": 0.5}}}]


def _picture(law: list[float], seen: list[Check]) -> Picture:
    curves = [Curve("law", SIZES, law, law=True),
              Curve("observed", SIZES, [c.observed for c in seen], [c.tolerance * 2 / 3 for c in seen])]
    return Picture("people a group needs", "share of groups that fill", curves)


@SHELF.put("V13.friends", "Invited friends fill groups binomially", "binomial tail; list of cases")
def friends(quick: bool) -> Finding:
    """Ten friends who each accept w.p. .1 fill groups of 2, 3 and 5 w.p. .6513, .2639 and .0128; one friend more or
    less is another law (.6862, .6126 for pairs)."""
    people = 12_000 if quick else 20_000
    law, checks = [0.6513, 0.2639, 0.0128], []
    extra: list[Check] = []
    for size, expected in zip(SIZES, law, strict=True):
        market = live(limit("group", market={"consumers": people}, categories=OFTEN, merchants=offer(size)), size)
        groups = closed_groups(market)
        full = groups["status"] == COMPLETE
        checks.append(share(f"groups of {size}", expected, full))
        told = float(market.result().summary["group_completion"])
        extra += [
            Check(f"groups of {size}: members of full ones", size, float(groups["members"][full].mean()), 0),
            Check(f"groups of {size}: the reported metric", checks[-1].observed, told, 0.05 * checks[-1].observed),
            Check(f"groups of {size}: hours past the deadline", 0, float(
                np.maximum(groups["closed"] - groups["deadline"], 0).max()), 1e-9),
        ]
        if size == 2:
            extra += [Check(f"pairs, if {n} friends were asked", 1 - 0.9**n, checks[-1].observed, checks[-1].tolerance,
                            "far") for n in (9, 11)]
    return Finding(f"limits/group: {people:,} people, 60 days", [*checks, *extra], _picture(law, checks))


@SHELF.put("V13.strangers", "Strangers fill groups like a Poisson process", "Poisson tail; list of cases")
def strangers(quick: bool) -> Finding:
    """One stranger expected while a group is open: 2, 3 and 5 people come together w.p. .6321, .2642, .0190; twice the
    rate for half the time is the same law."""
    arrivals = {"group_buy": {"invites": 0, "arrivals": 1}}
    people = 12_000 if quick else 20_000
    law, checks = [0.6321, 0.2642, 0.0190], []
    for size, expected in zip(SIZES, law, strict=True):
        scenario = limit("group", market={"consumers": people}, merchants=offer(size), mechanisms=arrivals)
        groups = closed_groups(live(scenario, 10 + size))
        checks.append(share(f"groups of {size}", expected, groups["status"] == COMPLETE))
    changes = {"merchants": offer(2, 12), "mechanisms": {"group_buy": {"invites": 0, "arrivals": 2}}}
    groups = closed_groups(live(limit("group", market={"consumers": people}, **changes), 20))
    more = [share("pairs, twice the rate for half the time", 0.6321, groups["status"] == COMPLETE),
            Check("pairs, if the leader were not counted", float(stats.poisson.sf(1, 1)), checks[0].observed,
                  checks[0].tolerance, "far")]
    return Finding(f"limits/group with Poisson strangers, {people:,} people", [*checks, *more], _picture(law, checks))


@SHELF.put("V13.pool", "An open list of pairs", "renewal argument, checked by simulation in the list of cases")
def pool(quick: bool) -> Finding:
    """Buyers come as a Poisson process, x of them in the life of a group, and take the open one if there is one: the
    share 2(1-e^-x)/(2-e^-x) is matched, .565, .775, .927 at x = .5, 1, 2."""
    pools, people = 40, 4000
    names = ["good", *(f"good{k}" for k in range(1, pools))]
    products = [{"name": "item" if c == "good" else f"item {c}", "category": c, "price": 100, "initial": {"aware": 1}}
                for c in names]
    checks, seen = [], []
    for x, expected in ((0.5, 0.565), (1.0, 0.775), (2.0, 0.927)):
        need = {"occasions_per_year": x * YEAR / people, "occasion_shape": 1000}
        scenario = limit(
            "group", market={"consumers": people, "days": int((110 if quick else 320) / x)},
            network={"kind": "well_mixed"},
            categories=[{"name": c, "reference_price": 100, **need} for c in names],
            platforms=[{"name": "market", "open_list": True}],
            mechanisms={"group_buy": {"invites": 0, "open_list": True}},
            merchants=[{**offer(2)[0], "products": products}],
        )
        groups = closed_groups(live(scenario, 1))
        complete, expired = (int((groups["status"] == s).sum()) for s in (COMPLETE, EXPIRED))
        found = 2 * complete / (2 * complete + expired)
        # Cycles are independent: by the delta method on their number that completed.
        done = 1 - np.exp(-x)
        error = np.sqrt(done * (1 - done) / len(groups)) * 2 / (1 + done) ** 2
        half = 2 * (1 - np.exp(-x / 2)) / (2 - np.exp(-x / 2))
        checks += [Check(f"matched at x = {x:g}", expected, found, 3 * error + 0.0005),
                   Check(f"matched at x = {x:g}, if the list showed half the time", half, found, 3 * error, "far")]
        seen.append((x, found, 2 * error))
    grid = np.linspace(0.2, 2.4, 40)
    curves = [Curve("2(1-e^-x)/(2-e^-x)", grid, 2 * (1 - np.exp(-grid)) / (2 - np.exp(-grid)), law=True),
              dots(seen)]
    return Finding(f"limits/group, {pools} pools of {people:,} people", checks,
                   Picture("buyers in the life of a group, x", "share of buyers matched", curves))
