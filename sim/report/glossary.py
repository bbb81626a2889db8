"""The words of the field at the foot of a page: every term with its name in the other language and what it means."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from sim.scenario.glossary import terms


def content(lang: str = "en") -> list[dict[str, Any]]:
    """Topics in order; of each ``topic`` and ``terms`` of ``name``, ``other`` (language) and ``meaning``."""
    zh = lang == "zh"
    return [
        {"topic": words[0].topic_zh if zh else words[0].topic,
         "terms": [{"name": w.zh if zh else w.term, "other": w.term if zh else w.zh, "meaning": w.cn if zh else w.en}
                   for w in words]}
        for words in (list(group) for _, group in groupby(terms(), key=lambda word: word.topic))
    ]  # fmt: skip


def fold(heading: str, lang: str = "en") -> str:
    """The same as HTML that stays folded until it is asked for."""
    parts = [
        f"<h3>{escape(part['topic'])}</h3><dl>" + "".join(
            f"<dt>{escape(w['name'])} <small>{escape(w['other'])}</small></dt><dd>{escape(w['meaning'])}</dd>"
            for w in part["terms"]) + "</dl>"
        for part in content(lang)
    ]  # fmt: skip
    return f"<details class=\"words\"><summary>{escape(heading)}</summary>{''.join(parts)}</details>"
