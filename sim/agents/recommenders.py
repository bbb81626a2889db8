"""Recommenders of one's own: who ranks the feed of a platform, in place of its rule, from what the platform has seen.

    class Newest(sim.FeedPolicy):
        def score(self, view):
            return np.tile(1.0 + view.entered, (len(view.segments), 1))     # float[segments, P], or [people, P]

    sim.Market(scenario, policies={"film": Newest()})

A slot holds cell (product, channel) with chance  (1 - e) stock x score / (sum stock x score + rest) + e / live cells,
with e the platform's ``explore``: the score takes the place of (1+sales)^theta_pop exp(theta_fit ...), the rest of the
feed is as ever. Scores of a row are divided by their mean, so that who recommends decides what is shown and not how
much; the shelf (search) is ranked by them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.plugins import Policy


@dataclass(frozen=True, slots=True)
class FeedView:
    """What a platform knows of people and goods; arrays are not to be written.

    ``segment`` int[N]; ``category`` int[P]; ``sold`` float[P], units so far anywhere; ``stock`` float[P], live content;
    ``person``, ``product``, ``when`` int[orders], its own paid orders so far, a row each; ``entered`` float[P], day.
    """

    name: str
    day: int
    segments: tuple[str, ...]
    products: tuple[str, ...]
    categories: tuple[str, ...]
    segment: np.ndarray
    category: np.ndarray
    sold: np.ndarray
    stock: np.ndarray
    person: np.ndarray
    product: np.ndarray
    when: np.ndarray
    entered: np.ndarray

    def bought(self) -> np.ndarray:
        """float[N, P], orders by person and product."""
        made = np.zeros((len(self.segment), len(self.products)))
        np.add.at(made, (self.person, self.product), 1.0)
        return made


class FeedPolicy(Policy):
    """A recommender. ``every``: days between two scorings; in between the last one holds.

    >>> class Flat(sim.FeedPolicy):
    ...     def score(self, view):
    ...         return view.sold[None, :].repeat(len(view.segments), axis=0) ** 0
    >>> market = sim.Market("presets/examples/tea.yaml", seed=1, policies={"notes": Flat()})
    >>> market.step(); market.platforms[0].recommender.every
    1
    """

    kind: ClassVar[str] = "feed"
    every: int = 1

    def score(self, view: FeedView) -> np.ndarray:
        """Factors >= 0: float[segments, P], or float[people, P]."""
        raise NotImplementedError


class Popularity(FeedPolicy):
    """The same for everybody: (1 + sold)^theta. With theta = 1 and no rest of the market this is an urn of Polya."""

    def __init__(self, theta: float = 1.0, every: int = 1) -> None:
        self.theta, self.every = theta, every

    def score(self, view: FeedView) -> np.ndarray:
        """float[segments, P], equal rows."""
        return np.tile((1.0 + view.sold) ** self.theta, (len(view.segments), 1))


class ContentBased(FeedPolicy):
    """More of the kind a person bought before: exp(theta (share of the category among her orders - 1/categories)).

    The share leans to the market's by ``prior`` orders, so that a newcomer is shown what everybody is.
    """

    def __init__(self, theta: float = 3.0, prior: float = 1.0, every: int = 7) -> None:
        self.theta, self.prior, self.every = theta, prior, every

    def score(self, view: FeedView) -> np.ndarray:
        """float[people, P]."""
        kinds = len(view.categories)
        liked = np.zeros((len(view.segment), kinds))
        np.add.at(liked, (view.person, view.category[view.product]), 1.0)
        usual = (liked.sum(axis=0) + 1.0) / (liked.sum() + kinds)
        share = (liked + self.prior * usual) / (liked.sum(axis=1, keepdims=True) + self.prior)
        made: np.ndarray = np.exp(self.theta * (share - 1.0 / kinds))[:, view.category]
        return made


class MatrixFactorised(FeedPolicy):
    """Collaborative filtering: implicit feedback factorised by alternating least squares (Hu, Koren, Volinsky 2008).

    Confidence 1 + alpha orders, preference 1 where there is one; factors of ``rank``, penalty ``penalty``, retrained
    every ``every`` days from the platform's own orders, from the factors of last time. Score exp(theta prediction).
    """

    def __init__(self, rank: int = 4, theta: float = 3.0, alpha: float = 10.0, penalty: float = 0.5, sweeps: int = 4,
                 every: int = 14) -> None:
        self.rank, self.theta, self.alpha, self.penalty = rank, theta, alpha, penalty
        self.sweeps, self.every = sweeps, every
        self.items: np.ndarray | None = None

    def score(self, view: FeedView) -> np.ndarray:
        """float[people, P]; 1 everywhere before the first order."""
        bought = view.bought()
        if not bought.any():
            return np.ones_like(bought)
        count, rank = bought.shape[1], min(self.rank, bought.shape[1])
        if self.items is None or self.items.shape != (count, rank):
            angle = np.arange(1, rank + 1)[None, :] * np.arange(1, count + 1)[:, None] * np.pi / (count + 1)
            self.items = np.sin(angle) / np.sqrt(count)  # independent columns; no luck in the beginning
        buyers = np.flatnonzero(bought.any(axis=1))
        for _ in range(self.sweeps):
            people = self._solve(bought[buyers], self.items)
            self.items = self._solve(bought[buyers].T, people)
        predicted = np.zeros_like(bought)
        predicted[buyers] = self._solve(bought[buyers], self.items) @ self.items.T
        stranger = np.ones(len(bought), bool)
        stranger[buyers] = False
        predicted[stranger] = predicted[buyers].mean(axis=0)
        made: np.ndarray = np.exp(self.theta * np.clip(predicted, 0.0, 1.0))
        return made

    def _solve(self, counts: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Factors of the rows of ``counts`` given those of its columns."""
        weight = self.alpha * counts
        gram = other.T @ other + self.penalty * np.eye(other.shape[1])
        left = gram + np.einsum("ij,jk,jl->ikl", weight, other, other)
        right = ((1.0 + weight) * (counts > 0)) @ other
        solved: np.ndarray = np.linalg.solve(left, right[:, :, None])[:, :, 0]
        return solved


def feed_view(market: Any, platform: Any) -> FeedView:
    """What a platform can know this morning to rank its feed by."""
    world, c, s = market.world, market.state.columns, platform.index
    orders = market.state.table("orders").rows
    mine = orders[(orders["platform"] == s) & (orders["sample"] == 0) & (orders["paid_day"] > -30000)]
    arrays = (
        c["segment"].astype(np.int64), world.products.category, c["sold"] / world.scale, c["content"][s].sum(axis=1),
        mine["consumer"].astype(np.int64), mine["product"].astype(np.int64), mine["paid_day"].astype(np.int64),
        np.maximum(world.products.enters, 0).astype(float),
    )  # fmt: skip
    for array in arrays:
        array.flags.writeable = False
    return FeedView(platform.name, market.day, world.segments, world.product_names, world.categories, *arrays)


def recommend(market: Any) -> None:
    """Let the recommenders whose day it is rank their platform's feed. Raises ScenarioError on a score of no use."""
    for platform in [platform for platform in market.platforms if platform.recommender is not None]:
        policy = platform.recommender
        begun = market.state.shared["ranking"].own[platform.index]
        if begun and market.day % policy.every:
            continue
        score = np.asarray(policy.score(feed_view(market, platform)), float)
        people, groups, goods = len(market.consumers), len(market.world.segments), len(market.world.product_names)
        if score.shape not in ((people, goods), (groups, goods)):
            wanted = f"({groups}, {goods}) or ({people}, {goods})"
            raise _useless(platform, f"gave an array of shape {score.shape}, not {wanted}")
        if not (np.isfinite(score).all() and (score >= 0).all()):
            raise _useless(platform, "gave numbers that are not finite or are below 0")
        mean = score.mean(axis=1, keepdims=True)
        market.state.shared["ranking"].put(platform.index, score / np.where(mean > 0, mean, 1.0))


def _useless(platform: Any, message: str) -> ScenarioError:
    return ScenarioError([Problem(f"score() {message}", f"policies.{platform.name}")])
