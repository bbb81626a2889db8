"""Broken scenarios, tables, plans, designs and flags: what is in the files, what is asked, what must be said.

A file is text, bytes, or a function of its path that makes it. Every case is refused with exit code 2, words that hold
``said``, nothing on stdout and nothing written.
"""

# ruff: noqa: E501  a case a line, so that the table can be read as one

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

Content = str | bytes | Callable[[Path], None]

GOOD = """\
name: two ways
market: {consumers: 200, days: 6}
categories: [{name: beauty, reference_price: 150}]
merchants:
  - name: Lumi
    products: [{name: serum, category: beauty, price: 199, unit_cost: 60}]
    plan: {budget_per_day: 100, mix: {ads: 1}}
strategies:
  ads: {}
  cheaper: {merchants.Lumi.products.serum.price: 149}
outcomes: [profit, gmv]
"""
TABLE = """\
name: own
market: {consumers: 200, days: 6}
categories: [{name: beauty, reference_price: 150}]
merchants:
  - name: Lumi
    catalogue: {file: %s}
"""
PLAN = "scenario: good.yaml\naxes: {merchants.Lumi.products.serum.price: [149, 199]}\n"
HEAD = "name,category,price\n"


@dataclass(frozen=True)
class Case:
    """One broken input: its ``name``, the ``files``, the command line, and what must be said."""

    name: str
    files: dict[str, Content]
    argv: tuple[str, ...]
    said: tuple[str, ...]
    heavy: bool = field(default=False)


def sparse(size: int, head: bytes = b"") -> Callable[[Path], None]:
    """A file of ``size`` bytes that takes no room on the disk."""

    def make(path: Path) -> None:
        path.write_bytes(head)
        os.truncate(path, size)

    return make


def link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bomb_xlsx(path: Path) -> None:
    """200 MB of blanks in a workbook of 200 kB."""
    with (zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book,
          book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet):  # fmt: skip
        for _ in range(200):
            sheet.write(b" " * 1_000_000)


def torn_parquet(path: Path) -> None:
    kept = io.BytesIO()
    pq.write_table(pa.table({"name": ["x"] * 50, "category": ["beauty"] * 50, "price": [3.0] * 50}), kept)
    path.write_bytes(kept.getvalue()[:-40])


def _case(name: str, text: Content, *said: str, heavy: bool = False) -> Case:
    return Case(f"text: {name}", {"s.yaml": text}, ("validate", "s.yaml"), said, heavy)


def _spoilt(name: str, old: str, new: str, *said: str) -> Case:
    assert GOOD.count(old) == 1, old
    return _case(name, GOOD.replace(old, new), *said)


def _table(name: str, content: Content | None, *said: str, file: str = "c.csv", more: dict[str, Content] | None = None) -> Case:
    files: dict[str, Content] = {"s.yaml": TABLE % file, **(more or {})}
    if content is not None:
        files[file] = content
    return Case(f"table: {name}", files, ("validate", "s.yaml"), said)


def _set(name: str, setting: str, *said: str) -> Case:
    return Case(f"set: {name}", {"good.yaml": GOOD}, ("validate", "good.yaml", "--set", setting), said)


def _plan(name: str, text: Content, *said: str, **more: Content) -> Case:
    files = {"good.yaml": GOOD, "p.yaml": text, **{k.replace("_", "."): v for k, v in more.items()}}
    return Case(f"plan: {name}", files, ("sweep", "p.yaml", "--dry-run"), said)


def _design(name: str, content: Content, *said: str) -> Case:
    return _plan(f"design {name}", "scenario: good.yaml\ndesign: d.csv\n", *said, d_csv=content)


def _bomb(kind: str) -> str:
    """Nine aliases of nine aliases, ..., a thousand million nodes."""
    opened, closed, key = ("[", "]", "") if kind == "list" else ("{", "}", "k%d: ")
    first = "a0: &a0 [x, x, x]\n" if kind == "list" else "a0: &a0 {k: x}\n"
    lines = [first]
    for n in range(1, 10):
        inner = ", ".join((key % k if key else "") + f"*a{n - 1}" for k in range(9))
        lines.append(f"a{n}: &a{n} {opened}{inner}{closed}\n")
    return "".join(lines)


TEXT = [
    _case("empty", "", "s.yaml:1: empty"),
    _case("only a byte order mark", b"\xef\xbb\xbf", "s.yaml:1: empty"),
    _case("only remarks", "# nothing\n", "s.yaml:1: empty"),
    _case("a list", "- a\n", "s.yaml:1: a scenario is a mapping"),
    _case("a word", "hello\n", "s.yaml:1: a scenario is a mapping"),
    _case("NUL", b"name: a\0b\n", "s.yaml:1: not YAML"),
    _case("many NULs", b"\0" * 100_000, "s.yaml:1: not YAML"),
    _case("UTF-16", GOOD.encode("utf-16"), "s.yaml:1: not UTF-8"),
    _case("Latin-1", b"name: x\nquestion: caf\xe9\n", "s.yaml:2: not UTF-8"),
    _case("GB18030", "name: 光\n".encode("gb18030"), "not UTF-8"),
    _case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8"),
    _case("CRLF keeps lines", GOOD.replace("days: 6", "dayz: 6").replace("\n", "\r\n").encode(), "s.yaml:2: market.dayz"),
    _case("a mark and CRLF", b"\xef\xbb\xbf" + GOOD.replace("price: 199", "price: -1").replace("\n", "\r\n").encode(), "s.yaml:6:", "must be > 0"),
    _case("CR alone", GOOD.replace("days: 6", "days: 0").replace("\n", "\r").encode(), "market.days: must be >= 1"),
    _case("aliases of aliases, lists", _bomb("list"), "aliases", heavy=True),
    _case("aliases of aliases, mappings", _bomb("map"), "aliases", heavy=True),
    _case("merged merges", "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: 1}}\n" for n in range(1, 40)), "s.yaml:1: aliases make too much", heavy=True),
    _case("an alias of itself", "name: x\na: &a [*a]\n", "s.yaml:2: a", "contains itself"),
    _case("a merge of itself", "name: x\na: &a {<<: *a}\n", "s.yaml:2: a", "itself"),
    _case("lists in lists", "a: " + "[" * 50_000, "s.yaml:1: nested deeper", heavy=True),
    _case("mappings in mappings", "{a: " * 20_000, "s.yaml:1: nested deeper", heavy=True),
    _case("block lists in lists", "- " * 50_000 + "x\n", "nested deeper", heavy=True),
    _case("indented mappings", "".join(" " * n + "a:\n" for n in range(300)), "nested deeper", heavy=True),
    _case("keys of keys", "? " * 20_000 + "a\n", "nested deeper", heavy=True),
    _case("8 MB of remarks", b"name: x\n" + b"#" * 8_000_001, "s.yaml: too large: 8.0 MB", heavy=True),
    _case("100 MB", sparse(100_000_000, b"name: x\n"), "s.yaml: too large: 100.0 MB", heavy=True),
    _case("a line of a megabyte", "name: " + "x" * 1_000_000, "s.yaml:1: name", heavy=True),
    _case("ten thousand unknown keys", GOOD + "".join(f"k{n}: 1\n" for n in range(10_000)), "k0: unknown key", "more in this file", heavy=True),
    _case("a key of 5,000 signs", GOOD + "k" * 5_000 + ": 1\n", "s.yaml:12:"),
    _case("a YAML of the future", "%YAML 9.0\n---\n" + GOOD, "s.yaml"),
    _spoilt("an integer of 5,000 digits", "consumers: 200", "consumers: " + "9" * 5_000, "s.yaml:2: market.consumers", "too long a number"),
    _spoilt("an integer of 25 digits", "consumers: 200", "consumers: " + "9" * 25, "s.yaml:2: market.consumers"),
    _spoilt("a negative million", "consumers: 200", "consumers: -1000000", "s.yaml:2: market.consumers"),
    _spoilt("more days than a short holds", "days: 6", "days: 40000", "s.yaml:2: market.days"),
    _spoilt("NaN", "price: 199", "price: .nan", "s.yaml:6:", "must be a finite number"),
    _spoilt("infinity", "price: 199", "price: .inf", "s.yaml:6:", "must be a finite number"),
    _spoilt("less than infinity", "price: 199", "price: -.inf", "s.yaml:6:", "finite"),
    _spoilt("1e999", "price: 199", "price: 1e999", "s.yaml:6:", "must be a finite number"),
    _spoilt("a price beyond a 32-bit fen", "price: 199", "price: 1e12", "s.yaml:6:"),
    _spoilt("octal", "price: 199", "price: 0777", "s.yaml:6:", "must be a number"),
    _spoilt("sexagesimal", "price: 199", "price: 190:20:30", "s.yaml:6:", "must be a number"),
    _spoilt("full-width digits", "price: 199", "price: １９９", "s.yaml:6:", "must be a number"),
    _spoilt("Arabic digits", "price: 199", "price: ١٩٩", "s.yaml:6:", "must be a number"),
    _spoilt("a Cyrillic letter in a key", "market:", "mаrket:", "s.yaml:2:", "unknown key"),
    _spoilt("a Greek letter in a name", "merchants.Lumi.products", "merchants.Lυmi.products", "s.yaml:10:", "did you mean"),
    _spoilt("a blank that is not seen, in a key", "days: 6", "da\u200bys: 6", "s.yaml:2:", "not seen (U+200B)"),
    _spoilt("a blank that is not seen, in a name", "name: Lumi", "name: Lu\u2060mi", "s.yaml:5:", "not seen (U+2060)"),
    _spoilt("a turned text", "name: two ways", "name: 'two \u202eyaws'", "s.yaml:1: name", "U+202E"),
    _spoilt("a terminal's colour", "name: Lumi", 'name: "Lu\\e[31mmi"', "s.yaml:5:", "U+001B"),
    _spoilt("a terminal's title", "name: two ways", 'name: "\\e]0;x\\a"', "s.yaml:1:", "U+001B"),
    _spoilt("an escaped NUL", "name: two ways", 'name: "a\\0b"', "s.yaml:1:", "U+0000"),
    _spoilt("half a surrogate", "name: two ways", 'name: "\\ud800"', "s.yaml"),
    _spoilt("code", "name: two ways", "name: !!python/object/apply:os.system [ls]", "s.yaml:1:", "not part of this language"),
    _spoilt("a class", "name: two ways", "name: !!python/name:os.system", "s.yaml:1:", "not part of this language"),
    _spoilt("bytes", "name: two ways", "name: !!binary aGk=", "s.yaml:1:", "not part of this language"),
    _spoilt("a set", "strategies:\n  ads: {}", "strategies: !!set\n  ads: {}", "s.yaml:8:", "not part of this language"),
    _spoilt("an include", "name: two ways", "name: !include /etc/passwd", "s.yaml:1:", "not part of this language"),
    _spoilt("a repeated key", "days: 6", "days: 6, days: 7", "s.yaml:2: market.days: duplicate key"),
    _spoilt("a truth for a number", "price: 199", "price: true", "s.yaml:6:", "must be a number"),
    _spoilt("a list for a mapping", "market: {consumers: 200, days: 6}", "market: [200, 6]", "s.yaml:2: market: must be a mapping"),
    _spoilt("a mapping for a list", "categories: [{name: beauty, reference_price: 150}]", "categories: {name: beauty}", "s.yaml:3: categories"),
    _spoilt("a tab", "  ads: {}", "\tads: {}", "s.yaml:9:", "tab"),
    _spoilt("two documents", "outcomes:", "---\noutcomes:", "s.yaml:11:", "more than one document"),
    _spoilt("a missing anchor", "name: two ways", "name: *gone", "s.yaml:1:", "anchor"),
    _spoilt("a missing end", "market: {consumers: 200, days: 6}", "market: {consumers: 200, days: 6", "s.yaml:", "not YAML"),
    _spoilt("a name of 81 signs", "name: Lumi", "name: " + "L" * 81, "s.yaml:5:", "1-80 characters"),
    _spoilt("a name with quotes", "name: serum", "name: 'se\"rum'", "s.yaml:6:", "quotes"),
]  # fmt: skip

FILES = [
    Case("file: missing", {}, ("validate", "no.yaml"), ("no.yaml: no such file",)),
    Case("file: a folder", {"d/x": ""}, ("validate", "d"), ("d: a folder, not a file",)),
    Case("file: a link to itself", {"s.yaml": link("s.yaml")}, ("validate", "s.yaml"), ("s.yaml",)),
    Case("file: links in a ring", {"s.yaml": link("t.yaml"), "t.yaml": link("s.yaml")}, ("validate", "s.yaml"), ("s.yaml",)),
    Case("file: a link to nothing", {"s.yaml": link("gone")}, ("validate", "s.yaml"), ("s.yaml",)),
    Case("file: a pipe", {"s.yaml": pipe}, ("validate", "s.yaml"), ("s.yaml",)),
    Case("file: endless", {"s.yaml": link("/dev/zero")}, ("validate", "s.yaml"), ("s.yaml",)),
    Case("file: cannot be read", {"s.yaml": link("/proc/self/mem")}, ("validate", "s.yaml"), ("s.yaml: cannot be read",)),
    Case("file: a name of 5,000 signs", {}, ("validate", "x" * 5_000 + ".yaml"), ("not the name of a file",)),
    Case("file: a name that colours", {}, ("validate", "\x1b[31mred.yaml"), ("\\x1b[31mred.yaml: no such file",)),
    Case("file: run", {}, ("run", "no.yaml"), ("no.yaml: no such file",)),
    Case("file: compare", {}, ("compare", "no.yaml"), ("no.yaml: no such file",)),
    Case("file: sweep", {}, ("sweep", "no.yaml"), ("no.yaml: cannot be read",)),
    Case("file: calibrate", {}, ("calibrate", "no.yaml"), ("no.yaml",)),
    Case("file: sensitivity", {}, ("sensitivity", "no.yaml"), ("no.yaml",)),
    Case("file: optimise", {}, ("optimise", "no.yaml", "--lever", "market.days=1:2"), ("no.yaml",)),
    Case("file: report of nothing", {}, ("report", "no"), ("no", )),
    Case("file: report of a torn manifest", {"r/manifest.json": '{"kind": "ru'}, ("report", "r"), ("r", )),
    Case("file: report of a list", {"r/manifest.json": "[1]"}, ("report", "r"), ("r",)),
    Case("file: report of another format", {"r/manifest.json": '{"kind": "sweep", "format": 999}'}, ("report", "r"), ("format",)),
    Case("file: --data is no folder", {"good.yaml": GOOD}, ("validate", "good.yaml", "--data", "gone"), ("--data gone",)),
]  # fmt: skip


def _extends(name: str, said: str, why: str, **more: Content) -> Case:
    files: dict[str, Content] = {"in/s.yaml": f"extends: {said}\nname: x\n", **{k.replace("__", "/").replace("_", "."): v for k, v in more.items()}}
    return Case(f"path: extends {name}", files, ("validate", "in/s.yaml"), ("in/s.yaml:1: extends", why))


PATHS = [
    _extends("an absolute path", "/etc/passwd", "leads out"),
    _extends("the folder above", "../secret.yaml", "leads out", secret_yaml=GOOD),
    _extends("a link that leads out", "l.yaml", "leads out", secret_yaml=GOOD, in__l_yaml=link("../secret.yaml")),
    _extends("a link to itself", "l.yaml", "no file", in__l_yaml=link("l.yaml")),
    _extends("an address", "https://example.org/s.yaml", "no file"),
    _extends("out of the presets", "presets/../../schema.py", "no file"),
    _extends("itself", "s.yaml", "extends itself"),
    _extends("a device", "/dev/zero", "no file"),
    _table("absolute", None, "s.yaml:6:", "is not relative", file="/etc/passwd"),
    _table("above", None, "s.yaml:6:", "leads out", file="../c.csv"),
    _table("home", None, "s.yaml:6:", "is not relative", file="~/c.csv"),
    _table("a drive", None, "s.yaml:6:", "is not relative", file="'C:\\c.csv'"),
    _table("missing", None, "s.yaml:6:", "there is no file"),
    _table("a link that leads out", link("/etc/passwd"), "s.yaml:6:", "leads out"),
    _table("a link to itself", link("c.csv"), "s.yaml:6:", "there is no file"),
    _table("a pipe", pipe, "s.yaml:6:", "there is no file"),
    _table("a folder", None, "s.yaml:6:", "there is no file", more={"c.csv/x": ""}),
    Case("path: a network above", {"s.yaml": GOOD + "network: {kind: file, path: ../n.csv}\n"}, ("validate", "s.yaml"), ("s.yaml:12: network.path", "leads out")),
    Case("path: a network at a root", {"s.yaml": GOOD + "network: {kind: file, path: /etc/passwd}\n"}, ("validate", "s.yaml"), ("s.yaml:12: network.path", "is not relative")),
    Case("path: orders above", {"s.yaml": GOOD + "orders: {file: ../o.csv}\n"}, ("validate", "s.yaml"), ("s.yaml:12: orders.file", "leads out")),
]  # fmt: skip

TABLES = [
    _table("empty", "", "c.csv", "empty"),
    _table("a header alone", HEAD, "c.csv:1", "no rows"),
    _table("a row too wide", HEAD + "x,beauty,3,4\n", "c.csv:2:", "4 cells, the header has 3"),
    _table("a row too short", HEAD + "x,beauty,3\ny,beauty\n", "c.csv:3:", "2 cells"),
    _table("a quote without its end", HEAD + '"x,beauty,3\n', "c.csv:2:", "not CSV"),
    _table("NUL", (HEAD + "x\0,beauty,3\n").encode(), "c.csv:2:", "zero bytes"),
    _table("no encoding", b"name,category,price\nx,\xff\xff,3\n", "c.csv:2:", "not text in UTF-8"),
    _table("a column twice", "name,name,category,price\nx,y,beauty,3\n", "columns called 'name'"),
    _table("no column that fits", "a,b\n1,2\n", "s.yaml:6:", "no column of c.csv is 'price'"),
    _table("NaN", HEAD + "x,beauty,nan\n", "c.csv:2:"),
    _table("infinity", HEAD + "x,beauty,inf\n", "c.csv:2:"),
    _table("1e999", HEAD + "x,beauty,1e999\n", "c.csv:2:"),
    _table("a huge number", HEAD + "x,beauty," + "9" * 5_000 + "\n", "c.csv:2:"),
    _table("full-width digits and a word", HEAD + "x,beauty,３元整\n", "c.csv:2:"),
    _table("a negative price", HEAD + "x,beauty,-3\n", "c.csv:2:", "must be > 0"),
    _table("a name that steers", HEAD + "x\x1b31m,beauty,3\n", "c.csv:2:", "U+001B"),
    _table("a name with quotes", HEAD + "'x',beauty,3\n", "c.csv:2:", "quotes"),
    _table("an unknown category", HEAD + "x,beuty,3\n", "c.csv:2:", "did you mean 'beauty'"),
    _table("one name twice", HEAD + "x,beauty,3\nx,beauty,4\n", "c.csv:3:", "second product"),
    _table("a cell of a megabyte", HEAD + "x" * 1_000_000 + ",beauty,3\n", "c.csv:2:"),
    _table("100 MB", sparse(100_000_000, HEAD.encode()), "too large: 100 MB"),
    _table("a torn Parquet file", torn_parquet, "not a whole Parquet file", file="c.parquet"),
    _table("Parquet in name only", b"PAR1" + b"\0" * 100 + b"PAR1", "not a whole Parquet file", file="c.parquet"),
    _table("a torn workbook", b"PK\x03\x04" + b"\0" * 50, "not an xlsx file", file="c.xlsx"),
    _table("a workbook that explodes", bomb_xlsx, "too large: 200 MB unpacked", file="c.xlsx"),
    _table("a workbook of the old kind", b"\xd0\xcf\x11\xe0" + b"\0" * 50, ".xls", file="c.xls"),
]  # fmt: skip

SETS = [
    _set("no value", "market.days", "write PATH=VALUE"),
    _set("an unknown path", "market.dayz=3", "did you mean 'days'"),
    _set("lists in lists", "market.days=" + "[" * 5_000, "nested deeper"),
    _set("aliases", "market.days=[&a [1], *a]", "market.days"),
    _set("an alias of itself", "market.days=&a [*a]", "itself"),
    _set("code", "market.days=!!python/object/apply:os.system [ls]", "not part of this language"),
    _set("a huge number", "market.days=" + "9" * 5_000, "too long a number"),
    _set("NaN", "market.days=.nan", "finite"),
    _set("a product of huge numbers", "market.days={scale: 1e300}", "market.days"),
    _set("a path of 10,000 dots", "." * 10_000 + "=3", "--set"),
    _set("a path of 2,000 steps", ".".join(["a"] * 2_000) + "=3", "--set"),
    _set("a path that quotes", 'merchants."Lumi=3', "--set"),
    _set("a sign that is not seen", "question=a\u200bb", "U+200B"),
    _set("a way out", "network={kind: file, path: ''}", "network"),
    _set("an empty path", "=3", "--set"),
]  # fmt: skip

PLANS = [
    _plan("empty", "", "p.yaml", "a plan is a mapping"),
    _plan("a list", "- a\n", "p.yaml", "a plan is a mapping"),
    _plan("an unknown key", PLAN + "axess: 3\n", "p.yaml:3:", "did you mean 'axes'"),
    _plan("no scenario", "axes: {market.days: [3]}\n", "'scenario' is missing"),
    _plan("a scenario that is not there", "scenario: gone.yaml\naxes: {market.days: [3]}\n", "gone.yaml"),
    _plan("aliases of aliases", _bomb("list"), "p.yaml", "aliases"),
    _plan("lists in lists", "a: " + "[" * 50_000, "p.yaml:1: nested deeper"),
    _plan("100 MB", sparse(100_000_000), "p.yaml: too large: 100.0 MB"),
    _plan("NUL", b"scenario: a\0b\n", "p.yaml:1: not YAML"),
    _plan("code", "scenario: !!python/name:os.system\n", "p.yaml:1:", "not part of this language"),
    _plan("an axis of nothing", PLAN.replace("[149, 199]", "[]"), "p.yaml:2:", "empty axis"),
    _plan("an axis that leads nowhere", PLAN.replace("serum.price", "serum.prise"), "p.yaml:2:", "did you mean"),
    _plan("an axis of text", PLAN.replace("[149, 199]", "[cheap]"), "p.yaml:2:", "must be a number"),
    _plan("a range of infinite length", PLAN.replace("[149, 199]", "{from: 1, to: .inf, steps: 3}"), "p.yaml:2:", "finite"),
    _plan("a range without length", PLAN.replace("[149, 199]", "{from: 3, to: 3, steps: 3}"), "p.yaml:2:", "empty range"),
    _plan("a million million points", PLAN.replace("[149, 199]", "{from: 1, to: 2, steps: 1000000000000}"), "p.yaml:2:", "too many"),
    _plan("a million million samples", "scenario: good.yaml\ndesign: latin\nsamples: 1000000000000\naxes: {merchants.Lumi.products.serum.price: {from: 1, to: 2}}\n", "p.yaml:3:", "too many"),
    _plan("replications of half", PLAN + "replications: 0.5\n", "p.yaml:3:"),
    _design("empty", "", "d.csv", "empty design"),
    _design("without points", "market.days\n", "d.csv:1:", "without a point"),
    _design("a row too short", "market.days,market.consumers\n3\n", "d.csv:2: 1 values for 2 columns"),
    _design("NaN", "merchants.Lumi.products.serum.price\nnan\n", "d.csv:2:", "no value"),
    _design("infinity", "merchants.Lumi.products.serum.price\n.inf\n", "d.csv:2:", "finite"),
    _design("1e999", "merchants.Lumi.products.serum.price\n1e999\n", "d.csv:2:", "finite"),
    _design("text", "merchants.Lumi.products.serum.price\ncheap\n", "d.csv:2:", "must be a number"),
    _design("a column twice", "market.days,market.days\n3,4\n", "d.csv:1:", "stands twice"),
    _design("a column without a name", "market.days,\n3,4\n", "d.csv:1:", "without a name"),
    _design("a column that leads nowhere", "market.dayz\n3\n", "d.csv", "did you mean 'days'"),
    _design("an unknown strategy", "strategy\nchepaer\n", "d.csv:2:", "did you mean 'cheaper'"),
    _design("a cell of 200,000 signs", "market.days\n" + "9" * 200_000 + "\n", "d.csv:2:"),
    _design("100 MB", sparse(100_000_000, b"market.days\n"), "d.csv: too large: 100.0 MB"),
    _design("NUL", b"market.days\n3\0\n", "d.csv"),
    _design("another encoding", "market.days\n３天\n".encode("gb18030"), "d.csv:2: not UTF-8"),
]  # fmt: skip


def _fit(name: str, text: Content, *said: str, **more: Content) -> Case:
    files = {"good.yaml": GOOD, "f.yaml": text, **{k.replace("_", "."): v for k, v in more.items()}}
    return Case(f"calibration: {name}", files, ("calibrate", "f.yaml"), said)


FREE = "free: {merchants.Lumi.products.serum.quality: [0.2, 0.9]}\n"
CALIBRATIONS = [
    _fit("aliases of aliases", FREE + _bomb("list"), "f.yaml", "aliases"),
    _fit("lists in lists", FREE + "a: " + "[" * 50_000, "f.yaml:2: nested deeper"),
    _fit("100 MB", sparse(100_000_000, FREE.encode()), "f.yaml: too large"),
    _fit("code", FREE + "data: !!python/name:os.system\n", "f.yaml:2:", "not part of this language"),
    _fit("data above", FREE + "scenario: good.yaml\ndata: {kind: orders, path: ../o.csv}\n", "f.yaml:3: data.path", "leads out"),
    _fit("data at a root", FREE + "scenario: good.yaml\ndata: {kind: orders, path: /etc/passwd}\n", "f.yaml:3: data.path", "is not relative"),
    _fit("no data", FREE + "scenario: good.yaml\n", "data"),
    _fit("an empty range", FREE.replace("0.9", "0.1") + "scenario: good.yaml\ndata: {kind: daily, rows: [[1, 2]]}\n", "below"),
]  # fmt: skip

CASES = [*TEXT, *FILES, *PATHS, *TABLES, *SETS, *PLANS, *CALIBRATIONS]


def lay_out(case: Case, folder: Path) -> None:
    """Write the files of a case."""
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
