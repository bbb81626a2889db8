"""The workload in Starsim: a module of its own on Starsim's states, network and common random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import starsim as ss
from workload import (
    ALLOWANCE,
    BUZZ,
    KEEP_SHARING,
    LOYALTY,
    PERSUASION,
    PRICE,
    PROMOTED,
    SENSITIVITY,
    SPONTANEOUS,
    TICKS,
    Graph,
    Live,
    People,
    Story,
    serve,
)


class WordOfMouth(ss.Module):
    """Exposure over the network, adoption, choice."""

    def __init__(self, crowd: People) -> None:
        super().__init__(name="word_of_mouth")
        self.crowd = crowd
        self.define_states(ss.BoolState("adopted"), ss.BoolState("fresh"), ss.FloatArr("budget"), ss.FloatArr("deaf"),
                           *[ss.FloatArr(f"v{j}") for j in range(4)])  # fmt: skip
        self.sharing, self.adopting, self.choosing = ss.random(), ss.random(), ss.random()
        self.adopters: list[int] = []
        self.sold = np.zeros(4, np.int64)

    def init_post(self) -> None:
        """The people of the workload."""
        super().init_post()
        crowd = self.crowd
        first = np.zeros(len(crowd.trust), bool)
        first[crowd.seeds] = True
        self.adopted.values[:] = self.fresh.values[:] = first
        self.budget.values[:] = crowd.budget
        self.deaf.values[:] = np.log1p(-PERSUASION * crowd.trust)
        for j in range(4):
            getattr(self, f"v{j}").values[:] = crowd.utility[:, j] - SENSITIVITY * PRICE[j]

    def step(self) -> None:
        """One tick."""
        everybody = self.sim.people.auids
        n = len(everybody)
        adopted = self.adopted.values
        shares = self.fresh.values | (adopted & (self.sharing.rvs(everybody) < KEEP_SHARING))
        ties = self.sim.networks[0].edges
        k = np.bincount(ties.p2[shares[ties.p1]], minlength=n) + np.bincount(ties.p1[shares[ties.p2]], minlength=n)
        chance = 1.0 - (1.0 - SPONTANEOUS) * np.exp(k * self.deaf.values)
        fresh = ~adopted & (self.adopting.rvs(everybody) < chance)
        self.fresh[:] = fresh
        self.adopted[:] = adopted | fresh
        v = [getattr(self, f"v{j}").values for j in range(4)]
        v[PROMOTED] = v[PROMOTED] + BUZZ * k + LOYALTY * self.adopted.values
        weight = np.cumsum([np.exp(x) for x in v], axis=0)
        pick = (self.choosing.rvs(everybody) * weight[3] >= weight[:3]).sum(axis=0)
        have = self.budget.values + ALLOWANCE
        cost = np.array(PRICE)[pick]
        pays = cost <= have
        self.budget[:] = have - cost * pays
        self.sold += np.bincount(pick[pays], minlength=4)
        self.adopters.append(int(self.adopted.values.sum()))


def prepare(graph: Graph) -> Live:
    """Each tie once, as Starsim has it."""
    n = len(graph.indptr) - 1
    source = np.repeat(np.arange(n), np.diff(graph.indptr))
    once = source < graph.indices
    p1, p2 = source[once], graph.indices[once]

    def live(crowd: People, seed: int) -> Any:
        ties = ss.Network(edges={"p1": p1, "p2": p2, "beta": np.ones(len(p1))})
        module = WordOfMouth(crowd)
        sim = ss.Sim(n_agents=n, networks=ties, modules=module, dur=TICKS, dt=1, rand_seed=seed, verbose=0,
                     copy_inputs=False)  # fmt: skip
        sim.init()

        def go(ticks: int) -> Story:
            for _ in range(ticks):
                sim.run_one_step()
            return Story(module.adopters, module.sold.tolist())

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
