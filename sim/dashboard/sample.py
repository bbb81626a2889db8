"""A few hundred neighbours out of the whole graph, at places that stay, and what is happening to each of them.

The neighbours are whole circles round a well-connected writer of notes: most of their friends are in the picture too,
as they would not be in a draw at random. They stand for nobody but themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.contract import CHANNEL
from sim.state.columns import AWARE, GIFTED

PEOPLE = 300
RECENT = 3
"""Days for which a share is shown as fresh."""

UNAWARE, AWARE_ONLY, SEEDED, SHARED, BOUGHT = range(5)
STATES = ("unaware", "aware", "seeded", "shared", "bought")
"""What a person of the picture is; the last that holds."""

LOOKS = {
    "unaware": ("#ffffff", "#9aa3ad", 6), "aware": ("#bcd9ee", "#5b87a6", 7), "seeded": ("#009E73", "#00694d", 11),
    "shared": ("#E69F00", "#8a5f00", 11), "bought": ("#CC3377", "#7a1f47", 9),
}  # fmt: skip
"""Fill, rim and size of a person of the graph by state."""

INK, FAINT, TOLD = "#20242a", "#d8dde3", "#E69F00"
"""Colours of text, of ties, and of who was told by whom."""


@dataclass(frozen=True)
class Sample:
    """``people`` int64[k], rows of the market; ``x``, ``y`` float64[k] in 0..1; ``ties`` int64[e, 2], positions in
    ``people`` of close friends (of all friends where no tie is strong)."""

    people: np.ndarray
    x: np.ndarray
    y: np.ndarray
    ties: np.ndarray


def sample(network: Any, authors: np.ndarray, size: int = PEOPLE) -> Sample:
    """Neighbours of one another, round a person who writes notes (``authors`` bool[N]); the same for the same people,
    whatever they do."""
    people = _neighbours(network, authors, min(size, network.n))
    place = {int(person): k for k, person in enumerate(people)}
    strong = network.strong
    ties = [
        (k, place[friend], close) for person, k in place.items()
        for friend, close in _friends(network, strong, person) if friend in place and place[friend] > k
    ]  # fmt: skip
    pairs = np.array(ties, np.int64).reshape(-1, 3)
    x, y = _layout(len(people), pairs)
    near = pairs[:, 2] == 1
    return Sample(people, x, y, pairs[near if near.any() else slice(None), :2])


def _friends(network: Any, strong: np.ndarray, person: int) -> list[tuple[int, int]]:
    """Each friend of a person, and 1 where the tie is strong."""
    at = slice(network.indptr[person], network.indptr[person + 1])
    return list(zip(network.indices[at].tolist(), strong[at].tolist(), strict=True))


def states(market: Any, picture: Sample, mine: np.ndarray) -> np.ndarray:
    """uint8[k], what each person of the picture is to the products ``mine`` (bool[P]), as the day has ended."""
    c, people = market.state.columns, picture.people
    flags = c["flags"][people][:, mine]
    found = np.where(((flags & AWARE) != 0).any(axis=1), AWARE_ONLY, UNAWARE).astype(np.uint8)
    seeded = ((flags & GIFTED) != 0).any(axis=1)
    posts = market.state.table("posts").rows
    authors = posts["author"][(posts["channel"] == CHANNEL["koc"]) & mine[posts["product"]]]
    found[seeded | np.isin(people, authors)] = SEEDED
    shares = market.state.table("shares").rows
    fresh = shares[(shares["day"] > market.day - 1 - RECENT) & mine[shares["product"]]]
    found[np.isin(people, fresh["sharer"])] = SHARED
    found[(c["units"][people][:, mine] > 0).any(axis=1)] = BOUGHT
    return found


def told(market: Any, picture: Sample, mine: np.ndarray) -> np.ndarray:
    """int64[e, 2], positions in the picture: who was last told of the products by whom."""
    if "referrer" not in market.state.columns:  # market.tracing is off
        return np.zeros((0, 2), np.int64)
    source = market.state.columns["referrer"][picture.people][:, mine]
    place = np.full(market.network.n, -1, np.int64)
    place[picture.people] = np.arange(len(picture.people))
    who, which = np.nonzero(source >= 0)
    by = place[source[who, which]]
    return np.unique(np.stack([by, who], axis=1)[by >= 0], axis=0)


def _neighbours(network: Any, authors: np.ndarray, size: int) -> np.ndarray:
    """``size`` people: circles of friends round the best-connected author, nearest first; strangers where that ends."""
    if network.well_mixed or network.edges == 0:
        return np.unique(np.linspace(0, network.n - 1, size).astype(np.int64))
    degree = network.degree
    found: dict[int, None] = {}
    community = network.community
    for start in np.lexsort((-degree, ~authors))[:size]:
        line = [int(start)]
        for person in line:
            if len(found) >= size:
                return np.array(sorted(found), np.int64)
            if person in found:
                continue
            found[person] = None
            friends = network.neighbours(person)
            near = friends[np.argsort(community[friends] != community[person], kind="stable")]
            line.extend(int(friend) for friend in near)
    return np.array(sorted(found), np.int64)


def _layout(n: int, ties: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places in the unit square: springs along ties, weak ones soft; a sunflower where there are none."""
    if len(ties) == 0:
        turn, out = np.arange(n) * 2.399963, np.sqrt((np.arange(n) + 0.5) / max(n, 1)) / 2
        return 0.5 + out * np.cos(turn), 0.5 + out * np.sin(turn)
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((a, b, 1.0 if close else 0.05) for a, b, close in ties.tolist())
    places = np.array(list(nx.spring_layout(graph, k=1.2 / np.sqrt(n), iterations=120, seed=1).values()))
    # Ranks mixed with distances spread the middle, where friends of friends crowd.
    spread = np.argsort(np.argsort(places, axis=0), axis=0) / max(n - 1, 1)
    low, high = places.min(axis=0), places.max(axis=0)
    even = 0.5 * spread + 0.5 * (places - low) / np.maximum(high - low, 1e-9)
    return even[:, 0], even[:, 1]
