"""Every number a run reports, declared once: its name, words, unit, direction, formula and who is counted.

Shares are stored as 0..1 and shown as per cent. Money is in yuan (or the scenario's currency) and, like counts,
is multiplied by ``market.weight`` once, when the run is summarised. Without ``@owner`` a metric speaks of the focal
merchant; ``profit@Lumi`` speaks of Lumi.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Better = Literal["up", "down", ""]
Kind = Literal["funnel", "money", "loyalty", "trust", "social", "welfare"]


@dataclass(frozen=True)
class Metric:
    """One reported number.

    ``unit`` is one of ``yuan``, ``share`` (0..1, shown in %), ``people``, ``orders``, ``times``, ``day``, ``stars``,
    ``score`` (0..1, shown as it is), ``yuan/yuan``, ``groups``, ``shares``. ``better`` says which way is good for the
    owner ("" when neither). ``who`` says who is eligible, ``window`` which days count, when that is not everything.
    """

    name: str
    label: str
    label_zh: str
    unit: str
    better: Better
    formula: str
    kind: Kind = "funnel"
    who: str = ""
    window: str = ""

    def text(self, lang: str = "en") -> str:
        """The label in a language: "en" or "zh"."""
        return self.label_zh if lang == "zh" else self.label


_WINDOW_30 = "only buyers whose first order is at least 30 days older than the horizon"
_WINDOW_90 = "only buyers whose first order is at least 90 days older than the horizon"
_BUYERS = "consumers with at least one paid order"

# fmt: off
_ALL: tuple[Metric, ...] = (
    # reach and conversion
    Metric("impressions", "Impressions", "曝光", "times", "up", "exposures of all channels, organic and paid"),
    Metric("reach", "Reach", "触达人数", "people", "up", "consumers exposed at least once"),
    Metric("aware", "Aware", "知晓人数", "people", "up", "consumers aware of a product of the owner on the last day"),
    Metric("clicks", "Clicks", "点击", "times", "up", "clicks on shoppable exposures"),
    Metric("ctr", "Click-through rate", "点击率", "share", "up", "clicks / impressions"),
    Metric("orders", "Orders", "订单", "orders", "up", "paid orders; a refunded group never becomes one"),
    Metric("click_to_order", "Click to order", "点击下单率", "share", "up",
           "orders that began with a click / clicks"),
    Metric("aov", "Average order", "客单价", "yuan", "up", "GMV / orders"),
    Metric("new_buyers", "New buyers", "新客", "people", "up", "consumers whose first order with the owner was paid"),
    Metric("groups_opened", "Groups opened", "开团数", "groups", "", "groups opened by a leader, complete or not"),
    Metric("group_completion", "Group completion", "成团率", "share", "up",
           "completed groups / groups that completed or timed out",
           window="groups still open at the horizon are left out"),
    # money
    Metric("gmv", "GMV", "成交额", "yuan", "up", "sum of prices paid, before returns", "money"),
    Metric("net_sales", "Net sales", "净销售额", "yuan", "up", "GMV - refunds paid", "money"),
    Metric("marketing_spend", "Marketing spend", "营销花费", "yuan", "",
           "ads + creators' slot fees and commissions + KOC rewards and samples + community pushes", "money"),
    Metric("contribution_margin", "Contribution margin", "边际贡献", "yuan", "up",
           "net sales - cost of goods + salvage of returned goods - platform fees - freight out and back - "
           "marketing spend", "money", window="stock left over is not charged here"),
    Metric("profit", "Profit", "利润", "yuan", "up",
           "gain of the owner's worth: cash + open orders at their expected settlement + stock at cost", "money"),
    Metric("roi", "Return on investment", "投资回报率", "yuan/yuan", "up",
           "profit / marketing spend: profit left for each yuan spent, after that yuan", "money"),
    Metric("roas", "Return on ad spend", "广告支出回报", "yuan/yuan", "up", "GMV / marketing spend", "money"),
    Metric("cac", "Cost to win a buyer", "获客成本", "yuan", "down", "marketing spend / new buyers", "money"),
    Metric("payback_day", "Payback day", "回本日", "day", "down",
           "first day from which cumulative profit stays at or above zero", "money",
           window="replications that never pay back are left out and counted"),
    Metric("cash_low", "Lowest cash", "现金最低点", "yuan", "up",
           "the lowest end-of-day balance of the owner's account", "money"),
    Metric("cpm", "Price of 1,000 ad views", "千次曝光成本", "yuan", "down",
           "1,000 x ad spend / ad impressions", "money"),
    # loyalty
    Metric("repurchase_30d", "Bought again within 30 days", "30天复购率", "share", "up",
           "buyers with a second order within 30 days of the first / buyers", "loyalty", _BUYERS, window=_WINDOW_30),
    Metric("repurchase_90d", "Bought again within 90 days", "90天复购率", "share", "up",
           "buyers with a second order within 90 days of the first / buyers", "loyalty", _BUYERS, window=_WINDOW_90),
    # quality and trust
    Metric("return_rate", "Returned", "退货率", "share", "down",
           "returned orders / delivered orders", "trust", window="orders delivered before the horizon"),
    Metric("satisfaction", "Satisfaction", "满意度", "sd", "up",
           "mean of theta d+ - 2 theta d-, where d = (experience - expectation) / its standard deviation; 0 means "
           "as expected", "trust", "delivered orders, samples left out"),
    Metric("rating", "Rating shown", "展示评分", "stars", "up",
           "(10 x 4.3 + sum of stars) / (10 + reviews), 1 to 5", "trust", "the owner's products, weighted by reviews"),
    Metric("trust", "Trust", "信任", "score", "up",
           "mean trust a / (a + b) in the owner, 0 to 1, taken weekly, the last one", "trust", "all consumers"),
    Metric("fatigue", "Ad fatigue", "广告疲劳", "score", "down",
           "mean of F <- .9 F + .1 min(1, commercial views / 20), 0 to 1, taken weekly, the last one",
           "trust", "all consumers"),
    # word of mouth
    Metric("shares", "Shares", "分享", "shares", "up",
           "first shares and re-shares by consumers to their friends, good and bad", "social"),
    Metric("reproduction", "Reproduction number", "传播再生数", "ratio", "up",
           "re-shares / shares: mean number of further sharers that one sharer brings; above 1 it would spread "
           "without end", "social"),
    Metric("singleton_share", "Shares nobody passed on", "零转发占比", "share", "down",
           "share trees of one person / all trees", "social"),
    Metric("deep_share", "Shares deeper than one hop", "多级传播占比", "share", "up",
           "share trees of depth 2 or more / all trees", "social"),
    # welfare
    Metric("consumer_surplus", "Consumer surplus, as believed", "消费者剩余（预期）", "yuan", "up",
           "sum over occasions of reference price / a_p x ln(1 + sum exp V) with what people believed when they "
           "chose", "welfare"),
    Metric("experienced_surplus", "Consumer surplus, as experienced", "消费者剩余（实际）", "yuan", "up",
           "the same plus satisfaction with what was delivered, at reference price / a_p a unit: deception is not "
           "welfare", "welfare"),
)
# fmt: on

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
"""All declared metrics by name, in the order in which tables show them."""

# fmt: off
_DAILY_ONLY: tuple[Metric, ...] = (
    Metric("cumulative_profit", "Cumulative profit", "累计利润", "yuan", "up",
           "profit since day 0, orders as paid and returns as they come", "money"),
    Metric("cash", "Cash", "现金", "yuan", "up", "end-of-day balance of the owner's account", "money"),
    Metric("delivered", "Delivered", "签收", "orders", "up", "orders delivered on the day", "trust"),
    Metric("returns", "Returns", "退货", "orders", "down", "orders sent back on the day", "trust"),
    Metric("spend", "Spend", "花费", "yuan", "", "marketing spend of the day", "money"),
    Metric("profit", "Profit of the day", "当日利润", "yuan", "up", "money in less money out of the day", "money"),
)
# fmt: on

DAILY: dict[str, Metric] = {**METRICS, **{metric.name: metric for metric in _DAILY_ONLY}}
"""Metrics by day: those above, and the ones that exist by day only."""

LEVELS: frozenset[str] = frozenset(
    {"cumulative_profit", "cash", "aware", "trust", "fatigue", "satisfaction", "rating", "cpm", "ctr", "reach"}
)
"""Daily metrics that are a state or a ratio; all others are flows of one day and may be summed over days."""


def split(name: str) -> tuple[str, str]:
    """``"profit@Lumi"`` -> ``("profit", "Lumi")``; without an owner the second part is empty."""
    base, _, owner = name.partition("@")
    return base, owner


def declared(name: str, daily: bool = False) -> Metric:
    """The declaration of ``metric`` or ``metric@owner``; an unknown one (a plug-in's) is declared as a bare number."""
    base, _ = split(name)
    found = (DAILY if daily else METRICS).get(base) or DAILY.get(base)
    plain = base.replace("_", " ").capitalize()
    return found or Metric(base, plain, plain, "", "", "not declared: reported as the mechanism gives it")


def in_order(names: Iterable[str]) -> list[str]:
    """Names sorted as declared, undeclared ones after them by name."""
    place = {name: i for i, name in enumerate(DAILY)}
    return sorted(set(names), key=lambda name: (place.get(split(name)[0], len(place)), name))
