"""What the schema finds wrong, in words a person can act on."""

from __future__ import annotations

import copy
import reprlib
from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.scenario.checks import cross_checks
from sim.scenario.paths import Loc, Place, nearest, place_at

Found = tuple[Loc, str]
"""A location and what is wrong there."""

_COMPARISONS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", ">="),
    "less_than": ("lt", "<"),
    "less_than_equal": ("le", "<="),
}
_KINDS = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of sane size",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "string_pattern_mismatch": "is not of the form expected",
}
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}

_repr = reprlib.Repr()
_repr.maxstring = _repr.maxother = 60
_repr.maxlong = 40
_repr.maxdict = _repr.maxlist = _repr.maxlevel = 3


def shown(value: Any) -> str:
    """A value cut to a length that fits a line."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else _repr.repr(_bare(value, 3))


def _bare(value: Any, depth: int) -> Any:
    """Plain dicts and lists, a few levels and items of them, whatever classes they were."""
    if isinstance(value, (dict, list)) and depth == 0:
        return ...
    if isinstance(value, dict):
        return {k: _bare(v, depth - 1) for k, v in list(value.items())[:4]}
    return [_bare(v, depth - 1) for v in value[:4]] if isinstance(value, list) else value


def validated(model: type[BaseModel], data: Any, changed: Iterable[Loc] = ((),)) -> tuple[Any, list[Found]]:
    """The model of plain data and no problem, or what it found of one, and every problem there is.

    ``changed``: where the data differ from some that were valid; everywhere if not given.
    """
    root = Place.root(model)
    strict: list[Found] = []
    for loc in dict.fromkeys(changed):
        strict.extend(_mistyped(_value_at(data, loc), place_at(root, loc, data), loc))
    blamed = {loc for loc, _ in strict}
    try:
        made = model.model_validate(data)
    except ValidationError as error:
        other = [found for found in _translated(error, root, data) if found[0] not in blamed]
        found = [*strict, *other]
        return None, _in_order([*found, *_beside(model, data, {loc for loc, _ in found})])
    except (RecursionError, OverflowError, ValueError) as error:
        return None, [*strict, ((), f"cannot be read: {error}")]
    if strict:
        return None, strict
    return made, list(cross_checks(made))  # type: ignore[arg-type]


def _beside(model: type[BaseModel], data: Any, blamed: set[Loc]) -> list[Found]:
    """What the cross checks say once the blamed values are out of the way, so that one reading names every problem."""
    rest = copy.deepcopy(data)
    for loc in sorted(blamed, key=len, reverse=True):
        holder = _value_at(rest, loc[:-1]) if loc else None
        if not isinstance(holder, dict):
            continue
        place = place_at(Place.root(model), loc, rest)
        if place.is_number:
            holder[loc[-1]] = 1  # a stand-in any bound but the oddest allows: the field may be required
        elif str in place.kinds and loc[-1] not in holder:
            holder[loc[-1]] = "-".join(map(str, loc))  # needed and not given; unlike any other
        else:
            holder.pop(loc[-1], None)
    try:
        made = model.model_validate(rest)
    except (ValidationError, RecursionError, OverflowError, ValueError):
        return []
    return [(loc, message) for loc, message in cross_checks(made) if loc not in blamed]  # type: ignore[arg-type]


def _value_at(data: Any, loc: Loc) -> Any:
    for key in loc:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _in_order(found: Iterable[Found]) -> list[Found]:
    """One message a location where several were about the options of a union; order of appearance kept."""
    said: dict[Loc, list[str]] = {}
    for loc, message in found:
        messages = said.setdefault(loc, [])
        if message not in messages:
            messages.append(message)
    return [(loc, " or ".join(messages)) for loc, messages in said.items()]


def _mistyped(value: Any, place: Place, loc: Loc) -> Iterator[Found]:
    """Values the schema would quietly convert: text read as a number, ``no`` as false, true as 1, 1 as true."""
    if isinstance(value, dict):
        for key, inner in value.items():
            child = place.child(key, value)
            if child.kinds and child.kinds != (Any,):
                yield from _mistyped(inner, child, (*loc, key))
    elif isinstance(value, list):
        for k, inner in enumerate(value):
            child = place.child(k)
            if child.kinds:
                yield from _mistyped(inner, child, (*loc, k))
    elif isinstance(value, (str, bool, int, float)):
        wanted = _wanted(value, place)
        if wanted:
            yield loc, wanted


def _wanted(value: str | bool | int | float, place: Place) -> str:
    kinds = place.kinds
    literals = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    if Any in kinds or any(type(choice) is type(value) and choice == value for choice in literals):
        return ""
    if isinstance(value, bool):
        return f"must be a number (got {shown(value)})" if place.is_number and bool not in kinds else ""
    if isinstance(value, str):
        if str in kinds or not (place.is_number or bool in kinds):
            return ""
        if bool in kinds:
            meant = _WORDS.get(value.lower())
            return f"must be true or false (got {shown(value)}{f'; write {meant}' if meant else ''})"
        number = "a whole number" if place.is_whole else "a number"
        return f"must be {number} (got the text {shown(value)})"
    return f"must be true or false (got {shown(value)})" if bool in kinds and not place.is_number else ""


def _translated(error: ValidationError, root: Place, data: Any) -> Iterator[Found]:
    for item in error.errors(include_url=False):
        kind, value = item["type"], item["input"]
        loc = _real(item["loc"], data, keep_last=kind in ("missing", "extra_forbidden"))
        yield loc, _message(kind, item, value, loc, root, data)


def _real(loc: tuple[int | str, ...], data: Any, keep_last: bool) -> Loc:
    """The location without the labels pydantic adds for the options of unions."""
    out: list[int | str] = []
    here = data
    for k, key in enumerate(loc):
        if isinstance(here, dict) and key in here and not (key == "[key]" and k):
            out.append(key)
            here = here[key]
        elif isinstance(here, dict) and str(key) in here:
            out.append(str(key))
            here = here[str(key)]
        elif isinstance(here, list) and isinstance(key, int) and key < len(here):
            out.append(key)
            here = here[key]
        elif keep_last and k == len(loc) - 1:
            out.append(key)
    return tuple(out)


def _message(kind: str, item: Any, value: Any, loc: Loc, root: Place, data: Any) -> str:
    context = item.get("ctx", {})
    if kind == "missing":
        return "needed, but not given"
    if kind == "extra_forbidden":
        holder: Any = data
        for key in loc[:-1]:
            holder = holder[key]
        known = place_at(root, loc[:-1], data).keys(holder) or []
        return f"unknown key{nearest(str(loc[-1]), [k for k in known if k not in holder])}"
    if kind in _COMPARISONS:
        bound, sign = _COMPARISONS[kind]
        return f"must be {sign} {context[bound]:g} (got {shown(value)})"
    if kind in _KINDS:
        what = "nothing" if value is None else shown(value)
        return f"{_KINDS[kind]} (got {what})"
    if kind == "literal_error":
        choices = [c for c in place_at(root, loc, data).kinds if get_origin(c) is Literal]
        names = [str(name) for choice in choices for name in get_args(choice)]
        return f"must be one of {context['expected']} (got {shown(value)})" + _near(str(value), names)
    if kind == "union_tag_invalid":
        said = value.get("kind") if isinstance(value, dict) else value
        tags = str(context["expected_tags"])
        return f"kind must be one of {tags} (got {shown(said)})" + _near(str(said), tags.replace("'", "").split(", "))
    if kind == "union_tag_not_found":
        return f"must be a mapping (got {shown(value)})"
    if kind in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        return f"must have at least {least} item(s)" if least is not None else f"must have at most {most} item(s)"
    if kind == "string_too_short":
        return "must not be empty"
    said = str(item["msg"]).removeprefix("Value error, ")
    return f"{said} (got {shown(value)})"


def _near(name: str, names: list[str]) -> str:
    hint = nearest(name, names)
    return hint if "did you mean" in hint else ""
