"""The money of a run, worked out once from its paid orders and its ledger, and added up by merchant, channel and day.

    order_margin        = GMV - refunds - refunds to expect - goods - platform fees - freight        over paid orders
    contribution_margin = order_margin - marketing_spend
    profit              = contribution_margin - operations - integrity_costs + subsidies + member_fees - points_cost
                          - donations - write_off + carried_over                              (gain of worth)

Every sum, by channel of either touch, by cohort or by merchant, is over the same orders: those paid since day 0,
samples left out. Yuan, not yet multiplied by the weight of a consumer.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sim.contract import CHANNEL, CHANNELS
from sim.metrics.collect import Book
from sim.metrics.margins import Lines, order_lines
from sim.metrics.operations import Delivered, delivered, operating
from sim.state.ledger import OWED, REASON
from sim.state.records import SETTLED, picked

NAN = float("nan")

CHANNEL_SPEND = {
    "ads": ("ads",),
    "kol": ("slot_fee",),
    "koc": ("note_reward", "sample"),
    "friend": ("share_reward",),
    "community": ("community", "hand_over", "crm", "care"),
    "referral": ("referral",),
    "distribution": ("distribution",),
    "live": ("live_host", "live_traffic"),
    "content": ("own_posts",),
}
"""Reasons of the ledger by the channel they pay for. Commissions come to live or kol, and samples out
of stock to koc."""

INTEGRITY = [REASON[r] for r in (
    "review_reward", "fake_orders", "fine", "compensation", "verification", "assurance")]  # fmt: skip
"""Reasons of what honesty and dishonesty cost; what counterfeits save comes off."""


def ratio(a: float, b: float) -> float:
    """a / b, NaN when b is zero."""
    return float(a) / float(b) if b else NAN


class Money:
    """Paid orders of a run and what each leaves. ``rows`` ORDER[n]; ``merchant``, ``age`` int64[n]; ``lines`` yuan."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.days = book.days
        market = book.market
        self.market = market
        self.merchants = max(1, len(market.world.merchants))
        table = market.state.table("orders").rows
        self.rows = picked(table, (table["sample"] == 0) & (table["paid_day"] >= 0))
        self.merchant = market.world.products.merchant[self.rows["product"]]
        made = market.state.columns["stock"] < 0
        self.lines: Lines = order_lines(self.rows, book.terms, book.back(), book.bought_at, made)
        self.margin = self.lines.margin
        gifts = picked(table, (table["sample"] == 1) & (table["day"] >= 0))
        # Samples of what was sold before it was made came from the maker, not out of the stock it is now.
        sales = [p.presale for merchant in market.world.scenario.merchants for p in merchant.products]
        until = np.array([-1 if sale is None else sale.from_day + sale.days for sale in sales])
        gifts = picked(gifts, ~made[gifts["product"]] & (gifts["day"] >= until[gifts["product"]]))
        self.gift_day = gifts["day"].astype(int)
        self.gift_merchant = market.world.products.merchant[gifts["product"]]
        self.gift_cost = book.bought_at[gifts["product"]] / 100.0

    @cached_property
    def delivered(self) -> Delivered:
        """What came to the buyers (:func:`sim.metrics.operations.delivered`)."""
        return delivered(self.book)

    def by_merchant(self, values: np.ndarray) -> np.ndarray:
        """Sum of one number an order, float64[M]."""
        return np.bincount(self.merchant, values, minlength=self.merchants)

    def by_channel(self, values: np.ndarray, touch: str, m: int) -> np.ndarray:
        """Sum over the orders of merchant ``m`` by their first or last touch, float64[CH]."""
        own = self.merchant == m
        return np.bincount(self.rows[f"{touch}_touch"][own], values[own], minlength=len(CHANNELS))[: len(CHANNELS)]

    @cached_property
    def counts(self) -> np.ndarray:
        """int64[COUNTERS, P], what was counted since day 0."""
        found: np.ndarray = self.book.tally[: self.days].sum(axis=(0, 3))
        return found

    @cached_property
    def flow(self) -> np.ndarray:
        """Yuan float64[REASONS, M] that the ledger booked since day 0."""
        total: np.ndarray = self.book.flow[: self.days].sum(axis=0) / 100.0
        return total

    @cached_property
    def spend(self) -> np.ndarray:
        """Marketing spend, yuan float64[CH, M]."""
        found = np.zeros((len(CHANNELS), self.merchants))
        for channel, reasons in CHANNEL_SPEND.items():
            found[CHANNEL[channel]] = self.flow[[REASON[r] for r in reasons]].sum(axis=0)
        on_air = self.rows["last_touch"] == CHANNEL["live"]
        found[CHANNEL["kol"]] += self.by_merchant(self.lines.commission * ~on_air)
        found[CHANNEL["live"]] += self.by_merchant(self.lines.commission * on_air)
        found[CHANNEL["koc"]] += np.bincount(self.gift_merchant, self.gift_cost, minlength=self.merchants)
        promised = self.book.owed[self.days - 1] - self.book.owed[-1] if self.days else np.zeros((len(OWED), 1))
        for reason, yuan in zip(OWED, promised, strict=True):
            found[CHANNEL[reason]] += yuan
        return found

    def daily_spend(self, m: int) -> np.ndarray:
        """Marketing spend by day, yuan float64[days]; commissions on the day the order is paid, rewards on the next."""
        reasons = [REASON[r] for reasons in CHANNEL_SPEND.values() for r in reasons]
        spent = self.book.flow[: self.days, reasons, m].sum(axis=1) / 100.0
        promised = self.book.owed[:, :, m].sum(axis=1)
        spent += np.diff(promised[: self.days], prepend=promised[-1:])
        for day, owner, yuan in ((self.rows["paid_day"], self.merchant, self.lines.commission),
                                 (self.gift_day, self.gift_merchant, self.gift_cost)):  # fmt: skip
            spent += np.bincount(day[owner == m], yuan[owner == m], minlength=self.days)[: self.days]
        return np.asarray(spent)

    @cached_property
    def statements(self) -> dict[str, np.ndarray]:
        """Every line from GMV to profit after tax, and the stock behind it, float64[M] each."""
        book, lines, market = self.book, self.lines, self.market
        sums = {name: self.by_merchant(values) for name, values in lines._asdict().items()}
        units = book.stock_left(book.open_orders()).astype(float)
        cost = units * book.bought_at / 100.0
        owner = market.world.products.merchant
        units, cost, write_off = (
            np.bincount(owner, x, minlength=self.merchants) for x in (units, cost, cost * book.terms[-1].spoilage)
        )
        shipped, settled = self.rows["shipped_day"] >= 0, self.rows["status"] == SETTLED
        margin, spend = self.by_merchant(self.margin), self.spend.sum(axis=0)
        profit = book.worth[self.days - 1] - book.start_worth if self.days else np.zeros(self.merchants)
        running = operating(book, self.flow)
        operations, subsidies = running["operations"], running["subsidies"]
        integrity = self.flow[INTEGRITY].sum(axis=0) - self.flow[REASON["counterfeit"]]
        tax = market.scenario.market.tax_rate * np.maximum(profit, 0.0)
        fees, earned, used, void = (
            self.flow[REASON[r]] for r in ("member_fee", "points_earned", "points_spent", "points_expired")
        )
        points, donations = earned - used - void, self.flow[REASON["donation"]] + self.flow[REASON["charity_report"]]
        return {
            "gmv": sums["price"],
            "gmv_shipped": self.by_merchant(lines.price * shipped),
            "net_sales": sums["price"] - sums["refund"],
            "gmv_settled": self.by_merchant(lines.price * settled),
            "marketing_spend": spend,
            "contribution_margin": margin - spend,
            "profit": profit,
            "profit_after_tax": profit - tax,
            "stock_left": units,
            "stock_at_risk": cost,
            "discounts": sums["discount"],
            "refunds": sums["refund"],
            "refunds_expected": sums["expected"],
            "goods_cost": sums["goods"],
            "platform_fees": sums["fee"],
            "freight_cost": sums["freight"],
            "order_margin": margin,
            "ads_spend": self.spend[CHANNEL["ads"]],
            "slot_fees": self.flow[REASON["slot_fee"]],
            "commissions": sums["commission"],
            "samples_cost": self.spend[CHANNEL["koc"]],
            "share_rewards": self.spend[CHANNEL["friend"]],
            "community_cost": self.spend[CHANNEL["community"]],
            "live_cost": self.flow[[REASON["live_host"], REASON["live_traffic"]]].sum(axis=0),
            "referral_rewards": self.spend[CHANNEL["referral"]],
            "distribution_commissions": self.spend[CHANNEL["distribution"]],
            **running,
            "integrity_costs": integrity,
            "member_fees": fees,
            "points_cost": points,
            "donations": donations,
            "own_posts_cost": self.flow[REASON["own_posts"]],
            "write_off": write_off,
            "carried_over": np.round(
                profit - (margin - spend - operations - integrity + subsidies + fees - points - donations
                          - write_off), 4) + 0.0,
            "tax": tax,
        }

    def of_merchant(self, m: int, new_buyers: float, weight: float) -> dict[str, float]:
        """Every metric of money of a merchant; amounts multiplied by ``weight``, ratios and prices not."""
        found = {name: float(values[m]) for name, values in self.statements.items()}
        spend, orders = found["marketing_spend"], int((self.merchant == m).sum())
        fixed = spend - found["commissions"]
        kept = found["order_margin"] - found["commissions"]
        of_price = found["gmv"] - sum(
            found[name] for name in ("refunds", "refunds_expected", "platform_fees", "commissions")
        )
        cash = self.book.cash[: self.days, m]
        cac, ltv = ratio(spend, new_buyers), float(self.value_of_buyers[m])
        return {
            **{name: value * weight for name, value in found.items()},
            "roi": ratio(found["profit"], spend),
            "roas": ratio(found["gmv"], spend),
            "roas_settled": ratio(found["gmv_settled"], spend),
            "cac": cac,
            "ltv": ltv,
            "ltv_buyers": float(self.eligible[m]),
            "ltv_to_cac": ratio(ltv, cac),
            "break_even_price": break_even_price(found["gmv"], of_price, of_price - kept + fixed, orders),
            "break_even_orders": break_even_orders(fixed, kept, orders) * weight,
            "cash_low": float(cash.min()) / 100.0 * weight if self.days else NAN,
            "cash_low_day": float(cash.argmin()) if self.days else NAN,
        }

    @cached_property
    def first(self) -> np.ndarray:
        """int64[n], day on which the buyer of each order first bought of its merchant; negative: before day 0."""
        first = self.market.state.columns["first_order"][self.rows["consumer"], self.merchant]
        return np.asarray(first, np.int64)

    @cached_property
    def age(self) -> np.ndarray:
        """int64[n], days from the buyer's first order to each order."""
        return np.asarray(self.rows["paid_day"].astype(np.int64) - self.first)

    @cached_property
    def eligible(self) -> np.ndarray:
        """int64[M], buyers won since day 0 whose first ``ltv_days`` days were seen whole."""
        first = self.market.state.columns["first_order"]
        whole = (first >= 0) & (first <= self.days - self.market.scenario.market.ltv_days)
        count: np.ndarray = whole.sum(axis=0)
        return count

    @cached_property
    def value_of_buyers(self) -> np.ndarray:
        """float64[M], mean discounted margin of the eligible buyers in their window; NaN where there are none."""
        spec = self.market.scenario.market
        counted = (self.first >= 0) & (self.first <= self.days - spec.ltv_days) & (self.age < spec.ltv_days)
        discount = (1.0 + spec.discount_rate) ** (-self.age * spec.step_length / 365.25)
        value = self.by_merchant(np.where(counted, self.margin * discount, 0.0))
        none = np.full(self.merchants, NAN)
        return np.asarray(np.divide(value, self.eligible, out=none, where=self.eligible > 0))


def break_even_price(gmv: float, of_price: float, costs: float, orders: int) -> float:
    """Average price at which ``orders`` cover ``costs`` that do not move with it; ``of_price`` of ``gmv`` is kept."""
    return costs / (orders * of_price / gmv) if orders and gmv > 0 and of_price > 0 else NAN


def break_even_orders(fixed: float, kept: float, orders: int) -> float:
    """Orders that cover ``fixed`` when ``orders`` of them leave ``kept``; NaN when they leave nothing."""
    return fixed * orders / kept if orders and kept > 0 else NAN
