"""The people and cascades that made the difference: tables for screen and page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.experiments.people import BANDS, TABLES
from sim.report.numbers import Numbers, numbers_of
from sim.report.switched import Told, interval

SHOWN = 10

_BANDS_ZH = dict(zip(BANDS, ("好友最少", "好友较少", "好友较多", "好友最多"), strict=True))
_WORDS = {
    "kinds": ("Orders that followed a friend's word: {a} less {b}, by kind of person who spoke",
              "好友口碑带来的订单：{a}减{b}，按说话者类型"),
    "silent": ("Orders that followed a friend's word: {a} less {b}", "好友口碑带来的订单：{a}减{b}"),
    "none": ("Under neither did an order follow anybody's word.", "两种策略下都没有订单来自他人口碑。"),
    "kinds_note": (
        "An order counts for everybody in the chain of words that led to it, so these sum to more than the orders.",
        "一笔订单计入通向它的口碑链上的每个人，故合计大于订单数。",
    ),
    "persons": ("People whose word made most of the difference between {a} and {b}", "口碑造成{a}与{b}之差最多的人"),
    "persons_note": (
        "Number of the person and, in brackets, of the replication; the same person lives under both strategies.",
        "人的编号，括号内为重复编号；同一个人在两种策略下各活一次。",
    ),
    "all": ("all", "全部"),
    "segment": ("Segment", "人群"),
    "friends": ("Friends", "好友"),
    "people": ("People", "人数"),
    "money": ("Money by their word", "其口碑带来的金额"),
    "share": ("Share of it", "占比"),
    "person": ("Person", "编号"),
    "cascades": ("Cascades", "扩散树"),
    "reached": ("Re-shared by", "转发者"),
    "direct": ("Orders, direct", "直接订单"),
    "downstream": ("Orders, downstream", "下游订单"),
    "under": ("Money under {a}", "{a}下的金额"),
    "under_other": ("Under {b}", "{b}下"),
}


def w(key: str, lang: str, **named: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(**named) if named else _WORDS[key][lang == "zh"]


def tables_of(comparison: Any, lang: str = "en") -> list[Told]:
    """Kinds of people, then single ones. Empty where it was not worked out."""
    top, kinds = (getattr(comparison, "tables", {}).get(name) for name in TABLES)
    if top is None or kinds is None or kinds.empty:
        return []
    n, names = numbers_of(comparison, lang), {"a": kinds["strategy"].iloc[0], "b": kinds["against"].iloc[0]}
    if top.empty:
        return [(w("silent", lang, **names), w("none", lang), [w("segment", lang)], [])]
    heads = [w(key, lang) for key in ("segment", "friends", "people", "money")] + [interval(lang), w("share", lang)]
    alone = [w(key, lang) for key in ("person", "segment", "friends", "cascades", "reached", "direct", "downstream")]
    alone += [w("under", lang, **names), w("under_other", lang, **names)]
    return [
        (w("kinds", lang, **names), w("kinds_note", lang), heads, _kinds(kinds, n, lang)),
        (w("persons", lang, **names), w("persons_note", lang), alone, _persons(top, n)),
    ]


def _kinds(kinds: pd.DataFrame, n: Numbers, lang: str) -> list[list[str]]:
    spoken = pd.concat([kinds.head(1), kinds.iloc[1:][kinds.iloc[1:]["share"] > 0]])
    rows = []
    for k, r in enumerate(spoken.head(1 + SHOWN).to_dict("records")):
        friends = _BANDS_ZH.get(r["friends"], r["friends"]) if lang == "zh" else r["friends"]
        rows.append([
            r["segment"] if k else w("all", lang), friends, f"{r['people']:,}",
            n.value(r["difference"], "yuan", sign=True, spread=(r["high"] - r["low"]) / 2),
            n.interval(r["low"], r["high"], "yuan", sign=True, mean=r["difference"]), f"{r['share']:.0%}",
        ])  # fmt: skip
    return rows


def _persons(top: pd.DataFrame, n: Numbers) -> list[list[str]]:
    return [
        [f"{r['person']}\u00a0({r['replication']})", r["segment"], f"{r['friends']:,}", f"{r['cascades']:,}",
         f"{r['reached']:,}", f"{r['direct']:,}", f"{r['downstream']:,}", n.value(r["gmv"], "yuan"),
         n.value(r["gmv_other"], "yuan")]
        for r in top.sort_values("difference", ascending=False, kind="stable").head(SHOWN).to_dict("records")
    ]  # fmt: skip
