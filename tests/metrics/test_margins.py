"""What one order leaves, in figures worked out by hand, and what open orders are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.metrics.margins import Terms, open_sums, order_lines, worth_of
from sim.state.columns import NEVER
from sim.state.records import ORDER, PAID, RECEIVED, RESERVED, RETURNED, SETTLED, SHIPPED

BOUGHT_AT = np.array([3000.0, 2500.0])
MADE = np.array([True, False])
"""Product 0 is made to order, product 1 comes out of stock."""
BACK = np.array([0.1, 0.2])


def terms(start: int = NEVER, **changes: Any) -> Terms:
    """Costs in fen: a unit 30 or 25 yuan, salvage 9, fee 5 and 10 %, commission 20 %, freight 6, freight back 4."""
    plain: dict[str, Any] = {
        "start": start, "unit_cost": np.array([3000.0, 2500.0]), "salvage": np.array([900.0, 750.0]),
        "list_price": np.array([12000.0, 8000.0]), "fee": np.array([0.05, 0.1]), "commission": np.array([0.2, 0.0]),
        "freight": np.full(2, 600.0), "return_freight": np.full(2, 400.0), "return_days": 7, "returns": np.ones(2),
        "spoilage": np.zeros(2),
    }  # fmt: skip
    return Terms(**(plain | changes))


def order(
    status: int, product: int = 0, price: int = 10_000, day: int = 10, creator: int = -1, platform: int = 0
) -> Any:
    """One order paid on ``day``, shipped the same day, at the door three days later, as far as it has come."""
    row = np.zeros(1, ORDER)
    row["status"], row["product"], row["price"] = status, product, price
    row["creator"], row["platform"] = creator, platform
    row["paid_day"] = NEVER if status == RESERVED else day
    row["shipped_day"] = day if status in (SHIPPED, RECEIVED, RETURNED, SETTLED) else NEVER
    row["delivered_day"] = day + 3 if status in (RECEIVED, RETURNED, SETTLED) else NEVER
    return row


def left(row: Any, versions: list[Terms] | None = None) -> tuple[float, float]:
    """Margin and commission of one order, yuan."""
    lines = order_lines(row, versions or [terms()], BACK, BOUGHT_AT, MADE)
    return float(lines.margin[0]), float(lines.commission[0])


@pytest.mark.parametrize(
    ("row", "margin", "commission"),
    [
        (order(SETTLED), 100 - 30 - 5 - 6, 0),
        (order(SETTLED, platform=1), 100 - 30 - 10 - 6, 0),
        (order(SETTLED, creator=0), 100 - 30 - 5 - 6, 20),
        (order(SETTLED, product=1), 100 - 25 - 5 - 6, 0),
        (order(SETTLED, price=9_999), 99.99 - 30 - 5.00 - 6, 0),  # the fee is rounded to the fen
        (order(RECEIVED, creator=0), 100 - 30 - 5 - 6, 20),
        (order(RETURNED, creator=0), -(30 - 9) - 6 - 4, 0),
        (order(RETURNED, product=1), -6 - 4, 0),  # back on the shelf, at what it cost
        (order(SHIPPED, creator=0), 90 - (30 - 0.9) - 4.5 - 6 - 0.4, 18),
        (order(PAID, product=1), 80 - (25 - 5) - 4 - 6 - 0.8, 0),
    ],
)  # fmt: skip
def test_one_order(row: Any, margin: float, commission: float) -> None:
    assert left(row) == pytest.approx((margin, commission), abs=1e-9)


def test_every_cost_is_that_of_its_own_day() -> None:
    """Dearer goods from day 11 do not touch what left on day 10; the fee of day 20 does: it is taken on settlement."""
    later = terms(11, unit_cost=np.array([5000.0, 5000.0]), return_freight=np.full(2, 1000.0))
    fee = terms(20, unit_cost=np.array([5000.0, 5000.0]), fee=np.array([0.5, 0.5]))
    assert left(order(SETTLED), [terms(), later, fee])[0] == pytest.approx(100 - 30 - 50 - 6)
    assert left(order(SETTLED), [terms(), later])[0] == pytest.approx(100 - 30 - 5 - 6)
    assert left(order(SETTLED, day=11), [terms(), later])[0] == pytest.approx(100 - 50 - 5 - 6)
    assert left(order(RETURNED), [terms(), later])[0] == pytest.approx(-(30 - 9) - 6 - 10)
    assert left(order(SETTLED, day=15, product=1), [terms(), later])[0] == pytest.approx(100 - 25 - 5 - 6)


def worth(rows: Any, spec: Terms, units: int = 0, cash: int = 0, owed: float = 0.0) -> float:
    """Yuan of a merchant of both products with ``units`` of product 1 in stock."""
    found = worth_of(open_sums(rows, 2, 2, 1), spec, BACK, BOUGHT_AT, np.where(MADE, -1, units), np.zeros(2, np.int64),
                     np.array([cash]), np.array([[owed], [2 * owed]]))  # fmt: skip
    return float(found[0])


def test_an_open_order_is_worth_its_margin_and_what_is_already_paid() -> None:
    """Commission is still to be paid; goods and freight of a shipped order are not; stock was paid for long ago."""
    assert worth(order(PAID, creator=0), terms()) == pytest.approx(90 - 29.1 - 4.5 - 6 - 0.4 - 18)
    assert worth(order(PAID, product=1), terms()) == pytest.approx(80 - 4 - 6 - 0.8 + 5)
    assert worth(order(SHIPPED), terms()) == pytest.approx(90 - 4.5 - 0.4 + 0.9)
    assert worth(order(RECEIVED), terms()) == pytest.approx(95)
    assert worth(order(RESERVED), terms()) == 0
    assert worth(order(SETTLED), terms()) == 0
    sample = order(SHIPPED)
    sample["sample"] = 1
    assert worth(sample, terms()) == 0


def test_a_merchant_is_worth_its_cash_and_stock_less_what_it_owes() -> None:
    """A unit held for an open group is still there; a tenth of what lies in the store is lost."""
    spec = terms(spoilage=np.array([0.5, 0.1]))
    assert worth(order(SETTLED), spec, units=4, cash=12_345, owed=7.0) == pytest.approx(123.45 + 4 * 25 * 0.9 - 21)
    assert worth(order(RESERVED, product=1), spec, units=4) == pytest.approx(5 * 25 * 0.9)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((PAID, SHIPPED, RECEIVED)), st.integers(0, 1), st.integers(1, 50_000), st.integers(-1, 0),
            st.integers(0, 1),
        ), min_size=1, max_size=30,
    )
)  # fmt: skip
def test_worth_of_open_orders_is_their_margin_less_commission_plus_what_was_paid(found: list[tuple[int, ...]]) -> None:
    rows = np.concatenate([order(s, p, price, creator=c, platform=f) for s, p, price, c, f in found])
    lines = order_lines(rows, [terms()], BACK, BOUGHT_AT, MADE)
    sent = rows["status"] != PAID
    stock = ~MADE[rows["product"]]
    unit = np.where(MADE, 3000.0, BOUGHT_AT)[rows["product"]] / 100.0
    paid = np.where(sent | stock, unit, 0.0) + 6.0 * sent
    assert worth(rows, terms()) == pytest.approx(float((lines.margin - lines.commission + paid).sum()), abs=1e-6)
