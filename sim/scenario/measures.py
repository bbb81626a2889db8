"""Every number a run reports, declared once: its name, words, unit, direction, formula and who is counted.

They are part of the language of scenarios, whose ``outcomes`` name them; :mod:`sim.metrics` works them out.

Shares are stored as 0..1 and shown as per cent. Money is in yuan (or the scenario's currency) and, like counts,
is multiplied by ``market.weight`` once, when the run is summarised. Without ``@owner`` a metric speaks of the focal
merchant; ``profit@Lumi`` speaks of Lumi.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from sim.contract import CHANNELS
from sim.scenario import measures_offers, measures_referral
from sim.scenario.measures_members import OF_MEMBERS
from sim.scenario.metric import Metric

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
    *(Metric(*fields) for fields in measures_offers.OFFERS),
    # money
    Metric("gmv", "GMV, paid", "成交额（支付）", "yuan", "up", "sum of prices paid, before returns", "money"),
    Metric("gmv_shipped", "GMV, shipped", "成交额（发货）", "yuan", "up", "prices of the paid orders that have left",
           "money"),
    Metric("net_sales", "Net sales", "净销售额", "yuan", "up", "GMV paid - refunds of returned orders", "money"),
    Metric("gmv_settled", "GMV, settled", "成交额（结算）", "yuan", "up",
           "prices of the paid orders whose money has been released to the merchant", "money"),
    Metric("marketing_spend", "Marketing spend", "营销花费", "yuan", "",
           "ads + creators' slot fees + commissions on the orders paid, less expected returns + samples (goods and "
           "freight) + rewards for notes and shares + staff, pushes, hand-over and messages of the private domain",
           "money"),
    Metric("contribution_margin", "Contribution margin", "边际贡献", "yuan", "up",
           "what the orders paid leave after returns, cost of goods, platform fees and freight, those still open at "
           "their expected return - marketing spend", "money", window="stock left over is not charged here"),
    Metric("profit", "Profit", "利润", "yuan", "up",
           "gain of the owner's worth: cash + open orders at their expected settlement + stock at cost x "
           "(1 - spoilage), before tax. Money held in escrow for open groups belongs to the consumers", "money"),
    Metric("profit_after_tax", "Profit after tax", "税后利润", "yuan", "up", "profit - tax", "money"),
    Metric("roi", "Return on investment (ROI)", "投资回报率（ROI）", "yuan/yuan", "up",
           "profit / marketing spend: profit left for each yuan spent, after that yuan; of settled money, and open "
           "orders at their expected settlement", "money"),
    Metric("roas", "Return on ad spend (ROAS)", "广告支出回报（ROAS）", "yuan/yuan", "up",
           "GMV paid / marketing spend", "money"),
    Metric("roas_settled", "ROAS, settled", "ROAS（结算）", "yuan/yuan", "up", "GMV settled / marketing spend",
           "money"),
    Metric("cac", "Cost to win a buyer (CAC)", "获客成本（CAC）", "yuan", "down",
           "marketing spend / new buyers", "money"),
    Metric("ltv", "Value of a buyer (LTV)", "用户生命周期价值（LTV）", "yuan", "up",
           "mean over buyers of what their orders leave, before marketing spend, in the first market.ltv_days days "
           "from the first order, discounted at market.discount_rate a year", "money", "buyers won since day 0",
           "only buyers whose first order is at least ltv_days older than the horizon", over="ltv_buyers"),
    Metric("ltv_buyers", "Buyers behind the value of a buyer", "生命周期价值样本", "people", "",
           "simulated buyers whose first ltv_days days were seen whole; not weighted", "money"),
    Metric("ltv_to_cac", "LTV / CAC", "LTV / CAC", "yuan/yuan", "up",
           "value of a buyer / cost to win a buyer", "money"),
    Metric("break_even_price", "Break-even price", "盈亏平衡价", "yuan", "down",
           "average price at which the orders paid would just have covered all costs and marketing, fees and "
           "commissions moving with it and the number of orders not", "money",
           window="compare with the average order; not defined when a yuan of sales leaves nothing"),
    Metric("break_even_orders", "Break-even orders", "盈亏平衡单量", "orders", "down",
           "orders needed, at the prices paid, to cover marketing spend other than commissions", "money",
           window="not defined when an order leaves nothing"),
    Metric("payback_day", "Payback day", "回本日", "day", "down",
           "first day from which cumulative profit stays at or above zero", "money",
           window="replications that never pay back are left out and counted"),
    Metric("cash_low", "Lowest cash", "现金最低点", "yuan", "up",
           "the lowest end-of-day balance of the owner's account", "money"),
    Metric("cash_low_day", "Day of lowest cash", "现金最低日", "day", "", "first day on which cash was lowest",
           "money"),
    Metric("stock_left", "Stock left", "剩余库存", "units", "",
           "units on hand and units held for open groups on the last day; products made to order have none", "money"),
    Metric("stock_at_risk", "Stock at risk", "库存占用", "yuan", "down", "what the stock left has cost", "money"),
    Metric("cpm", "Price of 1,000 ad views", "千次曝光成本", "yuan", "down",
           "1,000 x ad spend / ad impressions", "money"),
    # from GMV to profit, in the order of the sum; costs are positive numbers
    Metric("discounts", "Discounts given", "优惠让利", "yuan", "",
           "list price - price paid: cuts, coupons, group prices; already left out of GMV", "statement"),
    Metric("refunds", "Refunds", "退款", "yuan", "", "prices of the paid orders that came back", "statement"),
    Metric("refunds_expected", "Refunds to expect", "预计退款", "yuan", "",
           "prices of orders paid or on the way x return rate so far, (returned + 1.2) / (delivered + 10)",
           "statement"),
    Metric("goods_cost", "Cost of goods", "货品成本", "yuan", "",
           "unit cost of the orders paid - what returned goods are worth", "statement"),
    Metric("platform_fees", "Platform fees", "平台佣金", "yuan", "", "fees on orders kept", "statement"),
    Metric("freight_cost", "Freight, out and back", "运费", "yuan", "", "parcels to buyers and returned", "statement"),
    Metric("order_margin", "What orders leave", "订单毛利", "yuan", "up",
           "GMV paid - refunds and refunds to expect - cost of goods - platform fees - freight", "statement"),
    Metric("ads_spend", "Ads", "广告费", "yuan", "", "price of the ad views bought", "statement"),
    Metric("slot_fees", "Creators' slot fees", "达人坑位费", "yuan", "", "price of the posts bought", "statement"),
    Metric("commissions", "Creators' commissions", "达人佣金", "yuan", "",
           "share of the orders credited to a creator, due when they settle; open orders less expected returns",
           "statement"),
    Metric("samples_cost", "Samples and notes", "寄样与笔记", "yuan", "",
           "goods and freight of samples, rewards for notes", "statement"),
    Metric("share_rewards", "Rewards for shares", "分享奖励", "yuan", "", "paid to buyers who tell friends",
           "statement"),
    Metric("community_cost", "Private domain", "私域运营", "yuan", "",
           "staff, pushes, hand-over and care of the community, messages to customers", "statement"),
    Metric("member_fees", "Membership fees", "会员费", "yuan", "up", "fees paid for terms of paid membership",
           "statement"),
    *(Metric(*fields) for fields in (*measures_referral.STATEMENT, *measures_offers.STATEMENT)),
    Metric("operations", "Supply, warehouses, desk", "供应、仓储与客服", "yuan", "",
           "what batches cost above their standard cost + stock spoilt, at standard cost + storage + surcharges, duty "
           "and rent of regions + staff and bot of the desk", "statement"),
    Metric("subsidies", "Subsidies of platforms", "平台补贴", "yuan", "up",
           "part of the prices that platforms paid, less what they got back", "statement"),
    Metric("integrity_costs", "Reviews, assurance, fakes and fines", "评价、保障与违规成本", "yuan", "",
           "review rewards + assurance + fake orders + fines - what counterfeits save on goods", "statement"),
    Metric("points_cost", "Growth of points owed", "积分负债增加", "yuan", "",
           "points earned - points spent - points lapsed, a fen each; those spent are in the discounts", "statement"),
    Metric("live_cost", "Live sessions", "直播费用", "yuan", "", "hosts, studio and bought viewers of live sessions",
           "statement"),
    Metric("write_off", "Stock written off", "存货减值", "yuan", "",
           "products[].spoilage x cost of the stock left", "statement"),
    Metric("carried_over", "Orders from before the start", "期初订单损益", "yuan", "",
           "what orders paid in warm-up, and the stock it left, brought above or below their value on day 0; zero "
           "without warm-up", "statement"),
    Metric("tax", "Tax", "税", "yuan", "", "market.tax_rate x profit, nothing on a loss", "statement"),
    # goods and parcels
    Metric("stockout_share", "Days without stock", "缺货天数占比", "share", "down",
           "days on sale that began without stock / days on sale, over products with supply", "trust"),
    Metric("turns", "Stock turns a year", "库存周转", "1/year", "up",
           "units sold a year / mean stock, over products with supply; 12 a year are 30.4 days in stock", "trust"),
    Metric("late_share", "Late", "延迟到货率", "share", "down",
           "orders delivered later than promised / orders delivered", "trust"),
    Metric("left_line", "Left waiting for an answer", "咨询流失率", "share", "down",
           "would-be buyers who left the line at the desk / who asked", "trust"),
    # loyalty
    Metric("repurchase_30d", "Bought again within 30 days", "30天复购率", "share", "up",
           "buyers with a second order within 30 days of the first / buyers", "loyalty", _BUYERS, window=_WINDOW_30),
    Metric("repurchase_90d", "Bought again within 90 days", "90天复购率", "share", "up",
           "buyers with a second order within 90 days of the first / buyers", "loyalty", _BUYERS, window=_WINDOW_90),
    *OF_MEMBERS,
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
    *(Metric(*fields) for fields in measures_referral.SOCIAL),
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
    Metric("profit", "Profit of the day", "当日利润", "yuan", "up", "money in less money out of the day", "money"),
)
# fmt: on

DAILY: dict[str, Metric] = {**METRICS, **{metric.name: metric for metric in _DAILY_ONLY}}
"""Metrics by day: those above, and the ones that exist by day only."""

# fmt: off
_CHANNEL_ONLY: tuple[Metric, ...] = (
    Metric("orders_last_touch", "Orders, last touch", "末触订单", "orders", "up",
           "paid orders of people who saw the channel last before ordering"),
    Metric("orders_first_touch", "Orders, first touch", "首触订单", "orders", "up",
           "paid orders of people who met the product there"),
    Metric("gmv_last_touch", "GMV, last touch", "末触成交额", "yuan", "up", "prices of those orders", "money"),
    Metric("gmv_first_touch", "GMV, first touch", "首触成交额", "yuan", "up", "prices of those orders", "money"),
    Metric("spend", "Spend", "花费", "yuan", "", "marketing spend on the channel; over channels it sums to "
           "marketing_spend", "money"),
    Metric("contribution_last_touch", "Contribution, last touch", "末触边际贡献", "yuan", "up",
           "what its orders leave - spend; over channels it sums to contribution_margin", "money"),
    Metric("contribution_first_touch", "Contribution, first touch", "首触边际贡献", "yuan", "up",
           "what its orders leave - spend; over channels it sums to contribution_margin", "money"),
    *(Metric(f"{short}_{touch}_touch", f"{short.upper()}, {touch} touch", f"{zh}触{short.upper()}", "yuan/yuan", "up",
             f"{what}_{touch}_touch / spend", "money", "channels on which money was spent")
      for short, what in (("roas", "gmv"), ("roi", "contribution")) for touch, zh in (("last", "末"), ("first", "首"))),
)
_PRODUCT_ONLY: tuple[Metric, ...] = (
    Metric("price", "Price on the last day", "期末价格", "yuan", "", "price of a single order", "money"),
    Metric("sold", "Units sold", "销量", "units", "up", "paid orders, the product's past among them"),
    Metric("stock", "Stock", "库存", "units", "", "units on hand; none when made to order", "money"),
    Metric("reviews", "Reviews", "评价数", "times", "up", "reviews shown, the product's past among them", "trust"),
    Metric("quality", "True quality", "真实品质", "score", "up", "mean true quality", "trust"),
    Metric("buyers", "Buyers", "买家数", "people", "up", "consumers who have bought it, the product's past among them"),
)
# fmt: on

MARKET_WIDE: frozenset[str] = frozenset({"fatigue", "consumer_surplus", "experienced_surplus"})
"""Metrics of the market as a whole: they take no ``@owner``."""

OF_CHANNEL: frozenset[str] = frozenset({"impressions", "clicks", "new_buyers", *(m.name for m in _CHANNEL_ONLY)})
"""What ``metric@channel`` may name: the columns of a run's table of channels, which speaks of the focal merchant."""

OF_PRODUCT: frozenset[str] = frozenset({"rating", "aware", *(m.name for m in _PRODUCT_ONLY)})
"""What ``metric@merchant.product`` may name: columns of a run's table of products."""

KNOWN: dict[str, Metric] = {m.name: m for m in (*_ALL, *_DAILY_ONLY, *_CHANNEL_ONLY, *_PRODUCT_ONLY)} | METRICS
"""All declared metrics: of a run, by day, by channel, by product."""

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
    found = DAILY.get(base) if daily else None
    found = found or KNOWN.get(base)
    plain = base.replace("_", " ").capitalize()
    return found or Metric(base, plain, plain, "", "", "not declared: reported as the mechanism gives it")


def measured(name: str, merchants: Iterable[str], products: Iterable[str]) -> str:
    """Why a run with these merchants and products (``merchant.product``) does not measure ``name``; "" when it does."""
    base, owner = split(name)
    kinds = (
        ("a merchant", set(merchants), set(METRICS) - MARKET_WIDE),
        ("a product", set(products), OF_PRODUCT),
        ("a channel", set(CHANNELS), OF_CHANNEL),
    )
    what, known = next(((what, known) for what, owners, known in kinds if owner in owners), ("", set(METRICS)))
    if owner and not what:
        near = get_close_matches(owner, sorted(set().union(*(owners for _, owners, _ in kinds))), n=1)
        hint = f"; did you mean '{base}@{near[0]}'?" if near else "."
        return f"unknown owner {owner!r}{hint} An owner is a merchant, a merchant.product or a channel"
    if base in known:
        return ""
    if what and base in MARKET_WIDE:
        return f"{base} is of the whole market: leave out '@{owner}'"
    near = get_close_matches(base, sorted(known), n=1)
    hint = f"; did you mean '{near[0]}{'@' if owner else ''}{owner}'?" if near else "."
    listed = "'sim explain metrics' lists them" if len(known) > 20 else f"Known of {what}: {', '.join(sorted(known))}"
    return f"unknown metric{' of ' + what if what else ''} {base!r}{hint} {listed}"


def in_order(names: Iterable[str]) -> list[str]:
    """Names sorted as declared, undeclared ones after them by name."""
    place = {name: i for i, name in enumerate(KNOWN)}
    return sorted(set(names), key=lambda name: (place.get(split(name)[0], len(place)), name))
