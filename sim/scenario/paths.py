"""Dotted paths, and the schema seen along them.

A path is names joined by dots. A name matches ``[\\w-]+`` in any script, else it is quoted, as in
``merchants."Lumi & Co".cash``.
``*`` stands for every name at its place. Items of a list are addressed by their ``name``, never by number.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Loc = tuple[str | int, ...]
"""Where a value stands in plain data: keys of mappings and positions in lists."""

ANY = "*"
"""The wildcard among the names of a path."""

_NAME = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([\w-]+)|(\*))(\.|\Z)""")


class PathError(Exception):
    """A path that cannot be read or leads nowhere; the message says why and what is nearest."""


def parse_path(text: str) -> tuple[str, ...]:
    """The names of a path. Raises :class:`PathError` where it cannot be read."""
    if not isinstance(text, str) or not text.strip():
        raise PathError("a path is needed, such as merchants.Lumi.plan.mix")
    names: list[str] = []
    at = 0
    while True:
        found = _NAME.match(text, at)
        if found is None or found[1] == "" or found[2] == "":
            hint = "; names are joined by single dots, other characters must be quoted" if at < len(text) else ""
            raise PathError(f"cannot read the path at {text[at : at + 20]!r}{hint or '; it ends with a dot'}")
        quoted = found[1] or found[2]
        if quoted == ANY:
            raise PathError("nothing may be called '*'")
        names.append(quoted or found[3] or ANY)
        at = found.end()
        if not found[5]:
            return tuple(names)


def quote(name: str) -> str:
    """A name as it stands in a path."""
    if name == ANY or re.fullmatch(r"[\w-]+", name):
        return name
    return f"'{name}'" if '"' in name else f'"{name}"'


def format_path(names: Iterable[str]) -> str:
    """The inverse of :func:`parse_path`."""
    return ".".join(quote(name) for name in names)


def visible(text: str) -> str:
    """Text on one line, without signs that steer a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def is_named_list(value: Any) -> bool:
    """Whether every item of a list, and there is at least one, is a mapping with a name."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, Mapping) and isinstance(item.get("name"), str) for item in value)


def display(loc: Loc, data: Any) -> str:
    """A location as a path: list items by name where they have one, by position where they have none."""
    out = ""
    here: Any = data
    for key in loc:
        try:
            inner = here[key]
        except (KeyError, IndexError, TypeError):
            inner = None
        if isinstance(key, int) and isinstance(here, list):
            name = inner.get("name") if isinstance(inner, Mapping) else None
            part = quote(visible(name)) if isinstance(name, str) and name else f"[{key}]"
        else:
            part = quote(visible(str(key)))
        out += part if not out or part.startswith("[") else f".{part}"
        here = inner
    return out


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """``"; did you mean 'commission'?"``, or the names there are when none is near, or nothing when there are none."""
    names = sorted(str(k) for k in known)
    folded = {k.casefold(): k for k in names}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=cutoff)
    if found:
        return f"; did you mean {folded[found[0]]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"; known here: {shown}"


@lru_cache(maxsize=4096)
def _kinds(annotation: Any) -> tuple[Any, ...]:
    """The plain types a value may have: unions opened, annotations dropped."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(dict.fromkeys(kind for option in get_args(annotation) for kind in _kinds(option)))
    return (annotation,)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


@dataclass(frozen=True, eq=False)
class Place:
    """A place in the schema: the types allowed there and the field that declares it (None at the root)."""

    kinds: tuple[Any, ...]
    info: FieldInfo | None = None

    @classmethod
    def root(cls, model: type[BaseModel]) -> Place:
        """The place of a whole model."""
        return cls((model,))

    def models(self, value: Any = None) -> list[type[BaseModel]]:
        """The models allowed here; of several, the one whose ``kind`` is that of ``value`` if it says one."""
        models = [kind for kind in self.kinds if _is_model(kind)]
        if len(models) > 1 and isinstance(value, Mapping):
            said = value.get("kind", "community")
            fitting = [m for m in models if said in get_args(m.model_fields["kind"].annotation)]
            return fitting or models
        return models

    def whole(self, value: Any) -> Any:
        """A value written in short (``policy: patient``) as the mapping it stands for, so that paths lead into it."""
        short = next((model.SHORT for model in self.models() if hasattr(model, "SHORT")), None)
        return {short: value} if short is not None and isinstance(value, str) else value

    def keys(self, value: Any = None) -> list[str] | None:
        """The keys a mapping may have here; None when any will do or none can."""
        models = self.models(value)
        if not models or self.is_open:
            return None
        return list(dict.fromkeys(name for model in models for name in model.model_fields))

    @property
    def is_open(self) -> bool:
        """Whether a mapping with keys of the user's own may stand here."""
        return any(get_origin(kind) is dict or kind in (dict, Any) for kind in self.kinds)

    @property
    def is_container(self) -> bool:
        """Whether a mapping may stand here."""
        return self.is_open or any(_is_model(kind) for kind in self.kinds)

    @property
    def is_whole(self) -> bool:
        """Whether the only numbers allowed here are whole ones."""
        return int in self.kinds and float not in self.kinds

    @property
    def is_number(self) -> bool:
        """Whether a number may stand here."""
        return int in self.kinds or float in self.kinds

    def child(self, key: str | int, value: Any = None) -> Place:
        """The place under a key, or of an item; without types where the schema knows nothing."""
        for model in self.models(value):
            if key in model.model_fields:
                return _field_place(model, str(key))
        found: list[Any] = []
        for kind in self.kinds:
            origin, args = get_origin(kind), get_args(kind)
            if origin is dict and not isinstance(key, int):
                found.extend(_kinds(args[1]))
            elif origin in (list, tuple) and isinstance(key, int) and args:
                found.extend(_kinds(args[min(key, len(args) - 1)] if origin is tuple else args[0]))
            elif kind is Any:
                found.append(Any)
        return Place(tuple(dict.fromkeys(found)), self.info)

    def extra(self, name: str, default: Any = None) -> Any:
        """One line of the passport given by :func:`sim.contract.quantity`."""
        more = self.info.json_schema_extra if self.info else None
        return more.get(name, default) if isinstance(more, dict) else default

    @property
    def applies(self) -> Literal["build", "day"]:
        """When the value may change; what has no passport is fixed when the market is built."""
        return "day" if self.extra("applies", "build") == "day" else "build"


@lru_cache(maxsize=4096)
def _field_place(model: type[BaseModel], name: str) -> Place:
    info = model.model_fields[name]
    return Place(_kinds(info.annotation), info)  # type: ignore[arg-type]


def place_at(root: Place, loc: Loc, data: Any) -> Place:
    """The place of a location, opened along the data that stand there."""
    place, here = root, data
    for key in loc:
        place = place.child(key, here)
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            here = None
    return place
