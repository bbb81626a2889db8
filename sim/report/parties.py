"""Who paid whom: the ledger's payments in the brand's business, from payers at the left to payees at the right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.report.glimpses import own, pictured, table
from sim.report.inputs import ComparisonLike
from sim.report.numbers import numbers_of
from sim.report.style import INK, OKABE_ITO, canvas, empty, in_style, label
from sim.report.words import unit as unit_words

PARTIES = {
    "consumers": ("Shoppers", "消费者"),
    "escrow": ("Held for open orders", "担保账户"),
    "brand": ("The brand", "品牌"),
    "supplier": ("Suppliers and services", "供应商与服务"),
    "carrier": ("Carriers", "物流"),
    "platforms": ("Platforms", "平台"),
    "creators": ("Creators", "达人"),
    "rivals": ("Rivals", "竞品商家"),
    "state": ("Authorities", "监管机构"),
    "points": ("Points owed to members", "会员积分"),
    "owners": ("Owners", "股东"),
    "charity": ("Charity", "公益机构"),
    "agencies": ("Agencies (MCN)", "MCN 机构"),
}
REASONS = {
    "sale": ("orders paid", "订单付款"),
    "refund": ("refunds", "退款"),
    "settlement": ("settled orders", "订单结算"),
    "goods": ("goods", "货品"),
    "freight": ("freight", "运费"),
    "return_freight": ("freight of returns", "退货运费"),
    "platform_fee": ("platform fees", "平台扣点"),
    "commission": ("commissions", "佣金"),
    "ads": ("ads", "广告"),
    "slot_fee": ("slot fees", "坑位费"),
    "note_reward": ("notes rewarded", "笔记酬劳"),
    "sample": ("samples", "寄样"),
    "community": ("private domain", "私域运营"),
    "service": ("customer service", "客服"),
    "stock": ("stock bought before", "期初备货"),
    "share_reward": ("rewards of sharing", "分享奖励"),
    "referral": ("referral rewards", "裂变奖励"),
    "distribution": ("distributors' commissions", "分销佣金"),
    "supply": ("stock ordered", "补货"),
    "storage": ("storage", "仓储"),
    "region": ("freight to far regions", "偏远地区运费"),
    "subsidy": ("subsidies", "平台补贴"),
    "subsidy_back": ("subsidies given back", "补贴退回"),
    "member_fee": ("member fees", "会员费"),
    "live_host": ("live hosts", "主播"),
    "live_traffic": ("live traffic", "直播投流"),
    "fine": ("fines", "罚款"),
    "compensation": ("compensation", "赔付"),
    "review_reward": ("rewards of reviews", "评价返现"),
    "fake_orders": ("fake orders", "刷单"),
    "salvage": ("stock sold off", "清仓"),
    "own_posts": ("own posts", "自有内容"),
    "donation": ("donations", "捐赠"),
    "charity_report": ("reports on donations", "公益披露"),
    "agency": ("agencies' share", "机构分成"),
}
_WORDS = {
    "title": ("Who paid whom: {0}", "谁付给谁：{0}"),
    "axis": ("Left pays right · {0}, mean over replications", "左付右收 · {0}，各次重复均值"),
    "nothing": ("no payment", "没有付款"),
    "heading": ("Who paid whom", "谁付给谁"),
    "note": (
        "Every payment in the brand's business within the horizon, from the ledger, means over replications. Shoppers' "
        "money is held until an order can no longer be sent back; only then is it the brand's. Capital that owners "
        "brought in is left out.",
        "统计期内与品牌有关的全部付款，取自账本，为各次重复的均值。消费者的付款先入担保账户，退货期过后才结算给品牌。不含股东投入的资本。",
    ),
    "path": ("Payer, payee, what for", "付款方、收款方、用途"),
}
_COLORS = dict(zip(PARTIES, (*OKABE_ITO[:6], "#5b6570", "#8c6d31", "#7f3c8d", "#11625c", "#20242a", "#9c755f",
                             "#2f4b7c"), strict=True))
LEAST = 0.004
"""Payments below this share of all are drawn no thinner."""


def w(key: str, lang: str, *values: object) -> str:
    """The phrase of a key."""
    return _WORDS[key][lang == "zh"].format(*values)


def _text(known: dict[str, tuple[str, str]], name: str, lang: str) -> str:
    return known.get(name, (name.replace("_", " "),) * 2)[lang == "zh"]


def payments(comparison: ComparisonLike, strategy: str) -> pd.DataFrame:
    """Mean yuan over replications by payer, payee and reason, capital left out; largest first."""
    rows = own(comparison, "flows", strategy)
    if rows.empty:
        return pd.DataFrame(columns=["payer", "payee", "reason", "yuan"])
    rows = rows[~rows["reason"].isin(["capital"])]
    total = rows.groupby(["payer", "payee", "reason"], sort=True)["yuan"].sum() / max(comparison.replications, 1)
    return total.reset_index().sort_values("yuan", ascending=False, kind="stable").reset_index(drop=True)


@in_style
def flows(comparison: ComparisonLike, lang: str = "en", strategy: str | None = None) -> Figure:
    """Payments as bands from payers (left) to payees (right), as thick as the money is much."""
    strategy = strategy or comparison.strategies[0]
    paid = payments(comparison, strategy).groupby(["payer", "payee"], sort=False)["yuan"].sum()
    paid = paid[paid > 0]
    figure, axes = canvas(w("title", lang, strategy), height=4.4)
    if paid.empty:
        empty(axes, w("nothing", lang))
        return figure
    n, total = numbers_of(comparison, lang), float(paid.sum())
    sides = [_stack(paid, level, total) for level in ("payer", "payee")]
    cursor = [{name: top for name, (top, _) in side.items()} for side in sides]
    place = {name: k for k, name in enumerate(PARTIES)}
    table = paid.reset_index()
    bands = list(zip(table["payer"].astype(str), table["payee"].astype(str), table["yuan"].astype(float), strict=True))
    for payer, payee, yuan in sorted(bands, key=lambda band: (place[band[0]], place[band[1]])):
        thick = max(yuan / total, LEAST)
        start, end = cursor[0][payer], cursor[1][payee]
        _band(axes, start, end, thick, _COLORS[payer])
        cursor[0][payer], cursor[1][payee] = start + thick, end + thick
    for at, (side, level) in enumerate(zip(sides, ("payer", "payee"), strict=True)):
        sums = paid.groupby(level=level).sum()
        for name, (top, thick) in side.items():
            axes.add_patch(Rectangle((at - 0.02, top), 0.04, thick, color=_COLORS[name], linewidth=0))
            text = label(f"{_text(PARTIES, name, lang)} {n.value(float(f'{sums[name]:.3g}'), 'yuan')}", 24)
            axes.annotate(text, (at, top + thick / 2), xytext=(-7 if at == 0 else 7, 0), textcoords="offset points",
                          ha="right" if at == 0 else "left", va="center", fontsize=8.5)  # fmt: skip
    axes.set_xlim(-0.62, 1.62)
    axes.set_ylim(max(top + thick for side in sides for top, thick in side.values()) + 0.02, -0.03)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(w("axis", lang, unit_words("yuan", lang, n.currency)))
    return figure


def _stack(paid: pd.Series[float], level: str, total: float) -> dict[str, tuple[float, float]]:
    """Top and thickness of each party of one side, from above, with room for its label."""
    sums = {name: [max(float(yuan) / total, LEAST) for yuan in paid[paid.index.get_level_values(level) == name]]
            for name in PARTIES if name in paid.index.get_level_values(level)}  # fmt: skip
    found, top = {}, 0.0
    for name, parts in sums.items():
        thick = sum(parts)
        room = max(thick, 0.085)
        found[name] = (top + (room - thick) / 2, thick)
        top += room + 0.035
    return found


def _band(axes: Axes, start: float, end: float, thick: float, color: str) -> None:
    """One payment: a smooth band between the two sides."""
    left, right, middle = 0.02, 0.98, 0.5
    corners = [(left, start), (middle, start), (middle, end), (right, end), (right, end + thick), (middle, end + thick),
               (middle, start + thick), (left, start + thick), (left, start)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(corners, codes), facecolor=color, edgecolor=INK, linewidth=0.25, alpha=0.5))


def rows(comparison: ComparisonLike, lang: str) -> list[dict[str, Any]]:
    """The table under the figures: a row a payer, payee and reason, a cell a strategy, means in whole yuan."""
    if table(comparison, "flows").empty:
        return []
    n = numbers_of(comparison, lang)
    sums = {s: payments(comparison, s).set_index(["payer", "payee", "reason"])["yuan"] for s in comparison.strategies}
    every = pd.concat(sums.values()).groupby(level=[0, 1, 2]).max().sort_values(ascending=False, kind="stable")
    made = []
    for key in every.index:
        payer, payee, reason = key
        head = f"{_text(PARTIES, payer, lang)} → {_text(PARTIES, payee, lang)}: {_text(REASONS, reason, lang)}"
        cells = [{"strategy": s, "mean": n.money(float(sums[s].get(key, np.nan))), "note": ""} for s in sums]
        made.append({"label": head, "cells": cells})
    return made


def shown(comparison: ComparisonLike) -> list[str]:
    """Strategies whose payments are drawn."""
    return pictured(comparison, "flows")
