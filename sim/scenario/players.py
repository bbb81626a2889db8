"""Who acts in a scenario: merchants with products and plans, platforms, creators. Schema only, no behaviour.

Quantities marked extensive (budgets, stock, followers) are stated for ``market.reference_consumers`` and scaled by the
state, never here.
"""

from __future__ import annotations

from typing import Any, Literal

from sim.contract import Params, quantity
from sim.scenario.adaptive import Guard
from sim.scenario.beginnings import Initial, InitialAdopters
from sim.scenario.honesty import Assurance, ReviewReward, Tricks
from sim.scenario.members import Coupon, Crm, Membership
from sim.scenario.names import Name, Until
from sim.scenario.offers import Access, Bundle, ContentTactics, Donation, GreenPoints, Voucher
from sim.scenario.operations import Budgeting, Desk, Listing, Presale, Pricing, Supply
from sim.scenario.own_data import RowFile
from sim.scenario.own_players import OwnPolicy
from sim.scenario.params_live import LiveTactics
from sim.scenario.tactics import AdTactics, Bargain, Distribution, KocTactics, KolTactics, Referral

MIX_CHANNELS: tuple[str, ...] = ("ads", "kol", "koc", "community", "live", "content")
"""Channels a budget can be spent on."""

Silenced = Literal["ads", "kol", "koc", "community", "friend", "invite", "search", "referral", "distribution",
                   "live", "content", "store"]
"""Channels that can be switched off, to learn what they bring."""


class FeedWeights(Params):
    """How the commercial slots of a feed are divided; weights, normalised at use."""

    ads: float = quantity(0.2, "Bought slots.", unit="weight", ge=0, standing="K", plausible=(0.05, 0.4))
    follow: float = quantity(0.25, "Posts of creators one follows.", unit="weight", ge=0, plausible=(0.05, 0.5))
    friend: float = quantity(0.2, "What friends share.", unit="weight", ge=0, plausible=(0, 0.5))
    interest: float = quantity(0.25, "Recommended content.", unit="weight", ge=0, plausible=(0.1, 0.7))
    search: float = quantity(0.1, "Search results and the shelf.", unit="weight", ge=0, plausible=(0, 0.4))


class Platform(Params):
    """A place where people look at content and buy."""

    name: Name = quantity(..., "Name of the platform.", applies="build")
    label: str = quantity("", "Name in English in reports.", applies="build")
    label_zh: str = quantity("", "Name in Chinese in reports.", applies="build")
    activity: float = quantity(
        0.6, "Chance that a consumer opens the platform on a day.", unit="1/day", ge=0, le=1, plausible=(0.2, 0.9)
    )
    segment_activity: dict[str, float] = quantity({}, "Activity of named segments, instead of activity.", unit="1/day")
    feed_length: float = quantity(
        60, "Items viewed in a day on the platform.", unit="items/day", ge=0, plausible=(20, 150)
    )
    commercial_load: float = quantity(
        0.2, "Share of the items that are about products.", unit="share", ge=0, le=1, plausible=(0.05, 0.4)
    )
    feed: FeedWeights = quantity(FeedWeights(), "Division of the commercial slots.")
    personalisation: float = quantity(
        0.7, "From segment means (0) to the person's own interests (1).", ge=0, le=1, plausible=(0, 1)
    )
    explore: float = quantity(
        0.1, "Share of interest slots filled at random (epsilon).", ge=0, le=1, plausible=(0, 0.3)
    )
    theta_fit: float = quantity(2.0, "Weight of fit in the ranking score.", ge=0, le=20, plausible=(0.5, 4))
    theta_pop: float = quantity(0.2, "Weight of ln(1 + sales) in the ranking score.", ge=0, le=5, plausible=(0, 1))
    theta_social: float = quantity(0.3, "Weight of friends' likes in the ranking score.", ge=0, le=5, plausible=(0, 1))
    rest_of_market: float = quantity(
        8.0, "Ranking weight of all products the scenario does not name.", unit="weight", ge=0, plausible=(2, 50)
    )
    fee: float = quantity(
        0.05, "Commission on sales.", unit="share of sale", ge=0, le=1, standing="K", plausible=(0.006, 0.2)
    )
    group_buy: bool = quantity(True, "Group-buys are allowed.")
    open_list: bool = quantity(True, "Open groups are shown to strangers.")
    guard: Guard | None = quantity(None, "How it guards that people come back; none: ads as they are.")
    policy: OwnPolicy | None = quantity(None, "Registered policy that tunes its feed; none: as it stands.")
    recommender: OwnPolicy | None = quantity(None, "Registered policy that ranks its feed; none: its own rule.")


class Creator(Params):
    """One line of a rate card: a tier of creators alike in followers, integrity and price."""

    name: Name = quantity(..., "Name of the tier, or of one creator.", applies="build")
    count: int = quantity(1, "Creators in the tier.", unit="creators", ge=1, le=100_000, applies="build")
    followers: float = quantity(..., "True followers of each.", unit="people", gt=0, extensive=True, applies="build")
    category: str | None = quantity(None, "Category they post about; none: all.", applies="build")
    platform: str | None = quantity(None, "Platform they post on; none: all.", applies="build")
    integrity: float = quantity(
        0.8, "Chance to refuse a product unlike what is claimed.", ge=0, le=1, plausible=(0.4, 1)
    )
    slot_fee: float | None = quantity(
        None, "Price of a post; none: creators.fee_per_follower x followers^fee_exponent.", unit="yuan", ge=0
    )
    commission: float = quantity(
        0.2,
        "Share of net sales won.",
        unit="share",
        ge=0,
        le=0.9,
        source="industry practice",
        standing="K",
        plausible=(0.05, 0.5),
    )
    posts_per_week: float = quantity(
        3.0, "Posts each can sell in a week.", unit="posts/week", ge=0, le=70, plausible=(1, 7)
    )
    policy: OwnPolicy | None = quantity(None, "Registered policy that picks her offers; none: the tier's rule.")


class Product(Params):
    """What is sold. Quality runs from 0 to 1."""

    name: Name = quantity(..., "Name of the product.", applies="build")
    category: str = quantity(..., "One of the scenario's categories.", applies="build")
    price: float = quantity(..., "List price, before any discount.", unit="yuan", gt=0, le=10_000_000)
    unit_cost: float = quantity(0.0, "Cost of one unit, bought or made.", unit="yuan", ge=0, le=10_000_000)
    quality: float = quantity(0.7, "Mean true quality.", unit="quality 0-1", ge=0, le=1, plausible=(0.3, 0.95))
    quality_spread: float = quantity(
        0.1, "Standard deviation of quality from unit to unit.", unit="quality", ge=0, le=1
    )
    advertised_quality: float | None = quantity(
        None, "Quality claimed; none: the true one.", unit="quality 0-1", ge=0, le=1
    )
    fit_uncertainty: float | None = quantity(
        None, "Standard deviation of fit found on trial; none: the category's.", unit="quality", ge=0, le=1
    )
    cycle_days: float = quantity(0.0, "Time scale after which it is needed again; 0: memoryless.", unit="day", ge=0)
    inventory: int | None = quantity(
        None, "Units in stock at the start; none: made to order.", unit="units", ge=0, applies="build", extensive=True
    )
    spoilage: float = quantity(
        0.0, "Share of its cost that a unit left in stock has lost.", unit="share", ge=0, le=1, applies="build",
        plausible=(0, 1),
    )  # fmt: skip
    durable: bool = quantity(False, "Bought once only.", applies="build")
    appeal: float | None = quantity(
        None, "Free intercept b_j; none: mechanisms.choice.appeal.", unit="util", ge=-20, le=20
    )
    enters: int = quantity(0, "Day on which it goes on sale.", unit="day", ge=0, applies="build")
    delivery_days: float | None = quantity(None, "Mean delivery time; none: logistics'.", unit="day", ge=0)
    supply: Supply | None = quantity(None, "How it is ordered again; none: the inventory is all there is.")
    presale: Presale | None = quantity(None, "Sale before it is made; none: it is made or in stock.")
    bundle: Bundle | None = quantity(None, "What is in it, if it is a set; none: it is one thing.", applies="build")
    access: Access | None = quantity(None, "Terms of paid content; none: it is a thing.", applies="build")
    voucher: Voucher | None = quantity(None, "Terms of a voucher; none: it is sent.", applies="build")
    green: float = quantity(0.0, "How green it truly is; needs mechanisms.green.", unit="0-1", ge=0, le=1)
    green_claim: float | None = quantity(None, "How green it is said to be; none: as it is.", unit="0-1", ge=0, le=1)
    listings: list[Listing] = quantity([], "Places in which it is sold; empty: wherever people are.")
    initial: Initial = quantity(Initial(), "Its past.", applies="build")
    initial_adopters: InitialAdopters | None = quantity(None, "Seeds of a diffusion.", applies="build")


class Mix(Params):
    """How a budget is divided over channels; weights, normalised at use. A channel not named gets nothing."""

    ads: float = quantity(0.0, "Bought ads.", unit="weight", ge=0)
    kol: float = quantity(0.0, "Creators' posts.", unit="weight", ge=0)
    koc: float = quantity(0.0, "Samples and rewards for consumers' notes.", unit="weight", ge=0)
    community: float = quantity(0.0, "Communities of buyers.", unit="weight", ge=0)
    live: float = quantity(0.0, "Live sessions.", unit="weight", ge=0)
    content: float = quantity(0.0, "Posts of its own account.", unit="weight", ge=0)

    def shares(self) -> dict[str, float]:
        """Share of the budget by channel, summing to one; all zero when every weight is."""
        total = sum(float(getattr(self, channel)) for channel in MIX_CHANNELS)
        return {channel: float(getattr(self, channel)) / total if total else 0.0 for channel in MIX_CHANNELS}


class Group(Params):
    """Terms of a group-buy (拼团)."""

    size: int = quantity(2, "People a group needs, leader included.", unit="people", ge=2, le=20)
    hours: float = quantity(
        24, "Time it has to fill.", unit="hour", gt=0, le=336, source="拼好货 rule page", standing="V2"
    )
    discount: float = quantity(
        0.2, "Cut of the list price for members of a full group.", ge=0, lt=1, plausible=(0.05, 0.5)
    )
    products: list[str] = quantity([], "Products on offer; empty: all.")


class Phase(Params):
    """A stretch of a plan. What it leaves out is as in the plan; the first phase whose window holds is in force."""

    name: Name = quantity(..., "Name of the phase.", applies="build")
    from_day: int = quantity(0, "First day.", unit="day", ge=0)
    to_day: int | None = quantity(None, "Last day, included; none: to the end.", unit="day", ge=0)
    until: Until | None = quantity(
        None, "Ends for good when this holds: 'stock < 200', 'roas < 1.5', 'members >= 900'."
    )
    budget_per_day: float | None = quantity(None, "As in the plan.", unit="yuan/day", ge=0, extensive=True)
    mix: Mix | None = quantity(None, "As in the plan.")
    discount: float | None = quantity(None, "As in the plan.", ge=0, lt=1)
    coupon: Coupon | None = quantity(None, "As in the plan.")
    group: Group | None = quantity(None, "As in the plan.")
    ads: AdTactics | None = quantity(None, "As in the plan.")
    kol: KolTactics | None = quantity(None, "As in the plan.")
    koc: KocTactics | None = quantity(None, "As in the plan.")
    live: LiveTactics | None = quantity(None, "As in the plan.")
    pushes_per_week: float | None = quantity(None, "As in the plan.", unit="pushes/week", ge=0)
    referral: Referral | None = quantity(None, "As in the plan.")
    bargain: Bargain | None = quantity(None, "As in the plan.")
    distribution: Distribution | None = quantity(None, "As in the plan.")
    push_days: list[int] | None = quantity(None, "As in the plan.")
    club_discount: float | None = quantity(None, "As in the plan.", ge=0, lt=1)
    crm: Crm | None = quantity(None, "As in the plan.")
    content: ContentTactics | None = quantity(None, "As in the plan.")
    donation: Donation | None = quantity(None, "As in the plan.")
    green_points: GreenPoints | None = quantity(None, "As in the plan.")

    def holds(self, day: int) -> bool:
        """Whether ``day`` lies in the window, leaving ``until`` aside."""
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)


class Plan(Params):
    """What a merchant does: how much is spent, where, and on which terms goods are sold."""

    budget_per_day: float = quantity(0.0, "Spent on channels in a day, at most.", unit="yuan/day", ge=0, extensive=True)
    total: float | None = quantity(
        None, "Purse for the whole horizon; none: no limit.", unit="yuan", ge=0, extensive=True
    )
    mix: Mix = quantity(Mix(ads=1.0), "Division of the budget over channels.")
    discount: float = quantity(0.0, "Plain price cut.", unit="share of price", ge=0, lt=1)
    coupon: Coupon | None = quantity(None, "Coupon everybody may use.")
    group: Group | None = quantity(None, "Group-buy terms; none: no group-buy.")
    ads: AdTactics = quantity(AdTactics(), "How ads are bought.")
    kol: KolTactics = quantity(KolTactics(), "Which creators are hired.")
    koc: KocTactics = quantity(KocTactics(), "Who is sent samples.")
    live: LiveTactics = quantity(LiveTactics(), "Live sessions.")
    pushes_per_week: float = quantity(
        2.0, "Messages to the community.", unit="pushes/week", ge=0, le=50, plausible=(0, 7)
    )
    referral: Referral | None = quantity(None, "Rewards for bringing friends (裂变); none: no rewards.")
    bargain: Bargain | None = quantity(None, "Cuts of the price by friends' help (砍价); none: not offered.")
    distribution: Distribution | None = quantity(None, "Commissions for buyers who sell on (分销); none: no programme.")
    push_days: list[int] = quantity(
        [], "Messages on each day of a week, day 0 first, in place of pushes_per_week; empty: evenly spaced."
    )
    club_discount: float = quantity(0.0, "Cut of the solo price for the community.", unit="share of price", ge=0, lt=1)
    membership: Membership | None = quantity(None, "Membership programme; none: there is none.")
    crm: Crm | None = quantity(None, "Messages and coupons by stage of life; none: none are sent.")
    content: ContentTactics = quantity(ContentTactics(), "Posts of its own account.")
    donation: Donation | None = quantity(None, "Promised of each price to a cause; none: nothing.")
    green_points: GreenPoints | None = quantity(None, "Points for green orders; none: none.")
    phases: list[Phase] = quantity([], "Stretches of the plan; the first whose window holds is in force.")

    def during(self, phase: Phase | None) -> Plan:
        """The plan with what ``phase`` says in place of its own; itself without a phase."""
        if phase is None:
            return self
        window = {"name", "from_day", "to_day", "until"}
        said: dict[str, Any] = {
            field: value
            for field in Phase.model_fields
            if field not in window and (value := getattr(phase, field)) is not None
        }
        return self.model_copy(update=said)


class Merchant(Params):
    """A seller."""

    name: Name = quantity(..., "Name of the merchant.", applies="build")
    honesty: float = quantity(1.0, "1: claims are true; below, claims and notes are inflated.", ge=0, le=1)
    cash: float = quantity(0.0, "Money at the start.", unit="yuan", applies="build", extensive=True)
    service: float = quantity(0.8, "Quality of service after the sale.", unit="quality 0-1", ge=0, le=1)
    tricks: Tricks = quantity(Tricks(), "Dishonest practices.")
    assurance: Assurance = quantity(Assurance(), "What reassures its shoppers.")
    review_reward: ReviewReward = quantity(ReviewReward(), "Money for reviews; needs mechanisms.reviews.")
    deposit: float = quantity(0.0, "Forfeited when it is blacklisted.", unit="yuan", ge=0, extensive=True)
    scandal: float = quantity(
        0.0, "Bad experiences that today's news of it counts for; needs mechanisms.moderation.", ge=0, le=100
    )
    products: list[Product] = quantity([], "What it sells.", applies="build")
    catalogue: RowFile | None = quantity(None, "File whose rows are further products.", applies="build")
    plan: Plan = quantity(Plan(), "What it does.")
    policy: OwnPolicy | None = quantity(None, "Registered policy that decides in place of its plan; none: the plan.")
    desk: Desk | None = quantity(None, "Who answers questions before a purchase; none: nobody has to wait.")
    pricing: Pricing | None = quantity(None, "How its prices move; none: as planned.")
    budgeting: Budgeting | None = quantity(None, "How it moves its budget; none: by the mix.")
    off: list[Silenced] = quantity(
        [],
        "Channels switched off to learn what they bring: nothing of them is seen, what they were granted is neither "
        "spent nor given to others.",
    )
    off_creators: list[str] = quantity(
        [],
        "Creator tiers whose posts for it are withheld to learn what they bring: they are booked as ever, but nothing "
        "is posted, and their fees are neither paid nor given to others.",
    )
    off_segments: list[str] = quantity(
        [],
        "Segments that see nothing of it in any channel, to learn what reaching them brings; money is spent as ever.",
    )
