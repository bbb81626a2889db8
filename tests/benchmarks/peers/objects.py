"""The workload as one ``mesa.Agent`` a person, with neighbour lists; plain random numbers, sharers push."""

from __future__ import annotations

import math
import random
from typing import Any

import mesa
import numpy as np
from workload import (
    ALLOWANCE,
    BUZZ,
    KEEP_SHARING,
    LOYALTY,
    PERSUASION,
    PRICE,
    SENSITIVITY,
    SPONTANEOUS,
    Graph,
    Live,
    People,
    Story,
    serve,
)


class Person(mesa.Agent):
    """Hears, adopts, buys."""

    def __init__(self, model: Town, deaf: float, utility: list[float], budget: float) -> None:
        super().__init__(model)
        self.deaf, self.utility, self.budget = deaf, utility, budget
        self.adopted = False
        self.k = 0
        self.friends: list[Person] = []

    def step(self) -> None:
        """One tick."""
        model, k = self.model, self.k
        draw, exp = model.draw, math.exp
        self.k = 0
        if self.adopted:
            if draw() < KEEP_SHARING:
                model.sharers.append(self)
        elif draw() >= (1.0 - SPONTANEOUS) * exp(k * self.deaf):
            self.adopted = True
            model.adopters += 1
            model.sharers.append(self)
        v0, v1, v2, v3 = self.utility
        e0 = exp(v0)
        e1 = e0 + exp(v1 + BUZZ * k + (LOYALTY if self.adopted else 0.0))
        e2 = e1 + exp(v2)
        x = draw() * (e2 + exp(v3))
        pick = 0 if x < e0 else 1 if x < e1 else 2 if x < e2 else 3
        self.budget += ALLOWANCE
        if PRICE[pick] <= self.budget:
            self.budget -= PRICE[pick]
            model.sold[pick] += 1


class Town(mesa.Model):
    """People and who shares next."""

    def __init__(self, graph: Graph, crowd: People, seed: int) -> None:
        super().__init__(rng=seed)
        self.draw = random.Random(seed).random
        self.sold = [0, 0, 0, 0]
        deaf = np.log1p(-PERSUASION * crowd.trust).tolist()
        utility = (crowd.utility - SENSITIVITY * np.array(PRICE)).tolist()
        made = [Person(self, *row) for row in zip(deaf, utility, crowd.budget.tolist(), strict=True)]
        indptr, indices = graph.indptr.tolist(), graph.indices.tolist()
        for i, person in enumerate(made):
            person.friends = [made[j] for j in indices[indptr[i] : indptr[i + 1]]]
        self.sharers = [made[i] for i in crowd.seeds]
        for person in self.sharers:
            person.adopted = True
        self.adopters = len(self.sharers)

    def step(self) -> None:
        """Sharers tell, then everybody lives."""
        telling, self.sharers = self.sharers, []
        for person in telling:
            for friend in person.friends:
                friend.k += 1
        self.agents.do("step")


def prepare(graph: Graph) -> Live:
    """Nothing is shared between runs but the graph."""

    def live(crowd: People, seed: int) -> Any:
        town = Town(graph, crowd, seed)

        def go(ticks: int) -> Story:
            adopters = []
            for _ in range(ticks):
                town.step()
                adopters.append(town.adopters)
            return Story(adopters, town.sold)

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
