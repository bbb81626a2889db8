"""What should be said beside the answer: who else may be best, at what risk, for which money, after how many runs.

Each remark is one sentence with its uncertainty, and is left out where there is nothing to say.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.metrics import declared
from sim.report.inputs import cell, names, outcomes, rows
from sim.report.numbers import numbers_of
from sim.report.verdict import ranked
from sim.report.verdict import title as name_of

SURE = 0.9
"""Share of resamples in which dominance must hold to be spoken of."""


_WORDS = {
    "all": (
        "No strategy can be ruled out as the best on {metric}.",
        "在{metric}上，尚不能排除任何一个策略是最优。",
    ),
    "one": (
        "Every strategy but {names} can be ruled out as the best on {metric} (95% for all together).",
        "在{metric}上，除{names}外均可排除为最优（合计95%）。",
    ),
    "some": (
        "On {metric} the best is among {names} (95%); the others can be ruled out.",
        "在{metric}上，最优者在{names}之中（95%），其余可以排除。",
    ),
    "risk": (
        "If “{leader}” is chosen and another is best, the expected loss on {metric}, weighed by its chance, is {size}.",
        "若选“{leader}”而另有更优者，按概率加权的{metric}预期损失为{size}。",
    ),
    "first": (
        "“{a}” reaches every level of {metric} at least as often as “{b}” does, so attitude to risk does not matter "
        "(first-order dominance, in {p} of resamples).",
        "“{a}”达到任一{metric}水平的机会都不低于“{b}”，与风险偏好无关（一阶随机占优，{p}的重抽样成立）。",
    ),
    "second": (
        "Whoever shuns risk prefers “{a}” to “{b}” on {metric} too (second-order dominance, in {p} of resamples).",
        "厌恶风险者在{metric}上也偏好“{a}”而非“{b}”（二阶随机占优，{p}的重抽样成立）。",
    ),
    "money": (
        "Strategies did not spend the same, so part of a difference may be money, not strategy: against the baseline, "
        "{told}. Level their budgets, or say that this is meant with experiment.hold=none.",
        "各策略花费不同，差异可能部分来自花费而非策略：与基线相比，{told}。"
        "请拉平预算，或用experiment.hold=none说明有意为之。",
    ),
    "worth": (
        "Profit over doing nothing, for each unit of money spent: {told}.",
        "相对“什么都不做”，每花一元多得的利润：{told}。",
    ),
    "selection": (
        "{metric}: {share} of what “{arm}” shows is there in “selection” too, without what is done for them, and is "
        "no effect of {what} (95% {interval}).",
        "{metric}：“{arm}”所示差距的{share}在“selection”（不给予任何处理）中同样存在，"
        "并非{what}的作用（95% {interval}）。",
    ),
    "no_lead": (
        "{metric}: the lead that “{arm}” shows cannot be told from none, so no share of it is called selection.",
        "{metric}：“{arm}”所示差距与零无法区分，故不给出选择效应的占比。",
    ),
    "twins": (
        "“{name}” is the same market as “{twin}”, and is not shown twice.",
        "“{name}”与“{twin}”是同一个市场，不重复列出。",
    ),
    "effort": (
        "{n} replications, as many as {asked} takes by the spread of the first {first}; intervals allow for that "
        "(Stein's two stages).",
        "共{n}次重复：由前{first}次的离散程度定出，以达到{asked}；区间已计入这一点（Stein两阶段法）。",
    ),
}


def say(key: str, lang: str, **named: object) -> str:
    """The sentence of a key."""
    return _WORDS[key][lang == "zh"].format(**named)


def remarks(comparison: Any, lang: str = "en") -> list[str]:
    """The remarks, in the order in which a reader needs them; none for a comparison that lacks the tables."""
    metric = (outcomes(comparison) or [""])[0]
    if not metric or not declared(metric).better or not hasattr(comparison, "spending"):
        return []
    made = (running, risk, taste, money, worth, effort)
    said = [text for make in made if (text := make(comparison, metric, lang))]
    said += contrasts(comparison, lang)
    twins = (comparison.manifest.get("same") or {}).items()
    return [*said, *(say("twins", lang, name=name, twin=twin) for name, twin in twins)]


def quoted(names: list[str], lang: str) -> str:
    """Names in quotation marks, as a list in words."""
    marked = [f"“{name}”" for name in names]
    if lang == "zh":
        return "、".join(marked)
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} and {marked[-1]}"


def running(comparison: Any, metric: str, lang: str) -> str:
    """Which strategies cannot be told from the best, when there are more than two to choose from."""
    table = rows(comparison.p_best, metric=metric)
    if len(comparison.strategies) < 3 or "may_be_best" not in table.columns:
        return ""
    stay = [str(s) for s, yes in zip(table["strategy"], table["may_be_best"], strict=True) if yes]
    key = "all" if len(stay) == len(table) else "one" if len(stay) == 1 else "some"
    return say(key, lang, metric=name_of(metric, lang), names=quoted(stay, lang))


def risk(comparison: Any, metric: str, lang: str) -> str:
    """What choosing the leader may be expected to give away, when that is not next to nothing."""
    leader = ranked(comparison, metric)[0]
    regret, mean = cell(comparison.p_best, leader, metric, "regret"), cell(comparison.table, leader, metric)
    if not math.isfinite(regret) or regret <= 1e-3 * abs(mean):
        return ""
    size = numbers_of(comparison, lang).value(float(f"{regret:.2g}"), declared(metric).unit)
    return say("risk", lang, leader=leader, metric=name_of(metric, lang), size=size)


def taste(comparison: Any, metric: str, lang: str) -> str:
    """Whether the leader is also the better bet for those who shun risk, against the next best."""
    order = [s for s in ranked(comparison, metric) if math.isfinite(cell(comparison.table, s, metric))]
    if len(order) < 2:
        return ""
    table = comparison.dominance(metric)
    found = table[(table["strategy"] == order[0]) & (table["over"] == order[1])].iloc[0]
    key = next((k for k in ("first", "second") if found[k] and found[f"p_{k}"] >= SURE), None)
    if key is None:
        return ""
    chance = numbers_of(comparison, lang).probability(float(found[f"p_{key}"]))
    return say(key, lang, a=order[0], b=order[1], metric=name_of(metric, lang), p=chance)


def money(comparison: Any, metric: str, lang: str) -> str:
    """Which strategies spent more or less than the baseline, unless the scenario says that this is meant."""
    hold = getattr(getattr(comparison.scenario, "experiment", None), "hold", "spend")
    broken = [] if hold != "spend" else [row for row in comparison.spending.to_dict("records") if not row["equal"]]
    if not broken:
        return ""
    n = numbers_of(comparison, lang)
    told = []
    for row in broken:
        share, size = row["share"], n.value(row["spend"], "yuan")
        if not math.isfinite(share):
            told.append(f"“{row['strategy']}” {size}")
        elif lang == "zh":
            told.append(f"“{row['strategy']}”{'多' if share > 0 else '少'}{abs(share):.0%}（{size}）")
        else:
            told.append(f"“{row['strategy']}” {abs(share):.0%} {'more' if share > 0 else 'less'} ({size})")
    return say("money", lang, told=("，" if lang == "zh" else ", ").join(told))


def worth(comparison: Any, metric: str, lang: str) -> str:
    """What a yuan spent brings over doing nothing, where that arm was run."""
    table = comparison.returns
    shown = [row for row in table.to_dict("records") if row["strategy"] not in comparison.references]
    shown = [row for row in shown if math.isfinite(row["roi"])]
    if not shown:
        return ""
    n = numbers_of(comparison, lang)
    told = [f"“{r['strategy']}” {n.value(r['roi'], 'yuan/yuan', sign=True, spread=(r['high'] - r['low']) / 2)} "
            f"({n.interval(r['low'], r['high'], 'yuan/yuan', sign=True, mean=r['roi'])})" for r in shown]  # fmt: skip
    return say("worth", lang, told=("，" if lang == "zh" else ", ").join(told))


def contrasts(comparison: Any, lang: str) -> list[str]:
    """How much of the lead of members is selection, where arms called ``selection`` and ``both`` part the two."""
    if not {"selection", "both"} <= set(comparison.strategies):
        return []
    said = []
    leads = (("member_orders_gap", ("membership", "会员")), ("community_orders_gap", ("the community", "社群")),
             ("referred_orders_gap", ("being referred", "裂变关系")))
    for metric, what in leads:
        if metric not in names(comparison.table):
            continue
        if comparison.values(metric)[["selection", "both"]].dropna().empty:
            continue
        found = selection_share(comparison, metric)
        if found is None:
            said.append(say("no_lead", lang, metric=name_of(metric, lang), arm="both"))
            continue
        share, low, high = found
        said.append(say("selection", lang, metric=name_of(metric, lang), arm="both", share=f"{share:.0%}",
                        what=what[lang == "zh"], interval=f"{low:.0%} … {high:.0%}"))
    return said


def selection_share(comparison: Any, metric: str) -> tuple[float, float, float] | None:
    """Mean of ``metric`` in arm ``selection`` over that in ``both``, with 95 % bounds from paired resamples of the
    replications; None where the whole lead cannot be told from none."""
    values = comparison.values(metric)[["selection", "both"]].dropna().to_numpy()
    if len(values) < 3:
        return None
    pick = np.random.default_rng(0).integers(0, len(values), (2_000, len(values)))
    alone, whole = values[pick].mean(axis=1).T
    if np.quantile(whole, 0.025) <= 0:
        return None
    low, high = np.quantile(alone / whole, [0.025, 0.975])
    return float(values[:, 0].mean() / values[:, 1].mean()), float(low), float(high)


def effort(comparison: Any, metric: str, lang: str) -> str:
    """How the number of replications came about, when a precision was asked for."""
    asked = comparison.manifest.get("precision")
    if not asked:
        return ""
    return say("effort", lang, n=comparison.replications, asked=asked["asked"], first=asked["first_stage"])
