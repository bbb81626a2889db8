"""The workload in mesa-frames: people as a Polars frame, ties as another, expressions throughout."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF
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


class Persons(AgentSetPolars):
    """Everybody."""

    def __init__(self, model: Any, crowd: People, ties: pl.DataFrame) -> None:
        super().__init__(model)
        n = len(crowd.trust)
        self.ties = ties
        self.adopters: list[int] = []
        self.sold = np.zeros(4, np.int64)
        first = np.zeros(n, bool)
        first[crowd.seeds] = True
        utility = (crowd.utility - SENSITIVITY * np.array(PRICE)).astype(np.float32)
        columns = {"unique_id": np.arange(n), "deaf": np.log1p(-PERSUASION * crowd.trust).astype(np.float32),
                   "budget": crowd.budget.astype(np.float32), "adopted": first, "shares": first}  # fmt: skip
        self.add(pl.DataFrame(columns | {f"v{j}": utility[:, j] for j in range(4)}))

    def step(self) -> None:
        """One tick."""
        col, people = pl.col, self.agents
        n = len(people)
        draw = self.model.random.random
        told = self.ties.filter(people["shares"].gather(self.ties["source"])).group_by("unique_id").len("k")
        people = people.join(told, on="unique_id", how="left", maintain_order="left").with_columns(
            col("k").fill_null(0).cast(pl.Float32), u=pl.Series(draw(n, np.float32)), w=pl.Series(draw(n, np.float32))
        )
        chance = 1.0 - (1.0 - SPONTANEOUS) * (col("k") * col("deaf")).exp()
        people = people.with_columns(new=~col("adopted") & (col("u") < chance))
        people = people.with_columns(
            shares=col("new") | (col("adopted") & (col("u") < KEEP_SHARING)), adopted=col("adopted") | col("new")
        )
        e0, e2, e3 = col("v0").exp(), col("v2").exp(), col("v3").exp()
        e1 = (col("v1") + BUZZ * col("k") + LOYALTY * col("adopted").cast(pl.Float32)).exp()
        people = people.with_columns(e0=e0, e1=e0 + e1, e2=e0 + e1 + e2, x=col("w") * (e0 + e1 + e2 + e3))
        people = people.with_columns(
            pick=(col("x") >= col("e0")).cast(pl.Int8) + (col("x") >= col("e1")).cast(pl.Int8)
            + (col("x") >= col("e2")).cast(pl.Int8)
        )  # the price of product j is j
        pays = col("budget") + ALLOWANCE >= col("pick")
        people = people.with_columns(
            budget=(col("budget") + ALLOWANCE - pl.when(pays).then(col("pick")).otherwise(0)).cast(pl.Float32),
            pick=pl.when(pays).then(col("pick")).otherwise(4),
        )
        self.sold += np.bincount(people["pick"].to_numpy(), minlength=5)[:4]
        self.adopters.append(int(people["adopted"].sum()))
        self.agents = people.drop("k", "u", "w", "new", "e0", "e1", "e2", "x", "pick")


class Town(ModelDF):
    """Only people."""


def prepare(graph: Graph) -> Live:
    """Ties as a frame of (source, unique_id)."""
    n = len(graph.indptr) - 1
    source = np.repeat(np.arange(n), np.diff(graph.indptr))
    ties = pl.DataFrame({"source": source, "unique_id": graph.indices.astype(np.int64)})

    def live(crowd: People, seed: int) -> Any:
        town = Town(seed)
        persons = Persons(town, crowd, ties)
        town.agents += persons

        def go(ticks: int) -> Story:
            for _ in range(ticks):
                town.step()
            (living,) = town.agents._agentsets  # the model keeps a copy of what it was given
            return Story(living.adopters, living.sold.tolist())

        return go

    return live


if __name__ == "__main__":
    serve(prepare)
