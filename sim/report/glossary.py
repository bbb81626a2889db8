"""The words of the field at the foot of a page: every term with its name in the other language and what it means."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from itertools import groupby
from typing import Any

from sim.scenario.glossary import Term, terms


def content(lang: str = "en") -> list[dict[str, Any]]:
    """Topics in order; of each ``topic`` and ``terms`` of ``id``, ``name``, ``other`` (language) and ``meaning``."""
    zh = lang == "zh"
    return [
        {"topic": words[0].topic_zh if zh else words[0].topic,
         "terms": [{"id": f"word-{w.anchor}",
                    "name": w.zh if zh else w.term, "other": w.term if zh else w.zh, "meaning": w.cn if zh else w.en}
                   for w in words]}
        for words in (list(group) for _, group in groupby(terms(), key=lambda word: word.topic))
    ]  # fmt: skip


def fold(heading: str, lang: str = "en") -> str:
    """The same as HTML that stays folded until it is asked for."""
    parts = [
        f"<h3>{escape(part['topic'])}</h3><dl>" + "".join(
            f"<dt id=\"{w['id']}\">{escape(w['name'])} <small>{escape(w['other'])}</small></dt>"
            f"<dd>{escape(w['meaning'])}</dd>"
            for w in part["terms"]) + "</dl>"
        for part in content(lang)
    ]  # fmt: skip
    return f"<details class=\"words\"><summary>{escape(heading)}</summary>{''.join(parts)}</details>"


def linked(text: str, lang: str = "en") -> str:
    """An English sentence as HTML, the first mention of each word of the field linked to its entry of :func:`fold`."""
    words = _words()
    met: set[str] = set()

    def link(found: re.Match[str]) -> str:
        shown = found[0]
        word = words[_key(shown)]
        if word.term in met:
            return shown
        met.add(word.term)
        meaning = f"{word.zh}：{word.cn}" if lang == "zh" else word.en
        return f'<a href="#word-{word.anchor}" title="{escape(meaning)}">{shown}</a>'

    return _mentions().sub(link, escape(text, quote=False))


@lru_cache(maxsize=1)
def _words() -> dict[str, Term]:
    return {_key(word.term): word for word in terms()}


@lru_cache(maxsize=1)
def _mentions() -> re.Pattern[str]:
    longest_first = sorted((re.escape(word.term) for word in terms()), key=len, reverse=True)
    return re.compile(rf"(?<![\w&-])(?:{'|'.join(longest_first)})s?(?![\w-])", re.IGNORECASE)


def _key(mention: str) -> str:
    return mention.casefold().removesuffix("s")
