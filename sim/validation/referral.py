"""The referral tree against its branching law (V04)."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.validation.case import Check, Curve, Finding, Picture, Shelf, limit, live, mean, share, standard_error
from sim.validation.laws import tree_sizes

SHELF = Shelf()


def referral_trees(market: Any, settled: int = 15) -> np.ndarray:
    """int64[trees], people of each tree of first orders whose root bought ``settled`` days before the end."""
    orders = market.state.table("orders").rows
    order = np.argsort(orders["paid_day"], kind="stable")
    friend = {int(w["friend"]): int(w["inviter"]) for w in market.mechanisms["referral"].won.rows if w["first"]}
    root: dict[int, int] = {}
    size: dict[int, int] = {}
    early = set()
    for row in orders[order]:
        person = int(row["consumer"])
        if person in root:
            continue
        root[person] = top = root.get(friend[person], person) if person in friend else person
        size[top] = size.get(top, 0) + 1
        if top == person and row["paid_day"] < market.day - settled:
            early.add(person)
    return np.array([size[top] for top in sorted(early)])


@SHELF.put("V04.referral", "Rewarded invitations make a branching process of mean R",
           "Otter 1949, Dwass 1969; Borel in the limit of many friends")
def rewarded(quick: bool) -> Finding:
    """1.6 invitations a buyer, each taken w.p. .21875: R = .35. With 30 friends each P(alone) = .7032 (Borel's e^-R =
    .7047), mean size 1/(1 - R) = 1.538, Borel's variance R/(1 - R)^3 = 1.274 (1.259 with 30 friends), and R of all
    buyers are referred."""
    ties, reach, people = 30, 0.35, 20_000
    made = [live(limit("referral", market={"consumers": people}), seed) for seed in range(7 if quick else 14)]
    sizes = np.concatenate([referral_trees(market) for market in made])
    law = tree_sizes(ties, ties - 1, reach, 12)
    spread = (reach**2 * (1 - reach / (ties - 1)) / (1 - reach) + reach * (1 - reach / ties)) / (1 - reach) ** 2
    checks = [
        Check("trees to judge by", 300, len(sizes), 0, "above"),
        share("trees of one", float(law[1]), sizes == 1),
        share("trees of two", float(law[2]), sizes == 2),
        mean("mean size", 1 / (1 - reach), sizes),
        Check("variance of sizes", spread, float(sizes.var(ddof=1)), 3 * standard_error((sizes - sizes.mean()) ** 2)),
        Check("Borel's variance", reach / (1 - reach) ** 3, spread, 0.05),
        Check("share of buyers referred", reach, 1 - len(sizes) / sizes.sum(),
              3 * float(np.sqrt(reach * (1 - reach) / sizes.sum()))),
        mean("mean size if one invitation fewer in four were sent", 1 / (1 - 0.75 * reach), sizes, "far"),
    ]
    at = np.arange(1, 9)
    seen = [float((sizes == k).mean()) for k in at]
    curves = [Curve("Dwass", at, law[1:9], law=True),
              Curve("observed", at, seen, [2 * np.sqrt(p * (1 - p) / len(sizes)) for p in seen])]
    return Finding(f"limits/referral, {people:,} people with {ties} friends each, {len(made)} runs", checks,
                   Picture("people in a tree", "share of trees", curves))
