"""The tables of the page: numbers already written as text, so that the template only places them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.metrics import declared, in_order, split
from sim.report.inputs import ComparisonLike, cell, names, outcomes, rows
from sim.report.numbers import numbers_of
from sim.report.shapes import STAGES, stage, stage_label
from sim.report.verdict import CENSORED, censored
from sim.report.words import Words, words
from sim.report.words import channel as channel_words
from sim.report.words import unit as unit_words

Row = dict[str, Any]

MONEY = (
    "profit",
    "contribution_margin",
    "marketing_spend",
    "roi",
    "roas",
    "cac",
    "ltv",
    "ltv_to_cac",
    "break_even_price",
    "break_even_orders",
    "payback_day",
    "cash_low",
    "stock_at_risk",
)
MORE_MONEY = ("profit_after_tax", "gmv", "gmv_shipped", "net_sales", "gmv_settled", "roas_settled")
BESIDE = {
    "break_even_price": "aov",
    "break_even_orders": "orders",
    "cash_low": "cash_low_day",
    "stock_at_risk": "stock_left",
}
"""What is written under a number to read it by."""
_RATE_AFTER = {"clicks": "ctr", "orders": "click_to_order", "returned": "return_rate", "bought_again": "repurchase_90d"}


def measures(comparison: ComparisonLike, metrics: list[str], lang: str) -> list[Row]:
    """One row a metric, one cell a strategy: mean, interval, paired difference, probability of being better.

    ``state`` of a cell is base, better, worse (decided, by the metric's direction), apart (decided, of a metric without
    a good direction) or open.
    """
    found, currency = [], numbers_of(comparison, lang).currency
    for name in metrics:
        metric = declared(name)
        cells = [_cell(comparison, strategy, name, lang) for strategy in comparison.strategies]
        if any(one["mean"] for one in cells):
            owner = split(name)[1]
            text = metric.text(lang) + (f" · {owner}" if owner else "")
            unit = "" if metric.unit in ("yuan", "share", "day", "") else unit_words(metric.unit, lang, currency)
            found.append({"label": text, "unit": unit, "cells": cells})
    return found


def _cell(comparison: ComparisonLike, strategy: str, name: str, lang: str) -> Row:
    metric, n, w = declared(name), numbers_of(comparison, lang), words(lang)
    mean, low, high = (cell(comparison.table, strategy, name, part) for part in ("mean", "low", "high"))
    spread = (high - low) / 2 if math.isfinite(high - low) else None
    one: Row = {
        "strategy": strategy,
        "mean": "",
        "interval": "",
        "difference": "",
        "state": "open",
        "p": "",
        "note": "",
    }
    market = getattr(comparison.scenario, "market", None)
    if metric.name in CENSORED:
        count = cell(comparison.table, strategy, name, "n")
        if not math.isfinite(mean):
            late = metric.name == "payback_day"
            return {**one, "mean": w("never", getattr(market, "days", "?")) if late else w("no_break_even")}
        if math.isfinite(count) and count < comparison.replications:
            one["note"] = w("some_reps", f"{count:.0f}", comparison.replications)
    if metric.over:
        seen = cell(comparison.table, strategy, metric.over)
        one["note"] = w("over", n.count(seen)) if math.isfinite(seen) else ""
        if not math.isfinite(mean):
            return {**one, "mean": w("none_seen", getattr(market, "ltv_days", "?")), "note": ""}
    one["mean"] = _written(n, w, mean, metric.unit, spread)
    if metric.name in BESIDE:
        owner = split(name)[1]
        other = declared(BESIDE[metric.name])
        beside = cell(comparison.table, strategy, f"{other.name}@{owner}" if owner else other.name)
        if math.isfinite(beside):
            said = f"{other.text(lang)} {_written(n, w, beside, other.unit)}"
            one["note"] = "; ".join(filter(None, (one["note"], said)))
    if spread is not None and spread > 0:
        one["interval"] = n.interval(low, high, metric.unit, mean=mean)
    if strategy == comparison.baseline:
        return {**one, "state": "base"}
    mean, low, high = (cell(comparison.differences, strategy, name, part) for part in ("mean", "low", "high"))
    if {strategy, comparison.baseline} & censored(comparison, name).keys():
        return one  # a difference over the replications that pay back would flatter the one that seldom does
    if math.isfinite(mean) and one["mean"]:
        spread = (high - low) / 2 if math.isfinite(high - low) else None
        one["difference"] = n.value(mean, metric.unit, sign=True, spread=spread)
        one["difference_interval"] = n.interval(low, high, metric.unit, sign=True, mean=mean)
        if metric.better:
            one["p"] = n.probability(cell(comparison.differences, strategy, name, "p_better"))
        if math.isfinite(low) and math.isfinite(high) and (low > 0 or high < 0):
            one["state"] = (
                "apart" if not metric.better else "better" if (low > 0) == (metric.better == "up") else "worse"
            )
    return one


def _written(n: Any, w: Words, mean: float, unit: str, spread: float | None = None) -> str:
    """A mean as it stands in a cell; a day is called by its number."""
    if not math.isfinite(mean):
        return ""
    text: str = n.value(mean, unit, spread=spread)
    return w("day_n", text) if unit == "day" else text


def other_measures(comparison: ComparisonLike) -> list[str]:
    """Metrics of the focal merchant that are measured but neither outcomes nor in a table of money; as declared."""
    found = {name for name in names(comparison.table) if "@" not in name and declared(name).kind != "statement"}
    shown = {*outcomes(comparison), *MONEY, *MORE_MONEY, *BESIDE.values(), *(declared(name).over for name in found)}
    shown -= {"aov", "orders"}
    return in_order(found - shown)


def best_on(comparison: ComparisonLike, lang: str) -> list[Row]:
    """Probability of being best for every outcome and strategy; the largest of a row is marked when it is sure."""
    n, found = numbers_of(comparison, lang), []
    for name in outcomes(comparison):
        metric = declared(name)
        chances = [cell(comparison.p_best, strategy, name, "p") for strategy in comparison.strategies]
        if metric.better and any(map(math.isfinite, chances)):
            found.append(
                {
                    "label": metric.text(lang),
                    "cells": [
                        {
                            "strategy": s,
                            "p": n.probability(p),
                            "share": 0 if math.isnan(p) else round(100 * p),
                            "sure": p >= 0.95,
                        }
                        for s, p in zip(comparison.strategies, chances, strict=True)
                    ],
                }
            )
    return found


def funnel(comparison: ComparisonLike, lang: str) -> list[Row]:
    """Funnel stages with, under each number, the rate that leads to it."""
    n, found = numbers_of(comparison, lang), []
    for name in STAGES:
        cells = []
        for strategy in comparison.strategies:
            rate = cell(comparison.table, strategy, _RATE_AFTER.get(name, ""))
            number = stage(comparison, strategy, name)
            note = "" if math.isnan(rate) else f"{declared(_RATE_AFTER[name]).text(lang)} {n.value(rate, 'share')}"
            spread = [cell(comparison.table, strategy, name, end) for end in ("low", "high")]
            half = (spread[1] - spread[0]) / 2
            cells.append(
                {
                    "strategy": strategy,
                    "note": note,
                    "mean": n.value(number, "people", spread=half if half > 0 else None),
                }
            )
        if any(one["mean"] != n.count(float("nan")) for one in cells):
            found.append({"label": stage_label(name, lang), "cells": cells})
    return found


CHANNEL_COLUMNS = (
    ("impressions", False, "", "times"),
    ("clicks", False, "", "times"),
    ("orders", True, "", "orders"),
    ("gmv", True, "", "yuan"),
    ("spend", False, "", "yuan"),
    ("contribution", True, "", "yuan"),
    ("roas", True, "gmv", "yuan/yuan"),
    ("roi", True, "contribution", "yuan/yuan"),
)
"""Columns of the channel tables: name, whether by last and first touch, what is divided by spend to get it, unit."""


def channel_tables(comparison: ComparisonLike, lang: str) -> list[Row]:
    """For each strategy the numbers of every channel that did anything, means over replications, and their sum."""
    w, found = words(lang), []
    for strategy in comparison.strategies:
        table = rows(comparison.channels, strategy=strategy)
        if "spend" not in table.columns:
            continue
        money = table.drop(columns=["strategy", "channel"]).fillna(0.0)
        active = money.abs().sum(axis=1) > 0
        lines = [
            {"label": channel_words(str(name), lang), "total": False, "cells": _channel(comparison, own, lang)}
            for name, own in zip(table["channel"][active], money[active].to_dict("records"), strict=True)
        ]
        if lines:
            total = _channel(comparison, money.sum().to_dict(), lang)
            lines.append({"label": w("all_channels"), "total": True, "cells": total})
            found.append({"strategy": strategy, "rows": lines, "heads": [w(column[0]) for column in CHANNEL_COLUMNS]})
    return found


def _channel(comparison: ComparisonLike, own: dict[Any, float], lang: str) -> list[Row]:
    """One line of a channel table; where there are two touches the last is the number and the first its note."""
    n, w, cells = numbers_of(comparison, lang), words(lang), []
    for name, by_touch, over_spend, unit in CHANNEL_COLUMNS:
        texts = []
        for suffix in ("_last_touch", "_first_touch") if by_touch else ("",):
            value = own.get(f"{over_spend or name}{suffix}", math.nan)
            value = value / (own["spend"] or math.nan) if over_spend else value
            texts.append(n.count(value) if unit in ("times", "orders") else n.value(value, unit))
        cells.append({"head": w(name), "text": texts[0], "note": texts[1] if by_touch else ""})
    return cells


def cascades(comparison: ComparisonLike, lang: str) -> list[Row]:
    """How far sharing went under each strategy: trees, singletons, depth, the largest, virality."""
    w = words(lang)
    shapes = {strategy: _shape(comparison, strategy, lang) for strategy in comparison.strategies}
    found = []
    for key in ("trees", "singletons", "deeper", "largest", "deepest", "virality"):
        cells = [{"strategy": s, "mean": shape.get(key, ""), "note": ""} for s, shape in shapes.items()]
        if any(one["mean"] for one in cells):
            found.append({"label": w(key), "cells": cells})
    return found


def _shape(comparison: ComparisonLike, strategy: str, lang: str) -> dict[str, str]:
    """The shape of a strategy's sharing trees in words; empty when nobody shared."""
    n, w = numbers_of(comparison, lang), words(lang)
    trees = rows(comparison.cascades, strategy=strategy)
    if trees.empty or trees["count"].sum() <= 0:
        return {}
    count, size, hops = (trees[column].to_numpy(float) for column in ("count", "size", "depth"))
    return {
        "trees": n.value(float(count.sum()) / max(comparison.replications, 1), "trees"),
        "singletons": n.value(float(count[size <= 1].sum() / count.sum()), "share"),
        "deeper": n.value(float(count[hops > 1].sum() / count.sum()), "share"),
        "largest": w("people", n.count(float(size.max()))),
        "deepest": w("hops", n.count(float(hops.max()))),
        "virality": _virality(trees, n),
    }


def _virality(trees: Any, n: Any) -> str:
    """Mean structural virality (mean distance between pairs) of trees of three people or more."""
    if "virality" not in trees.columns:
        return ""
    large = trees[(trees["size"] >= 3) & trees["virality"].notna()]
    weight = float(large["count"].sum())
    return str(n.value(float(np.dot(large["virality"], large["count"]) / weight), "ratio")) if weight else ""


def pairing(comparison: ComparisonLike, lang: str) -> list[Row]:
    """For each outcome and strategy: replications used, and how many independent ones would be as sure."""
    n, w, found = numbers_of(comparison, lang), words(lang), []
    others = [s for s in comparison.strategies if s != comparison.baseline]
    for name in outcomes(comparison):
        cells = []
        for strategy in others:
            ratio = cell(comparison.differences, strategy, name, "pairing")
            text = note = ""
            if math.isinf(ratio):
                text = w("no_noise")
            elif math.isfinite(ratio) and ratio > 0:
                needed = comparison.replications * ratio
                text = n.count(needed)
                note = (
                    f"{w('saved')} {n.count(needed - comparison.replications)}"
                    if needed > comparison.replications
                    else ""
                )
            cells.append({"strategy": strategy, "mean": text, "note": note})
        if any(one["mean"] for one in cells):
            found.append({"label": declared(name).text(lang), "cells": cells})
    return found
