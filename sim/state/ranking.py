"""What recommenders say: a factor for each product, by segment or by person, that a platform's feed ranks by."""

from __future__ import annotations

import numpy as np


class Ranking:
    """``own`` bool[S]: platforms whose feed is ranked by a recommender and not by their own rule. ``table``
    float32[S, R, P], the factors, with R people (``personal``) or R segments; of no platforms while nobody recommends.
    """

    def __init__(self, platforms: int, segments: int, segment: np.ndarray) -> None:
        self.own = np.zeros(platforms, bool)
        self.table = np.zeros((0, 1, 1), np.float32)
        self.version = 0
        """How often somebody has spoken."""
        self._segment = segment
        self._segments = segments

    @property
    def personal(self) -> bool:
        """Whether the rows of the table are people."""
        return self.table.shape[1] == len(self._segment) != self._segments

    def put(self, s: int, score: np.ndarray) -> None:
        """Rank platform ``s`` by ``score`` [segments, P] or [people, P] from now on."""
        rows = len(score)
        if len(self.table) == 0 or self.table.shape[2] != score.shape[1]:
            self.table = np.ones((len(self.own), rows, score.shape[1]), np.float32)
        elif rows > self.table.shape[1]:
            self.table = np.ascontiguousarray(self.table[:, self._segment])
        elif rows < self.table.shape[1]:
            score = score[self._segment]
        self.table[s] = score
        self.own[s] = True
        self.version += 1
