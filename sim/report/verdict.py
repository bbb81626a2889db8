"""The answer in one sentence, with its uncertainty, and never surer than the numbers are."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sim.metrics import declared
from sim.report.inputs import ComparisonLike, cell, outcomes
from sim.report.numbers import numbers_of

SURE = 0.95
"""A strategy is called the best from this probability on."""


@dataclass(frozen=True)
class Answer:
    """What a comparison says about one outcome.

    ``leader`` has the best mean; ``rival`` is what it is measured against: the baseline or, when the baseline leads,
    the next best. ``difference`` and its ends are leader minus rival, in the metric's unit. ``decided`` asks that the
    paired interval excludes zero, that it still would with Holm's correction for the number of strategies, and that the
    leader is best with probability ``SURE``. ``p_holm``: the corrected p-value, NaN where there is none.
    """

    metric: str
    leader: str
    rival: str
    difference: float
    low: float
    high: float
    p_best: float
    decided: bool
    beats_rival: bool
    replications_needed: int | None
    sentence: str
    short: str
    p_holm: float = math.nan


def ranked(comparison: ComparisonLike, metric: str) -> list[str]:
    """Strategies from best to worst mean; those without a number last."""
    way = -1.0 if declared(metric).better == "down" else 1.0

    def place(strategy: str) -> float:
        mean = cell(comparison.table, strategy, metric)
        return math.inf if math.isnan(mean) else -way * mean

    return sorted(comparison.strategies, key=place)


CENSORED = ("payback_day", "break_even_price", "break_even_orders")
"""Metrics whose missing values are bad news."""


def answer(comparison: ComparisonLike, metric: str | None = None, lang: str = "en") -> Answer:
    """The answer on ``metric`` (default: the scenario's first outcome)."""
    metric = metric or (outcomes(comparison) or ["profit"])[0]
    order = ranked(comparison, metric)
    leader = order[0]
    other = order[1] if len(order) > 1 else leader
    rival = comparison.baseline if leader != comparison.baseline else other
    subject, flip = (leader, 1.0) if leader != comparison.baseline else (other, -1.0)
    mean, low, high = (flip * cell(comparison.differences, subject, metric, part) for part in ("mean", "low", "high"))
    if flip < 0:
        low, high = high, low
    p = _p_best(comparison, metric, leader)
    late = censored(comparison, metric)
    known = not late and math.isfinite(low) and math.isfinite(high)
    way = -1.0 if declared(metric).better == "down" else 1.0
    chance = cell(comparison.differences, subject, metric, "p_holm")
    beats = known and (low > 0 if way > 0 else high < 0) and not chance > 1 - SURE
    decided = beats and p >= SURE
    found = Answer(
        metric, leader, rival, mean, low, high, p, decided, beats, _needed(comparison, mean, low, high), "", "", chance
    )
    if late:
        return replace(
            found, replications_needed=None, sentence=(said := _never(comparison, metric, late, lang)), short=said
        )
    if math.isnan(cell(comparison.table, leader, metric)):
        label = declared(metric).text(lang)
        said = (f"{label}：期内任何策略都未观察到，尚无定论。" if lang == "zh" else
                f"{label}: not observed under any strategy within the horizon; not decided.")  # fmt: skip
        return replace(found, sentence=said, short=said)
    said, short = (_chinese if lang == "zh" else _english)(comparison, found, order)
    return replace(found, sentence=said, short=short)


def censored(comparison: ComparisonLike, metric: str) -> dict[str, int]:
    """Strategies that do not pay back, or cannot break even, in every replication, with the number in which they do.

    There a missing value is not an unobserved one but a bad one, so means over the rest flatter.
    """
    if declared(metric).name not in CENSORED:
        return {}
    counts = {s: cell(comparison.table, s, metric, "n") for s in comparison.strategies}
    short = {s: 0 if math.isnan(count) else int(count) for s, count in counts.items()}
    return {s: count for s, count in short.items() if count < comparison.replications}


def _never(comparison: ComparisonLike, metric: str, late: dict[str, int], lang: str) -> str:
    """What to say about a metric that some replications do not have."""
    of, label = comparison.replications, declared(metric).text(lang)
    if lang == "zh":
        told = "，".join(f"“{s}”{of}次中有{count}次" for s, count in late.items())
        if declared(metric).name != "payback_day":
            return f"{label}：并非每次重复都有盈亏平衡点（有的次数：{told}）；尚无定论。"
        return f"{label}：并非每次重复都能在期内回本（回本次数：{told}）；尚无定论。"
    told = ", ".join(f"“{s}” in {count} of {of}" for s, count in late.items())
    if declared(metric).name != "payback_day":
        return f"{label}: not every replication can break even ({told}); not decided."
    return f"{label}: not every replication pays back within the horizon ({told}); not decided."


def _p_best(comparison: ComparisonLike, metric: str, strategy: str) -> float:
    return cell(comparison.p_best, strategy, metric, "p")


def _needed(comparison: ComparisonLike, mean: float, low: float, high: float) -> int | None:
    """Replications at which an interval of this mean and spread would just exclude zero; None when it already does."""
    if not all(map(math.isfinite, (mean, low, high))) or mean == 0 or low > 0 or high < 0:
        return None
    needed = comparison.replications * ((high - low) / 2 / abs(mean)) ** 2
    return int(math.ceil(needed / 10) * 10) if needed < 2000 else None


def title(metric: str, lang: str = "en") -> str:
    """A metric's name as it stands within a sentence."""
    text = declared(metric).text(lang)
    return text if lang == "zh" or text[:2].isupper() else text[0].lower() + text[1:]


def _english(comparison: ComparisonLike, a: Answer, order: list[str]) -> tuple[str, str]:
    """The sentence, and a short form of it for a list of outcomes."""
    metric, n = declared(a.metric), numbers_of(comparison, "en")
    name = title(a.metric)
    if a.leader == a.rival or not math.isfinite(a.low):
        own = n.value(cell(comparison.table, a.leader, a.metric), metric.unit)
        said = f"“{a.leader}” has the best mean {name} ({own})"
        return (f"{said}, but there is no interval to judge a difference by: not decided.", f"{said}; not decided.")
    size = n.value(abs(a.difference), metric.unit, spread=(a.high - a.low) / 2)
    size = size.replace("%", " percentage points") if metric.unit == "share" else size
    side = "lower" if a.difference < 0 else "higher"
    interval = n.interval(a.low, a.high, metric.unit, sign=True, mean=a.difference)
    chance = f"probability of being best {n.probability(a.p_best)}"
    evidence = f"95% interval of the paired difference {interval}; {chance}"
    if not a.beats_rival and (a.low > 0 or a.high < 0) and a.p_holm > 1 - SURE:
        evidence += f"; p = {a.p_holm:.2f} when the number of strategies compared is allowed for"
    versus = ("the baseline " if a.rival == comparison.baseline else "") + f"“{a.rival}”"
    who = ("the baseline " if a.leader == comparison.baseline else "") + f"“{a.leader}”"
    short = f"{metric.label}: {who} {size} {side} than “{a.rival}” ({interval}; {chance})"
    short += "." if a.decided else "; not decided."
    if a.difference == 0 and a.low == a.high:
        said = f"Not decided on {name}: “{a.leader}” and “{a.rival}” do not differ in any replication."
        short = f"{metric.label}: “{a.leader}” and “{a.rival}” do not differ in any replication; not decided."
    elif a.decided:
        said = f"{who} wins on {name}: {size} {side} than {versus} ({evidence})."
    elif a.beats_rival:
        second = next((s for s in order[1:] if s != a.rival), order[-1])
        said = (
            f"Which strategy is best on {name} is not decided between “{a.leader}” and “{second}”; {who} is "
            f"{size} {side} than {versus} ({evidence})."
        )
    else:
        ahead = f"{who} is ahead of {versus} by {size}, which chance alone could explain"
        said = f"Not decided on {name}: {ahead} ({evidence})."
    return said[0].upper() + said[1:], short


def _chinese(comparison: ComparisonLike, a: Answer, order: list[str]) -> tuple[str, str]:
    """As :func:`_english`, in Chinese."""
    metric, n = declared(a.metric), numbers_of(comparison, "zh")
    name = metric.label_zh
    if a.leader == a.rival or not math.isfinite(a.low):
        own = n.value(cell(comparison.table, a.leader, a.metric), metric.unit)
        said = f"“{a.leader}”的{name}均值最优（{own}）"
        return f"{said}，但没有区间可供判断：尚无定论。", f"{said}；尚无定论。"
    size = n.value(abs(a.difference), metric.unit, spread=(a.high - a.low) / 2)
    size = size.replace("%", "个百分点") if metric.unit == "share" else size
    side = "低" if a.difference < 0 else "高"
    interval = n.interval(a.low, a.high, metric.unit, sign=True, mean=a.difference)
    chance = f"成为最优的概率 {n.probability(a.p_best)}"
    evidence = f"成对差值95%区间 {interval}；{chance}"
    if not a.beats_rival and (a.low > 0 or a.high < 0) and a.p_holm > 1 - SURE:
        evidence += f"；计入策略个数后 p = {a.p_holm:.2f}"
    versus = ("基线" if a.rival == comparison.baseline else "") + f"“{a.rival}”"
    who = ("基线" if a.leader == comparison.baseline else "") + f"“{a.leader}”"
    short = f"{name}：{who}比“{a.rival}”{side}{size}（{interval}；{chance}）"
    short += "。" if a.decided else "；尚无定论。"
    if a.difference == 0 and a.low == a.high:
        said = f"{name}：“{a.leader}”与“{a.rival}”在每次重复中都没有差别；尚无定论。"
        return said, said
    if a.decided:
        return f"{who}在{name}上胜出：比{versus}{side}{size}（{evidence}）。", short
    if a.beats_rival:
        second = next((s for s in order[1:] if s != a.rival), order[-1])
        return f"“{a.leader}”与“{second}”谁的{name}最优尚无定论；{who}比{versus}{side}{size}（{evidence}）。", short
    return f"{name}尚无定论：{who}领先{versus}{size}，仅凭随机性即可解释（{evidence}）。", short
