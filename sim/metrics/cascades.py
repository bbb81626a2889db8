"""The trees that shares make."""

from __future__ import annotations

import numpy as np

from sim.rules.cascade import tree_shapes
from sim.state.records import picked


def cascade_table(rows: np.ndarray) -> dict[str, np.ndarray]:
    """One entry for each tree of the SHARE rows ``rows`` (the whole table), in order of origin.

    ``root`` row of the origin; ``day``, ``product``, ``good`` of it; ``size`` people who shared; ``depth`` generations
    below the origin; ``virality`` mean distance of two of its people (0 for a singleton).
    """
    root = np.flatnonzero(rows["parent"] < 0)
    size, depth, distance = tree_shapes(rows["parent"], rows["root"])
    n = size[root]
    virality = np.where(n > 1, 2.0 * distance[root] / np.maximum(1, n * (n - 1)), 0.0)
    origin = picked(rows, root)
    return {"root": root, "day": origin["day"], "product": origin["product"], "good": origin["good"], "size": n,
            "depth": depth[root], "virality": virality}


def reproduction(rows: np.ndarray) -> float:
    """Mean re-sharing children of a sharer (NaN without shares). Shares of the last day have had no time for any."""
    return float((rows["parent"] >= 0).mean()) if len(rows) else float("nan")
