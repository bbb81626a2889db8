"""What a network looks like, beside real ones: the page that ``sim explain network`` prints.

The real figures (``real_networks.csv``, with the row ids of the facts they come from and the owner of each data set)
were computed once on the whole graphs. Clustering counts people with fewer than two friends as 0, as there. The
modularity of a real graph is that of its best division (Leiden); ours is that of the network's own communities.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sim.rng import Stream, day_key, entity_key, uniform
from sim.state.network import Network

REAL = Path(__file__).with_name("real_networks.csv")
CLUSTERING_SAMPLE = 20_000
PATH_WORK = 40_000_000
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
_STREAM = int(Stream.NETWORK)

ROWS: tuple[tuple[str, str, str], ...] = (
    ("people", "people", ",.0f"),
    ("mean_degree", "mean degree", ".1f"),
    ("median_degree", "median degree", ".0f"),
    ("p90_degree", "degree, 90th percentile", ".0f"),
    ("p99_degree", "degree, 99th percentile", ".0f"),
    ("max_degree", "largest degree", ",.0f"),
    ("degree_gini", "Gini of degree", ".2f"),
    ("top1pct_share", "ties held by the top 1 %", ".2f"),
    ("tail_exponent", "exponent of the tail", ".2f"),
    ("clustering", "clustering (local, mean)", ".2f"),
    ("transitivity", "transitivity", ".2f"),
    ("assortativity", "assortativity by degree", "+.2f"),
    ("largest_component", "largest component", ".2f"),
    ("modularity", "modularity", ".2f"),
    ("path_length", "mean path", ".2f"),
)
"""Key in :func:`describe` and in the CSV, label, format."""


def describe(network: Network, seed: int = 0, sources: int = 100) -> dict[str, Any]:
    """Figures of one network, ``{key: value}``; NaN where there is nothing to measure.

    Exact but for clustering and transitivity (a keyed sample of up to 20,000 people) and path length (breadth-first
    from up to ``sources`` keyed people, fewer in large graphs).
    """
    degree = network.degree.astype(np.float64)
    sizes = np.bincount(network.community) if network.n else np.zeros(1, np.int64)
    figures: dict[str, Any] = {
        "people": network.n,
        "ties": network.edges,
        "isolated": int((degree == 0).sum()),
        "communities": network.communities,
        "largest_community": int(sizes.max()),
        "median_community": float(np.median(sizes)),
        "quantiles": {q: float(np.quantile(degree, q)) for q in QUANTILES} if network.n else {},
        "strong_share": float(network.strong.mean()) if network.edges else float("nan"),
        **dict.fromkeys((key for key, _, _ in ROWS if key != "people"), float("nan")),
    }
    if not network.edges:
        return figures
    ordered = np.sort(degree)[::-1]
    top = max(1, round(0.01 * network.n))
    ranks = np.arange(network.n, 0, -1)
    figures |= {
        "mean_degree": float(degree.mean()),
        "median_degree": float(np.median(degree)),
        "p90_degree": float(np.quantile(degree, 0.9)),
        "p99_degree": float(np.quantile(degree, 0.99)),
        "max_degree": float(degree.max()),
        "degree_gini": float(2.0 * (ranks * ordered).sum() / (network.n * ordered.sum()) - (network.n + 1) / network.n),
        "top1pct_share": float(ordered[:top].sum() / ordered.sum()),
        "tail_exponent": _tail(ordered),
        "assortativity": float(_assortativity(network.indptr, network.indices)),
        "modularity": float(_modularity(network.indptr, network.indices, network.community)),
    }
    clustering, transitivity = _clustering(network.indptr, network.indices, _sample(network, seed, CLUSTERING_SAMPLE))
    few = int(max(3, min(sources, PATH_WORK // max(len(network.indices), 1))))
    start = _sample(network, seed + 1, few)
    path, reach = _paths(network.indptr, network.indices, start)
    return figures | {
        "clustering": float(clustering),
        "transitivity": float(transitivity),
        "path_length": float(path),
        "largest_component": float(reach) / network.n,
    }


def real_networks() -> list[dict[str, str]]:
    """Rows of ``real_networks.csv``: one real graph each, figures as text, with ``facts`` and ``source``."""
    with REAL.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def table(network: Network, seed: int = 0) -> str:
    """The network's figures beside those of real graphs, as plain text no wider than 120 characters."""
    own = describe(network, seed)
    if network.well_mixed:
        return f"{network.n:,} people, well mixed: everybody meets everybody, no tie is stored."
    real = real_networks()
    wide = max(len(label) for _, label, _ in ROWS)
    heads = ["this one", *(_short(row["graph"]) for row in real)]
    lines = [" " * wide + "".join(f"{head:>10}" for head in heads)]
    for key, label, form in ROWS:
        cells = [own[key], *(float(row[key]) if row[key] else float("nan") for row in real)]
        lines.append(f"{label:<{wide}}" + "".join(f"{_cell(value, form):>10}" for value in cells))
    quantiles = ", ".join(f"{q:.0%} {value:.0f}" for q, value in own["quantiles"].items())
    lines += [
        "",
        f"{own['ties']:,} ties, {own['strong_share']:.0%} of them strong; {own['isolated']:,} people without a tie; "
        f"degrees: {quantiles}",
        f"{own['communities']:,} communities, median {own['median_community']:.0f}, largest "
        f"{own['largest_community']:,}",
    ]
    counted = ("self_loops", "duplicates", "zero_weight", "comments", "reciprocity")
    said = [f"{name.replace('_', '-')} {network.report[name]}" for name in counted if network.report.get(name)]
    if said:
        lines.append("as read: " + ", ".join(said))
    lines += [f"note: {note}" for note in network.report.get("notes", ())]
    lines += ["", "Real graphs:", *(f"  {_short(r['graph'])}: {r['what']}; {r['source']} ({r['facts']})" for r in real)]
    return "\n".join(lines)


def _short(name: str) -> str:
    return {"lastfm_hetrec_friends": "last.fm", "douban_book_friends": "douban", "twitch_ENGB": "twitch-gb"}.get(
        name, name.replace("ego_", "").replace("_asia", "-as").replace("_HU", "-hu").replace("_trust", "")
        .replace("_ZHTW", "-tw")
    )  # fmt: skip


def _cell(value: float, form: str) -> str:
    return "-" if value != value else format(value, form)


def _sample(network: Network, seed: int, most: int) -> NDArray[np.int64]:
    """int64[<= most], a keyed sample of people that have a tie, ascending."""
    tied = np.flatnonzero(network.degree > 0)
    if len(tied) <= most:
        return tied
    return np.sort(tied[np.argsort(_sample_keys(seed, network.ids[tied]), kind="stable")[:most]])


def _tail(ordered: NDArray[np.float64]) -> float:
    """Exponent of the tail of ``ordered`` (descending): maximum likelihood above the cut-off that fits best by
    Kolmogorov-Smirnov (Clauset, Shalizi, Newman 2009, eq. 3.7), at least 50 people; NaN when there are too few."""
    degrees = ordered[ordered > 0][::-1]
    cuts = np.unique(degrees[: max(len(degrees) - 50, 0)])
    best, exponent = np.inf, float("nan")
    for cut in cuts[:: max(1, len(cuts) // 200)]:
        kept = degrees[np.searchsorted(degrees, cut) :]
        alpha = 1.0 + len(kept) / float(np.log(kept / (cut - 0.5)).sum())
        values, first = np.unique(kept, return_index=True)
        beyond = ((values - 0.5) / (cut - 0.5)) ** (1.0 - alpha)
        gap = float(np.abs(beyond - (1.0 - first / len(kept))).max())
        if gap < best and kept[-1] > kept[0]:
            best, exponent = gap, alpha
    return exponent


@njit(cache=True)
def _sample_keys(seed, ids):  # type: ignore[no-untyped-def]
    out = np.empty(len(ids), np.float64)
    base = day_key(seed, _STREAM, 200)
    for i in range(len(ids)):
        out[i] = uniform(entity_key(base, ids[i]), np.uint64(0))
    return out


@njit(cache=True)
def _clustering(indptr, indices, people):  # type: ignore[no-untyped-def]
    """Mean local clustering (isolated people, absent from the sample, count 0) and transitivity."""
    n = len(indptr) - 1
    tied = 0
    for i in range(n):
        tied += indptr[i + 1] > indptr[i]
    friend = np.zeros(n, np.bool_)
    local = closed = open_or_closed = 0.0
    for i in people:
        degree = indptr[i + 1] - indptr[i]
        if degree < 2:
            continue
        for e in range(indptr[i], indptr[i + 1]):
            friend[indices[e]] = True
        triangles = 0
        for e in range(indptr[i], indptr[i + 1]):
            for f in range(indptr[indices[e]], indptr[indices[e] + 1]):
                triangles += friend[indices[f]]
        for e in range(indptr[i], indptr[i + 1]):
            friend[indices[e]] = False
        pairs = float(degree) * (degree - 1)
        local += triangles / pairs
        closed += triangles
        open_or_closed += pairs
    return local / max(len(people), 1) * tied / max(n, 1), closed / max(open_or_closed, 1.0)


@njit(cache=True)
def _assortativity(indptr, indices):  # type: ignore[no-untyped-def]
    """Pearson correlation of the degrees at the two ends of a tie; NaN when all degrees are equal."""
    product = total = square = 0.0
    for i in range(len(indptr) - 1):
        own = float(indptr[i + 1] - indptr[i])
        total += own * own
        square += own * own * own
        for e in range(indptr[i], indptr[i + 1]):
            product += own * (indptr[indices[e] + 1] - indptr[indices[e]])
    ends = float(len(indices))
    mean = total / ends
    spread = square / ends - mean * mean
    return (product / ends - mean * mean) / spread if spread > 1e-12 else np.nan


@njit(cache=True)
def _modularity(indptr, indices, community):  # type: ignore[no-untyped-def]
    held = np.zeros(community.max() + 1, np.float64)
    inside = 0.0
    for i in range(len(indptr) - 1):
        held[community[i]] += indptr[i + 1] - indptr[i]
        for e in range(indptr[i], indptr[i + 1]):
            inside += community[i] == community[indices[e]]
    ends = float(len(indices))
    return inside / ends - np.sum((held / ends) ** 2)


@njit(cache=True)
def _paths(indptr, indices, sources):  # type: ignore[no-untyped-def]
    """Mean distance in the largest component met, and its size; breadth-first search from each source."""
    n = len(indptr) - 1
    distance = np.empty(n, np.int32)
    queue = np.empty(n, np.int64)
    total = pairs = 0.0
    largest = 0
    for source in sources:
        distance[:] = -1
        distance[source] = 0
        queue[0] = source
        head, tail, far = 0, 1, 0.0
        while head < tail:
            i = queue[head]
            head += 1
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                if distance[j] < 0:
                    distance[j] = distance[i] + 1
                    far += distance[j]
                    queue[tail] = j
                    tail += 1
        if tail > largest:
            largest, total, pairs = tail, 0.0, 0.0
        if tail == largest:
            total += far
            pairs += tail - 1
    return total / max(pairs, 1.0), largest
