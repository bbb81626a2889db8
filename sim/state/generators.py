"""Graphs of networkx by the name of their generator."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.contract import Problem, ScenarioError
from sim.rng import Stream, day_key, uniform


def generated(spec: Any, n: int | None, seed: int) -> Any:
    """The graph of a function ``*_graph`` of ``networkx.generators``; ``n`` and ``seed`` are filled in where it takes
    them. Raises ScenarioError when there is none of that name, or it refuses its arguments."""
    import networkx as nx

    name, given = str(spec.generator), dict(getattr(spec, "args", None) or {})
    make = getattr(nx, name, None) if name.isidentifier() and name.endswith("_graph") else None
    if make is None or not str(getattr(make, "__module__", "")).startswith("networkx.generators."):
        names = [key for key in dir(nx) if key.endswith("_graph")]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ScenarioError([Problem(f"networkx has no generator {name!r}{hint}", path="network.generator")])
    takes: Mapping[str, inspect.Parameter] = inspect.signature(make).parameters
    for argument in given:
        if argument not in takes or argument in ("backend", "backend_kwargs", "create_using"):
            message = f"{name} takes no {argument!r}; it takes {', '.join(takes)}"
            raise ScenarioError([Problem(message, path=f"network.args.{argument}")])
    if "n" in takes and n is not None:
        given.setdefault("n", n)
    if "seed" in takes:
        given.setdefault("seed", _small_seed(seed))
    try:
        return make(**given)
    except (nx.NetworkXException, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ScenarioError([Problem(f"{name} refuses its arguments: {error}", path="network.args")]) from error


def _small_seed(seed: int) -> int:
    # A kernel returns an unsigned key as a Python int, which numba then takes for a signed one: wrap it again.
    return int(uniform(np.uint64(day_key(seed, int(Stream.NETWORK), 0)), np.uint64(0)) * 2**31)
