"""The words of the field in English and Chinese, read from ``glossary.yaml``; the page made of them.

One source: ``docs/glossary.md``, ``sim explain TERM`` and what pages link to are all made from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.scenario.located import plain
from sim.scenario.yamltext import parse

FILE = Path(__file__).with_name("glossary.yaml")

HEAD = """\
# Glossary · 术语表

The words of the field as this program uses them. Made by `sim explain glossary --write docs/glossary.md` from
`sim/scenario/glossary.yaml`; ask for one with `sim explain "group-buy"` or `sim explain 拼团`.
"""


@dataclass(frozen=True)
class Term:
    """A word: its names, a sentence in each language, and names that ``sim explain`` tells more of."""

    term: str
    zh: str
    en: str
    cn: str
    see: tuple[str, ...]
    topic: str
    topic_zh: str

    @property
    def anchor(self) -> str:
        """The end of a link to its line in the page."""
        return "".join(c if c.isalnum() else "-" for c in self.term.lower()).strip("-")

    def plain(self) -> dict[str, Any]:
        """As data of text and lists."""
        return {"term": self.term, "zh": self.zh, "meaning": self.en, "meaning_zh": self.cn, "see": list(self.see),
                "topic": self.topic}  # fmt: skip


@lru_cache(maxsize=1)
def terms() -> tuple[Term, ...]:
    """All words, topic by topic. Raises ValueError when the packaged file is damaged."""
    data, problems = parse(FILE.read_text(encoding="utf-8"), FILE.name)
    if problems:
        raise ValueError("; ".join(map(str, problems)))
    return tuple(
        Term(word["term"], word["zh"], word["en"], word["cn"], tuple(word["see"]), part["topic"]["en"],
             part["topic"]["zh"])
        for part in plain(data) for word in part["terms"]
    )  # fmt: skip


def lookup(text: str) -> Term | None:
    """The word called so in either language, whatever its case, hyphens and blanks; None when there is none."""
    wanted = _bare(text)
    return next((word for word in terms() if wanted in map(_bare, names(word))), None)


def names(word: Term) -> Iterator[str]:
    """What a word may be called: the term and its Chinese name with and without what stands in brackets."""
    yield word.term
    yield word.zh
    outside, bracket, inside = word.zh.partition("（")
    if bracket:
        yield outside
        yield inside.rstrip("）")


def _bare(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def page() -> str:
    """The glossary as Markdown, a table a topic, each word with an anchor."""
    lines = [HEAD]
    topic = ""
    for word in terms():
        if word.topic != topic:
            topic = word.topic
            lines += ["", f"## {topic} · {word.topic_zh}", "", "| term | 中文 | meaning | 含义 | more |",
                      "|---|---|---|---|---|"]  # fmt: skip
        more = ", ".join(f"`sim explain {name}`" for name in word.see)
        lines.append(f'| <a id="{word.anchor}"></a>{word.term} | {word.zh} | {word.en} | {word.cn} | {more} |')
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"
