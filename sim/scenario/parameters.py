"""Every built-in mechanism's parameters under one roof: ``scenario.mechanisms.<mechanism>.<parameter>``.

The blocks themselves live in :mod:`sim.scenario.params_attention`,
:mod:`sim.scenario.params_buying`, :mod:`sim.scenario.params_social` and :mod:`sim.scenario.params_referral`. A
mechanism of somebody else's brings its own block; :func:`mechanisms_model` makes the schema that has both.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import create_model

from sim.contract import MechanismParams, Params, quantity
from sim.scenario.params_attention import (
    AdParams,
    AwarenessParams,
    ClickParams,
    CreatorParams,
    FeedParams,
    PersuasionParams,
    SeedingParams,
    VisitParams,
)
from sim.scenario.params_buying import (
    CheckoutParams,
    ChoiceParams,
    DeliveryParams,
    GroupBuyParams,
    LoyaltyParams,
    OccasionParams,
)
from sim.scenario.params_causes import CharityParams, GreenParams, StoreParams
from sim.scenario.params_channels import AwareRate, ByChannel, HypeWeight, Kappa
from sim.scenario.params_content import BundleParams, ContentParams, PaidContentParams
from sim.scenario.params_honesty import AssuranceParams, DishonestyParams, ModerationParams, ReviewParams
from sim.scenario.params_live import LiveParams
from sim.scenario.params_members import CrmParams, HandOverParams, MembershipParams, TalkParams
from sim.scenario.params_operations import (
    AgencyParams,
    BudgetingParams,
    ListingParams,
    PresaleParams,
    PricingParams,
    RegionsParams,
    RetentionParams,
    ServiceParams,
    SupplyParams,
)
from sim.scenario.params_referral import BargainParams, DistributionParams, ReferralParams
from sim.scenario.params_social import CommunityParams, SharingParams


class MechanismsModel(Params):
    """One block of parameters for each mechanism."""

    visits: VisitParams = quantity(VisitParams(), "Opening platforms; fatigue.")
    feed: FeedParams = quantity(FeedParams(), "Organic slots of the feed.")
    ads: AdParams = quantity(AdParams(), "Ad slots and their auction.")
    creators: CreatorParams = quantity(CreatorParams(), "Opinion leaders (KOL).")
    seeding: SeedingParams = quantity(SeedingParams(), "Opinion consumers (KOC).")
    persuasion: PersuasionParams = quantity(PersuasionParams(), "Adstock, awareness by exposure, forgetting.")
    awareness: AwarenessParams = quantity(AwarenessParams(), "The social rule of awareness.")
    clicks: ClickParams = quantity(ClickParams(), "From exposure to click.")
    occasions: OccasionParams = quantity(OccasionParams(), "When people think of buying.")
    choice: ChoiceParams = quantity(ChoiceParams(), "What they choose.")
    group_buy: GroupBuyParams = quantity(GroupBuyParams(), "Group-buys.")
    checkout: CheckoutParams = quantity(CheckoutParams(), "Orders, stock, money.")
    delivery: DeliveryParams = quantity(DeliveryParams(), "Experience, returns, reviews, trust.")
    loyalty: LoyaltyParams = quantity(LoyaltyParams(), "Lapse after an order.")
    sharing: SharingParams = quantity(SharingParams(), "Shares among friends.")
    community: CommunityParams = quantity(CommunityParams(), "Private domain.")
    referral: ReferralParams = quantity(ReferralParams(), "Rewarded invitations.")
    bargain: BargainParams = quantity(BargainParams(), "Cuts of the price by friends.")
    distribution: DistributionParams = quantity(DistributionParams(), "Buyers who sell on.")
    supply: SupplyParams = quantity(SupplyParams(), "Goods ordered again.")
    presale: PresaleParams = quantity(PresaleParams(), "Batches made when enough have ordered.")
    service: ServiceParams = quantity(ServiceParams(), "Questions before a purchase.")
    pricing: PricingParams = quantity(PricingParams(), "Prices that move; rivals.")
    budgeting: BudgetingParams = quantity(BudgetingParams(), "Budgets moved by return.")
    regions: RegionsParams = quantity(RegionsParams(), "Where people live.")
    reviews: ReviewParams = quantity(ReviewParams(), "Reviews one by one.")
    dishonesty: DishonestyParams = quantity(DishonestyParams(), "Fake orders and reviews, counterfeits.")
    moderation: ModerationParams = quantity(ModerationParams(), "Removal, inspection, sanctions, news.")
    assurance: AssuranceParams = quantity(AssuranceParams(), "Guarantees, verification, traceability, try-on.")
    hand_over: HandOverParams = quantity(HandOverParams(), "Ways into the private domain.")
    talk: TalkParams = quantity(TalkParams(), "Talk and care in chat groups.")
    membership: MembershipParams = quantity(MembershipParams(), "Membership and points.")
    crm: CrmParams = quantity(CrmParams(), "Messages by stage of life.")
    live: LiveParams = quantity(LiveParams(), "Live-streaming.")
    content: ContentParams = quantity(ContentParams(), "Posts of a merchant's own account.")
    bundles: BundleParams = quantity(BundleParams(), "Sets sold as one.")
    paid_content: PaidContentParams = quantity(PaidContentParams(), "Content that is paid for.")
    store: StoreParams = quantity(StoreParams(), "Vouchers redeemed by a visit.")
    charity: CharityParams = quantity(CharityParams(), "Donations promised with a purchase.")
    green: GreenParams = quantity(GreenParams(), "Green claims and points.")
    agencies: AgencyParams = quantity(AgencyParams(), "Agencies of creators (MCN).")
    retention: RetentionParams = quantity(RetentionParams(), "Ad load that follows visits.")
    listings: ListingParams = quantity(ListingParams(), "One product in several places.")


PARAMETERS: dict[str, type[MechanismParams]] = {
    name: kind
    for name, info in MechanismsModel.model_fields.items()
    if isinstance(kind := info.annotation, type) and issubclass(kind, MechanismParams)
}
"""The built-in blocks by the name of their mechanism."""


def _says(kind: type[MechanismParams], name: str) -> str:
    return (kind.__doc__ or name).strip().splitlines()[0]


def mechanisms_model(params: Mapping[str, type[MechanismParams]]) -> type[MechanismsModel]:
    """The schema of ``mechanisms:`` with the given blocks beside the built-in ones.

    A mechanism of somebody else's is off where a scenario says nothing of it: installing one changes no market.
    """
    extra = {name: kind for name, kind in params.items() if PARAMETERS.get(name) is not kind}
    if not extra:
        return MechanismsModel
    fields = {
        name: (kind, quantity(kind() if name in PARAMETERS else kind(enabled=False), _says(kind, name)))
        for name, kind in extra.items()
    }
    made: type[MechanismsModel] = create_model("MechanismsModel", __base__=MechanismsModel, **fields)  # type: ignore[call-overload]
    return made


__all__ = [
    "PARAMETERS",
    "AdParams",
    "AgencyParams",
    "AssuranceParams",
    "AwareRate",
    "AwarenessParams",
    "BargainParams",
    "BudgetingParams",
    "BundleParams",
    "ByChannel",
    "CharityParams",
    "CheckoutParams",
    "ChoiceParams",
    "ClickParams",
    "CommunityParams",
    "ContentParams",
    "CreatorParams",
    "CrmParams",
    "DeliveryParams",
    "DishonestyParams",
    "DistributionParams",
    "FeedParams",
    "GreenParams",
    "GroupBuyParams",
    "HandOverParams",
    "HypeWeight",
    "Kappa",
    "ListingParams",
    "LiveParams",
    "LoyaltyParams",
    "MechanismsModel",
    "MembershipParams",
    "ModerationParams",
    "OccasionParams",
    "PaidContentParams",
    "PersuasionParams",
    "PresaleParams",
    "PricingParams",
    "ReferralParams",
    "RegionsParams",
    "RetentionParams",
    "ReviewParams",
    "SeedingParams",
    "ServiceParams",
    "SharingParams",
    "StoreParams",
    "SupplyParams",
    "TalkParams",
    "VisitParams",
    "mechanisms_model",
]
