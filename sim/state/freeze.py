"""State as plain arrays and JSON, and back: what checkpoints are made of. Nothing that is read can act.

A graph of values (numbers, text, tuples, lists, sets, dicts, arrays, parameters, records of this package) becomes a
list of nodes that name each other by number, so that what was shared is shared again. Things that belong to the market
itself (``refs``: the market, its network, its scenario) are named, not written. Reading makes instances of classes of
this package without calling them, and checks parameters against their schema; anything else is refused.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from sim.contract import Params, SimError

ROOMS = ("sim.agents.", "sim.contract", "sim.mechanisms.", "sim.metrics.", "sim.rules.", "sim.scenario.", "sim.state.")
PLAIN = (type(None), bool, int, float, str)


class FrozenError(SimError):
    """What cannot be written as plain data, or is not what such a file holds."""


class Freezer:
    """Writes values: ``nodes`` are the structure, ``arrays`` what it refers to."""

    def __init__(self, refs: dict[str, Any]) -> None:
        self.nodes: list[Any] = []
        self.arrays: list[np.ndarray] = []
        self._refs = {id(thing): name for name, thing in refs.items()}
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no id is used twice

    def put(self, value: Any, where: str) -> Any:
        """A value as JSON; ``where`` is told when it cannot be."""
        if type(value) in PLAIN:
            return value
        if id(value) in self._refs:
            return ["ref", self._refs[id(value)]]
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return ["np", value.dtype.str, value.item()]
        if id(value) not in self._seen:
            self._seen[id(value)] = len(self.nodes)
            self._kept.append(value)
            self.nodes.append(None)
            self.nodes[self._seen[id(value)]] = self._node(value, where)
        return ["#", self._seen[id(value)]]

    def _node(self, value: Any, where: str) -> list[Any]:
        kind: Any = type(value)
        if kind is np.ndarray:
            return self._array(value, where)
        if kind in (tuple, list):
            return [kind.__name__, [self.put(item, f"{where}[{k}]") for k, item in enumerate(value)]]
        if kind in (set, frozenset):
            return [kind.__name__, [self.put(item, where) for item in sorted(value, key=repr)]]
        if kind is dict:
            return ["dict", [[self.put(k, where), self.put(v, f"{where}[{k!r}]")] for k, v in value.items()]]
        if not kind.__module__.startswith(ROOMS) or "." in kind.__qualname__:
            raise FrozenError(f"{where}: a {kind.__module__}.{kind.__qualname__} cannot be kept in a checkpoint")
        name = f"{kind.__module__}:{kind.__qualname__}"
        if isinstance(value, BaseModel):
            return ["params", name, self.put(value.model_dump(), where)]
        if isinstance(value, tuple):
            return ["named", name, [self.put(item, f"{where}[{k}]") for k, item in enumerate(value)]]
        return ["thing", name, [[k, self.put(v, f"{where}.{k}")] for k, v in vars(value).items()]]

    def _array(self, value: np.ndarray, where: str) -> list[Any]:
        if value.dtype.hasobject:
            raise FrozenError(f"{where}: an array of objects cannot be kept in a checkpoint")
        whole = np.ascontiguousarray(value)
        self.arrays.append(whole.reshape(-1).view(np.uint8) if value.dtype.names else whole.reshape(-1))
        return ["array", len(self.arrays) - 1, _spelt(value.dtype), list(value.shape), bool(value.flags.writeable)]


class Thaw:
    """Reads what :class:`Freezer` wrote. Raises FrozenError on anything that is not of that kind."""

    def __init__(self, nodes: list[Any], arrays: list[np.ndarray], refs: dict[str, Any]) -> None:
        self._nodes, self._arrays, self._refs = nodes, arrays, refs
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def get(self, said: Any) -> Any:
        """The value of a piece of JSON."""
        if type(said) in PLAIN:
            return said
        try:
            kind, key = said[0], said[1]
            if kind == "ref":
                return self._refs[key]
            if kind == "np":
                return np.dtype(key).type(said[2])
            if kind == "#" and key in self._made:
                return self._made[key]
            if kind == "#" and key not in self._open and 0 <= key < len(self._nodes):
                self._open.add(key)
                self._made[key] = self._value(key, *self._nodes[key])
                return self._made[key]
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError, ValidationError) as error:
            raise FrozenError(f"not a checkpoint of this program: {error!r}") from None
        raise FrozenError("not a checkpoint of this program: it refers to what is not there")

    def _value(self, number: int, kind: str, *said: Any) -> Any:
        if kind == "array":
            return self._array(*said)
        if kind in ("tuple", "frozenset"):
            items = [self.get(item) for item in said[0]]
            return tuple(items) if kind == "tuple" else frozenset(items)
        if kind in ("list", "set", "dict"):
            return self._container(number, kind, said[0])
        found = _class(said[0])
        if kind == "params" and issubclass(found, Params):
            return found.model_validate(self.get(said[1]))
        if kind == "named" and issubclass(found, tuple) and len(getattr(found, "_fields", ())) == len(said[1]):
            return found(*(self.get(item) for item in said[1]))
        if kind == "thing" and not issubclass(found, (tuple, BaseModel, BaseException)):
            thing = self._made[number] = object.__new__(found)
            vars(thing).update({_attribute(name): self.get(item) for name, item in said[1]})
            return thing
        raise FrozenError(f"not a checkpoint of this program: {kind} {said[0]}")

    def _container(self, number: int, kind: str, items: list[Any]) -> Any:
        made: Any = {"list": list, "set": set, "dict": dict}[kind]()
        self._made[number] = made
        if kind == "dict":
            made.update({self.get(key): self.get(value) for key, value in items})
        else:
            (made.extend if kind == "list" else made.update)(self.get(item) for item in items)
        return made

    def _array(self, number: int, spelt: Any, shape: list[int], writeable: bool) -> np.ndarray:
        dtype = _dtype(spelt)
        flat = self._arrays[number]
        if flat.dtype != (np.uint8 if dtype.names else dtype):
            raise FrozenError(f"not a checkpoint of this program: an array of {flat.dtype} for {dtype}")
        array = (flat.view(dtype) if dtype.names else flat).reshape(shape)
        array.flags.writeable = writeable
        return array


def _spelt(dtype: np.dtype) -> Any:
    if dtype.names is None:
        return dtype.str
    fields = [[name, dtype.fields[name][0].str] for name in dtype.names]  # type: ignore[index]
    return [fields, bool(dtype.isalignedstruct), dtype.itemsize]


def _dtype(spelt: Any) -> np.dtype:
    if isinstance(spelt, str):
        return np.dtype(spelt)
    made = np.dtype([(str(name), str(kind)) for name, kind in spelt[0]], align=bool(spelt[1]))
    if made.itemsize != spelt[2] or made.hasobject:
        raise FrozenError("not a checkpoint of this platform: records are laid out differently")
    return made


def _class(name: str) -> Any:
    """A class of this package by ``module:name``; nothing else is looked up, and nothing is called."""
    module, _, bare = name.partition(":")
    if not module.startswith(ROOMS) or not bare.isidentifier():
        raise FrozenError(f"not a checkpoint of this program: {name}")
    found = vars(sys.modules.get(module) or import_module(module)).get(bare)
    if not isinstance(found, type) or found.__module__ != module:
        raise FrozenError(f"not a checkpoint of this program: {name}")
    return found


def _attribute(name: Any) -> str:
    if not isinstance(name, str) or not name.isidentifier() or name.startswith("__"):
        raise FrozenError(f"not a checkpoint of this program: an attribute {name!r}")
    return name
