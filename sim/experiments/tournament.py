"""A tournament of policies: who earns most, seat for seat and seed for seed, and how sure is that.

    every k players    k = number of seats: pairs on two seats, everybody at once where there are seats for all
    every rotation     each of them sits once in each seat, on the same seed: what a seat or seed gives, it gives to all
    game               of two who met on a seed: who has more over the rotations wins; a tie counts half
    ratings            Bradley and Terry (1952) by maximum likelihood, with one tie of everybody against a player of
                       average strength so that an unbeaten one stays finite; on the scale of Elo, mean 1500
    intervals          percentiles of the ratings of resampled seeds (bootstrap)

Contests of strategies written in YAML are another thing; here players are objects (:mod:`sim.agents.policies`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.experiments.executors import cores, spread
from sim.experiments.identity import replication_seed
from sim.scenario import Scenario, load

PER_NAT = 400.0 / np.log(10.0)
"""Points of Elo for one nat of log odds."""
RESAMPLES = 400


@dataclass(frozen=True)
class Tournament:
    """What came out. ``table``: a row for each market lived and seat; ``ratings``: a row a player, best first."""

    players: tuple[str, ...]
    metric: str
    table: Any
    ratings: Any
    margins: Any
    """DataFrame [player, player]: mean of what the one had more than the other when they met, a seed and rotation."""

    def __str__(self) -> str:
        return str(self.ratings.round(1).to_string())


@dataclass(frozen=True)
class _Game:
    scenario: Any
    seating: tuple[tuple[str, str, Any], ...]
    """(seat, player, policy)."""
    seed: int
    metric: str


def tournament(scenario: Any, players: Mapping[str, Any], seats: Sequence[str] | None = None, metric: str = "profit",
               replications: int = 10, seed: int = 0, jobs: int | None = 1,
               progress: Callable[[int, int], None] | None = None) -> Tournament:  # fmt: skip
    """Let policies play each other in one market. ``players``: instances by name; None plays as the scenario plans.

    ``seats``: merchants whose places are played for, all by default. More than one job needs policies that other
    processes can import. Raises ScenarioError on fewer than two players or seats, or on seats that do not exist.

    >>> class Sale(sim.MerchantPolicy):
    ...     def plan(self, view):
    ...         return sim.Plan(discount=0.2)
    >>> players = {"plan": None, "sale": Sale()}
    >>> table = sim.tournament("presets/examples/tea.yaml", players, metric="orders", replications=1)
    >>> sorted(table.ratings.index)
    ['plan', 'sale']
    """
    made = scenario if isinstance(scenario, Scenario) else load(scenario)
    places = _places(made, players, seats)
    seeds = [replication_seed(seed, r) for r in range(replications)]
    games = []
    for group in combinations(players, len(places)):
        for turn in range(len(places)):
            seated = tuple((place, name, players[name]) for place, name in
                           zip(places, (*group[turn:], *group[:turn]), strict=True))  # fmt: skip
            games += [_Game(made, seated, s, metric) for s in seeds]
    rows: list[dict[str, Any]] = []
    for done, found in enumerate(spread(_play, games, jobs or cores()), 1):
        rows += found
        if progress is not None:
            progress(done, len(games))
    return _told(tuple(players), metric, rows, seeds, seed)


def _places(scenario: Any, players: Mapping[str, Any], seats: Sequence[str] | None) -> list[str]:
    known = [m.name for m in scenario.merchants]
    places = list(known if seats is None else seats)
    for name in places:
        if name not in known:
            raise ScenarioError([Problem(f"there is no merchant {name!r} to take the place of", "seats")])
    if len(places) < 2 or len(players) < len(places):
        said = f"{len(players)} players for {len(places)} seats: give at least two seats, and as many players"
        raise ScenarioError([Problem(said, "players")])
    return places


def _play(game: _Game) -> list[dict[str, Any]]:
    """Live one market; what each seat had of the metric at the end."""
    from sim.market import Market

    policies = {seat: policy for seat, _, policy in game.seating if policy is not None}
    result = Market(game.scenario, seed=game.seed, policies=policies, check=False).run()
    together = "|".join(sorted(player for _, player, _ in game.seating))
    return [
        {"seed": game.seed, "group": together, "seat": seat, "player": player,
         "value": float(result.outcome(f"{game.metric}@{seat}"))}
        for seat, player, _ in game.seating
    ]  # fmt: skip


def _told(players: tuple[str, ...], metric: str, rows: list[dict[str, Any]], seeds: list[int], seed: int) -> Tournament:
    import pandas as pd

    table = pd.DataFrame(rows).sort_values(["group", "seed", "seat", "player"], ignore_index=True)
    wins, margin = _met(players, table, seeds)
    total = wins.sum(axis=0)
    rating = ratings(total)
    draws = np.random.default_rng(seed)
    picks = (draws.integers(0, len(seeds), len(seeds)) for _ in range(RESAMPLES))
    spread_ = np.array([ratings(wins[pick].sum(axis=0)) for pick in picks])
    low, high = np.percentile(spread_, [2.5, 97.5], axis=0)
    told = pd.DataFrame({
        "rating": rating, "low": low, "high": high, "won": total.sum(axis=1),
        "games": (total + total.T).sum(axis=1), "mean": table.groupby("player")["value"].mean().reindex(list(players)),
    }, index=pd.Index(list(players), name="player"))  # fmt: skip
    return Tournament(players, metric, table, told.sort_values("rating", ascending=False),
                      pd.DataFrame(margin, list(players), list(players)))  # fmt: skip


def _met(players: tuple[str, ...], table: Any, seeds: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Wins float64[seeds, players, players] (of the row over the column), and mean margins [players, players]."""
    at, when = {name: k for k, name in enumerate(players)}, {s: k for k, s in enumerate(seeds)}
    n = len(players)
    wins, margin, met = np.zeros((len(seeds), n, n)), np.zeros((n, n)), np.zeros((n, n))
    for (_, s), games in table.groupby(["group", "seed"]):
        had = games.groupby("player")["value"].mean()
        for a, b in combinations(had.index, 2):
            i, j, more = at[a], at[b], float(had[a] - had[b])
            won = 0.5 if more == 0 else float(more > 0)
            wins[when[s], i, j] += won
            wins[when[s], j, i] += 1.0 - won
            margin[i, j] += more
            margin[j, i] -= more
            met[i, j] += 1.0
            met[j, i] += 1.0
    return wins, margin / np.maximum(met, 1.0)


def ratings(wins: np.ndarray, sweeps: int = 10_000) -> np.ndarray:
    """Elo-scaled strengths float64[players] of Bradley and Terry from wins [players, players], by the algorithm of
    Hunter (2004), with one tie of everybody against strength 1 beside the games."""
    strength = np.ones(len(wins))
    won, games = wins.sum(axis=1) + 0.5, wins + wins.T
    for _ in range(sweeps):
        against = (games / (strength[:, None] + strength[None, :])).sum(axis=1) + 1.0 / (strength + 1.0)
        fresh = won / against
        if np.max(np.abs(np.log(fresh / strength))) < 1e-9:
            break
        strength = fresh
    made: np.ndarray = 1500.0 + PER_NAT * (np.log(strength) - np.log(strength).mean())
    return made


__all__ = ["Tournament", "ratings", "tournament"]
