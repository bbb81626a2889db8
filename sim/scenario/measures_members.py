"""Metrics of membership, communities and messages by stage of life."""

from __future__ import annotations

from sim.scenario.metric import Metric

_LATE = "the last 30 days, at most half of the run; membership as it stood when they began"
_CUSTOMERS = "consumers who had bought before those days"
_GAP = "mean {1} of customers {0} - mean {1} of the other customers; selection and treatment together"

# fmt: off
OF_MEMBERS: tuple[Metric, ...] = (
    Metric("member_count", "Members", "会员数", "people", "up", "people in a tier of the programme on the last day",
           "loyalty"),
    Metric("member_gmv_share", "Members' share of GMV", "会员销售占比", "share", "", "GMV of members / GMV", "loyalty"),
    Metric("member_gap", "Members ahead of other customers", "会员消费差", "yuan", "",
           _GAP.format("who are members", "spend"), "loyalty", _CUSTOMERS, window=_LATE),
    Metric("member_orders_gap", "Members ahead, in orders", "会员订单差", "ratio", "",
           _GAP.format("who are members", "number of orders"), "loyalty", _CUSTOMERS, window=_LATE),
    Metric("community_count", "Community", "社群人数", "people", "up", "people in the community on the last day",
           "loyalty"),
    Metric("community_gmv_share", "Community's share of GMV", "社群销售占比", "share", "",
           "GMV of people in the community / GMV", "loyalty"),
    Metric("community_gap", "Community ahead of other customers", "社群消费差", "yuan", "",
           _GAP.format("in the community", "spend"), "loyalty", _CUSTOMERS, window=_LATE),
    Metric("community_orders_gap", "Community ahead, in orders", "社群订单差", "ratio", "",
           _GAP.format("in the community", "number of orders"), "loyalty", _CUSTOMERS, window=_LATE),
    Metric("referred_orders_gap", "Referred buyers ahead, in orders", "裂变新客订单差", "ratio", "",
           "mean further orders of new buyers brought by friends - that of other new buyers; selection and treatment "
           "together", "loyalty", "new buyers whose window was observed whole",
           window="30 days after the first order, at most half of the run"),
    Metric("leads", "Leads handed over", "引流入群", "people", "up", "people who joined the community on a click",
           "loyalty"),
    Metric("coupons_sent", "Coupons sent", "发券数", "times", "", "people each issue was sent to, added up", "loyalty"),
    Metric("coupons_used", "Coupons redeemed", "核销券数", "orders", "up", "paid orders a coupon was used for",
           "loyalty"),
    Metric("coupon_redemption", "Coupon redemption", "券核销率", "share", "up", "coupons redeemed / coupons sent",
           "loyalty", window="coupons still good at the horizon count as sent"),
    Metric("reactivation", "Lapsed customers back in a month", "流失召回率", "share", "up",
           "customers lapsed at one count and not at the next, 30 days later / customers lapsed at the first",
           "loyalty", "customers of the merchant, where messages by stage are on"),
    Metric("points_owed", "Points owed", "积分负债", "yuan", "", "points in all hands on the last day, a fen each",
           "loyalty"),
)
# fmt: on
