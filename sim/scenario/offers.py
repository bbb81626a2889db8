"""Further things a merchant may decide: its own posts by class, sets, paid content, vouchers, donations, green points.

Schema only; each is acted on by the mechanism of its name in :mod:`sim.mechanisms`.
"""

from __future__ import annotations

from sim.contract import Params, quantity

CLASSES: tuple[str, ...] = ("seed", "decision", "trust", "fission")
"""Classes of the content matrix; the position is the code of :mod:`sim.rules.classes`."""


class Matrix(Params):
    """How one's own posts divide over the classes of the content matrix (内容矩阵); weights, normalised at use."""

    seed: float = quantity(1.0, "Posts that make a thing known and wanted (种草).", unit="weight", ge=0)
    decision: float = quantity(0.0, "Posts that show it as it is and lead to its page (决策).", unit="weight", ge=0)
    trust: float = quantity(0.0, "Posts about who makes it and how (信任).", unit="weight", ge=0)
    fission: float = quantity(0.0, "Posts made to be passed on (裂变).", unit="weight", ge=0)

    def shares(self) -> tuple[float, ...]:
        """Share of each class, in the order of the codes; all zero when every weight is."""
        given = [float(getattr(self, name)) for name in CLASSES]
        whole = sum(given)
        return tuple(weight / whole if whole else 0.0 for weight in given)


class ContentTactics(Params):
    """What the merchant's own account posts; ``mix.content`` is the budget."""

    matrix: Matrix = quantity(Matrix(), "Share of the posts by class.")
    ai: float = quantity(0.0, "Share of the posts made by AI.", unit="share", ge=0, le=1, plausible=(0, 0.8))
    platform: str | None = quantity(None, "Where it posts; none: on all platforms in turn.")
    products: list[str] = quantity([], "Products posted about, in turn; empty: all.")


class Bundle(Params):
    """A set of the merchant's products sold as one (组合套餐): its price and reference are those of the whole."""

    units: dict[str, int] = quantity(..., "Units of each product in it, by name.", applies="build", min_length=1)


class Access(Params):
    """Paid content (知识付费): what is bought may be read; a copy costs nothing and is there at once."""

    days: int | None = quantity(None, "Days it may be read; none: for good.", unit="day", ge=1, applies="build")
    trial: float = quantity(0.0, "Part of it that may be read before paying.", unit="share", ge=0, le=0.9,
                            plausible=(0, 0.3))  # fmt: skip
    recommends: list[str] = quantity([], "Products of the merchant that it speaks of.")


class Voucher(Params):
    """A voucher (团购券) redeemed by a visit to a store (到店): no parcel, a way to go, a last day."""

    valid_days: int = quantity(60, "Days from payment on which it may be redeemed.", unit="day", ge=1, le=730,
                               applies="build", plausible=(14, 180))  # fmt: skip
    refund_expired: bool = quantity(
        True, "Whether the price of an expired one goes back to the buyer (过期退); else the merchant keeps it."
    )
    km: dict[str, float] = quantity({}, "Way to the nearest store by region of logistics.regions; 0 where not named.",
                                    unit="km")  # fmt: skip


class Donation(Params):
    """A part of each price promised to a good cause (公益), and what is told of it."""

    share: float = quantity(0.05, "Part of the price promised.", unit="share", gt=0, le=1, plausible=(0.01, 0.2))
    given: float = quantity(1.0, "Part of the promise that is kept.", unit="share", ge=0, le=1)
    report_days: int | None = quantity(None, "A report of what was given every so many days; none: no reports.",
                                       unit="day", ge=1)  # fmt: skip
    report_cost: float = quantity(500.0, "Cost of a report.", unit="yuan", ge=0, extensive=True)


class GreenPoints(Params):
    """Points (绿色积分) on top of those of the programme, for a product with a green claim that is kept."""

    per_order: float = quantity(2.0, "Worth of the points of one order at a claim of 1.", unit="yuan/order", gt=0,
                                le=1000, plausible=(0.2, 10))  # fmt: skip
