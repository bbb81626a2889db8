"""YAML text to plain data that remember their lines.

The YAML of scenarios is the part people agree on: mappings with text keys, lists, text, decimal numbers, ``true`` and
``false``, ``null``, anchors. What YAML 1.1 makes of ``no``, ``on``, ``12:30`` or ``010`` stays text, so that a field
that wants a number or a truth value refuses it instead of reading 750 or 8; ``1e-3`` is a number.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sim.contract import STEERING, Problem, ScenarioError
from sim.scenario.located import Map, Mark, Seq, plain
from sim.scenario.paths import Loc, display

MAX_BYTES = 8_000_000
MAX_DEPTH = 60
ALIAS_ALLOWANCE = 20_000
"""Nodes a text may have beyond one per character: what honest use of anchors needs, not what a bomb makes of them."""

_WHOLE = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_EXPONENT = r"[eE][-+]?[0-9]+"
_INT = re.compile(rf"^[-+]?{_WHOLE}$")
_FLOAT = re.compile(
    rf"^[-+]?(?:{_WHOLE}\.[0-9]*(?:{_EXPONENT})?|\.[0-9]+(?:{_EXPONENT})?|{_WHOLE}{_EXPONENT}|\.(?:inf|Inf|INF))$"
    r"|^\.(?:nan|NaN|NAN)$"
)
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_MERGE = re.compile(r"^<<$")
_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
_TAG = "tag:yaml.org,2002:"
_NUMBERS = "-+.0123456789"
_DIGITS = 30


def resolver(base: Any, also: bool = False) -> Any:
    """A class of PyYAML that takes bare words for what this language takes them for.

    ``also``: keep what ``base`` takes them for too; a writer then quotes every text that either would misread.
    """
    kept = {first: list(rules) for first, rules in base.yaml_implicit_resolvers.items()} if also else {}
    made = type(f"Plain{base.__name__}", (base,), {"yaml_implicit_resolvers": kept})
    for name, pattern, first in (
        ("bool", _BOOL, "tTfF"), ("int", _INT, _NUMBERS), ("float", _FLOAT, _NUMBERS),
        ("null", _NULL, ["~", "n", "N", ""]), ("merge", _MERGE, "<"),
    ):  # fmt: skip
        made.add_implicit_resolver(_TAG + name, pattern, list(first))  # type: ignore[attr-defined]
    return made


def represented(writer: Any, text: str) -> Any:
    """A text for a writer; one with line breaks of other alphabets in escapes, for between simple quotes they would be
    folded to a space."""
    return writer.represent_scalar(_TAG + "str", text, style='"' if _BREAKS.search(text) else None)


_Reader = resolver(getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def read_text(path: Path, label: str) -> str:
    """Text of a file. Raises ScenarioError when it cannot be read, is too large (before reading it) or not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
            size = max(len(raw), os.fstat(file.fileno()).st_size)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise ScenarioError([Problem(f"cannot be read: {said}", file=label)]) from None
    if size > MAX_BYTES:
        raise ScenarioError(
            [Problem(f"too large: {size / 1e6:.1f} MB, the limit is {MAX_BYTES / 1e6:g} MB", file=label)]
        )
    return decode(raw, label)


def decode(raw: bytes, file: str) -> str:
    """Text of the bytes of a file. Raises ScenarioError on what is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"not UTF-8 text (byte 0x{raw[error.start]:02x}); save the file in the encoding UTF-8"
        raise ScenarioError([Problem(message, file=file, line=line)]) from None


def parse(text: str, file: str) -> tuple[Any, list[Problem]]:
    """Data of a YAML text with their lines, and mistakes that leave the rest readable (such as a repeated key).

    Raises ScenarioError when the text cannot be read at all. An empty text is None.
    """
    if len(text) > MAX_BYTES:
        raise ScenarioError([Problem(f"too large: the limit is {MAX_BYTES / 1e6:g} million characters", file=file)])
    try:
        _check_depth(text, file)
        node = yaml.compose(text, Loader=_Reader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = _said(error, text.splitlines()[mark.line : mark.line + 1] if mark else [])
        raise ScenarioError([Problem(said, file=file, line=mark.line + 1 if mark else None)]) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1 if isinstance(error.position, int) else None
        raise ScenarioError([Problem(f"not YAML: {error.reason}", file=file, line=line)]) from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise ScenarioError([Problem(f"not YAML: {str(error).splitlines()[0]}", file=file)]) from None
    if node is None:
        return None, []
    builder = _Builder(file, len(text) + ALIAS_ALLOWANCE)
    data = builder.build(node, ())
    return data, [
        Problem(message, display(loc, data), file, mark.line if mark else None)
        for loc, message, mark in builder.problems
    ]


def parse_value(text: str) -> Any:
    """One value as it would be read in a file: ``"0.2"``, ``"[149, 199]"``, ``"{scale: 2}"``."""
    data, problems = parse(text, "")
    if problems:
        raise ScenarioError(problems)
    return plain(data)


def _too_deep(file: str, line: int) -> ScenarioError:
    return ScenarioError([Problem(f"nested deeper than {MAX_DEPTH} levels", file=file, line=line)])


def _check_depth(text: str, file: str) -> None:
    """Refuse depths the C composer, which recurses, would not survive; looks closely only where they are possible."""
    flow = text.count("[") + text.count("{")
    if flow <= 500 and not re.search(r"[^\n]{400}", text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Reader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep(file, (event.start_mark.line if event.start_mark else 0) + 1)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _said(error: yaml.MarkedYAMLError, line: list[str]) -> str:
    problem = error.problem or "cannot be read"
    if "tab character" in problem or any(re.match(r"\s*\t", text) for text in line):
        return "not YAML: a tab; indent with spaces"
    if "another document" in problem:
        return "more than one document: keep one scenario a file"
    if "undefined alias" in problem:
        return "not YAML: an alias (*name) without its anchor (&name)"
    if "cannot start any token" in problem:
        return f"not YAML: {problem}; put text that begins so in quotes"
    if "mapping values are not allowed" in problem:
        return "not YAML: a second ': ' on the line, or wrong indentation; put text with a colon in quotes"
    return f"not YAML: {problem}" + (f" ({error.context})" if error.context else "")


@dataclass
class _Builder:
    """Turns nodes into data, collecting what is wrong with them."""

    file: str
    allowance: int
    problems: list[tuple[Loc, str, Mark | None]] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    count: int = 0

    def mark(self, node: yaml.Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1)

    def complain(self, loc: Loc, message: str, node: yaml.Node) -> None:
        self.problems.append((loc, message, self.mark(node)))

    def build(self, node: yaml.Node, loc: Loc) -> Any:
        self.count += 1
        if self.count > self.allowance:
            problem = Problem("aliases make too much of a small text", file=self.file, line=self.mark(node).line)
            raise ScenarioError([problem])
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, loc)
        if id(node) in self.open:
            self.complain(loc, "an alias that contains itself", node)
            return None
        if len(loc) >= MAX_DEPTH:
            raise _too_deep(self.file, self.mark(node).line)
        expected = "map" if isinstance(node, yaml.MappingNode) else "seq"
        if node.tag != _TAG + expected:
            self.complain(loc, f"the tag {_short(node.tag)} is not part of this language", node)
        self.open.add(id(node))
        try:
            return self.mapping(node, loc) if isinstance(node, yaml.MappingNode) else self.sequence(node, loc)
        finally:
            self.open.discard(id(node))

    def sequence(self, node: yaml.Node, loc: Loc) -> Seq:
        out = Seq(self.mark(node))
        for k, item in enumerate(node.value):
            out.put(self.build(item, (*loc, k)), self.mark(item))
        return out

    def mapping(self, node: yaml.Node, loc: Loc) -> Map:
        out = Map(self.mark(node))
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged.extend(value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node])
                continue
            key = self.key(key_node, loc)
            if key is None:
                continue
            value = self.build(value_node, (*loc, key))
            first = out.marks.get(key)
            if first is not None:
                self.complain((*loc, key), f"duplicate key (first on line {first.line})", key_node)
            else:
                out.put(key, value, self.mark(key_node))
        for source in merged:
            inherited = self.build(source, loc)
            if not isinstance(inherited, Map):
                self.complain(loc, "<<: takes a mapping, or a list of mappings", source)
                continue
            for key, value in inherited.items():
                if key not in out:
                    out.put(key, value, inherited.marks[key])
        return out

    def key(self, node: yaml.Node, loc: Loc) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.complain(loc, "a key must be text, not a list or a mapping", node)
            return None
        kind = node.tag.removeprefix(_TAG)
        if kind in ("str", "int"):  # months are numbered; the schema makes numbers of them again
            return self.seen(str(node.value), loc, node)
        self.complain(loc, f"a key must be text (got {_short(node.value)}); put it in quotes", node)
        return None

    def seen(self, text: str, loc: Loc, node: yaml.Node) -> str | None:
        """Text that holds nothing but what is seen; escapes could put the rest into it."""
        if found := STEERING.search(text):
            self.complain(loc, f"text holds a sign that is not seen (U+{ord(found[0]):04X}): leave it out", node)
            return None
        return text

    def scalar(self, node: yaml.ScalarNode, loc: Loc) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(_TAG)
        bare = text.replace("_", "")
        if kind in ("str", "merge"):
            return self.seen(text, loc, node)
        if kind == "null" and _NULL.match(text):
            return None
        if kind == "bool" and _BOOL.match(text):
            return text.lower() == "true"
        if kind == "int" and _INT.match(text):
            if len(bare) > _DIGITS:
                self.complain(loc, f"too long a number ({len(bare)} digits)", node)
                return None
            return int(bare)
        if kind == "float" and (_FLOAT.match(text) or _INT.match(text)):
            if "n" in bare.lower() or not math.isfinite(float(bare)):
                self.complain(loc, f"must be a finite number (got {_short(text)})", node)
                return None
            return float(bare)
        if kind in ("null", "bool", "int", "float"):
            self.complain(loc, f"{_short(text)} is not what its tag says", node)
        else:
            self.complain(loc, f"the tag {_short(node.tag)} is not part of this language", node)
        return None


def _short(text: str) -> str:
    text = text.replace(_TAG, "!!")
    return repr(text if len(text) <= 40 else text[:37] + "...")
