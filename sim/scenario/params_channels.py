"""Small tables with one number for each channel: what an exposure there does to a person."""

from __future__ import annotations

from sim.contract import CHANNELS, Params, quantity


class ByChannel(Params):
    """Base of a small table with one number for each channel of :data:`sim.contract.CHANNELS`."""

    def values(self) -> tuple[float, ...]:
        """The numbers in the order of the channel codes, float[CH]."""
        return tuple(float(getattr(self, channel, 0.0)) for channel in CHANNELS)


class Kappa(ByChannel):
    """Adstock given by one exposure before trust, quality and fit, by channel."""

    ads: float = quantity(0.25, "From a bought ad.", unit="adstock", ge=0, le=10, plausible=(0.1, 0.5))
    kol: float = quantity(0.5, "From a creator's post.", unit="adstock", ge=0, le=10, plausible=(0.2, 1))
    koc: float = quantity(0.8, "From a consumer's note.", unit="adstock", ge=0, le=10, plausible=(0.4, 1.5))
    friend: float = quantity(1.0, "From a friend's share.", unit="adstock", ge=0, le=10, plausible=(0.5, 2))
    search: float = quantity(
        0.3, "From a search result or the shelf.", unit="adstock", ge=0, le=10, plausible=(0.1, 0.6)
    )
    community: float = quantity(0.5, "From a message in a community.", unit="adstock", ge=0, le=10, plausible=(0.2, 1))
    contact: float = quantity(0.2, "From talk with an owner.", unit="adstock", ge=0, le=10, plausible=(0.1, 0.5))
    referral: float = quantity(
        0.6, "From a rewarded invitation: a friend's word, discounted for the reward.", unit="adstock", ge=0, le=10,
        plausible=(0.2, 1),
    )  # fmt: skip
    distribution: float = quantity(
        0.4, "From the link of a friend who earns by it.", unit="adstock", ge=0, le=10, plausible=(0.1, 0.8)
    )
    live: float = quantity(1.0, "From a live session, for each product watched.", unit="adstock", ge=0, le=10,
                           plausible=(0.5, 2))
    content: float = quantity(
        0.5, "From a post of the merchant's own account, times content.pull of its class.", unit="adstock", ge=0,
        le=10, plausible=(0.2, 1),
    )  # fmt: skip
    store: float = quantity(1.0, "From seeing it on a visit to the store.", unit="adstock", ge=0, le=10,
                            plausible=(0.5, 2))  # fmt: skip


class AwareRate(ByChannel):
    """Chance that one exposure makes a stranger to the product aware of it, by channel."""

    ads: float = quantity(0.15, "From a bought ad.", unit="prob", ge=0, le=1, plausible=(0.05, 0.3))
    kol: float = quantity(0.3, "From a creator's post.", unit="prob", ge=0, le=1, plausible=(0.1, 0.5))
    koc: float = quantity(0.35, "From a consumer's note.", unit="prob", ge=0, le=1, plausible=(0.15, 0.6))
    friend: float = quantity(0.5, "From a friend's share.", unit="prob", ge=0, le=1, plausible=(0.3, 0.8))
    search: float = quantity(1.0, "From a search result or the shelf.", unit="prob", ge=0, le=1, plausible=(0.7, 1))
    community: float = quantity(0.6, "From a message in a community.", unit="prob", ge=0, le=1, plausible=(0.3, 0.9))
    contact: float = quantity(
        0.0, "From talk; zero because the awareness rule already counts it.", unit="prob", ge=0, le=1
    )
    referral: float = quantity(1.0, "From an opened invitation.", unit="prob", ge=0, le=1, plausible=(0.7, 1))
    distribution: float = quantity(0.4, "From a seller's link.", unit="prob", ge=0, le=1, plausible=(0.2, 0.6))
    live: float = quantity(0.8, "From a live session.", unit="prob", ge=0, le=1, plausible=(0.4, 1))
    store: float = quantity(0.8, "From a visit to the store.", unit="prob", ge=0, le=1, plausible=(0.4, 1))


class HypeWeight(ByChannel):
    """How much of a campaign's hype one source passes into the expectation, by channel."""

    ads: float = quantity(0.3, "By a bought ad.", unit="share", ge=0, le=1, plausible=(0, 0.6))
    kol: float = quantity(1.0, "By a creator's post.", unit="share", ge=0, le=1, plausible=(0.5, 1))
    koc: float = quantity(0.1, "By a consumer's note.", unit="share", ge=0, le=1, plausible=(0, 0.3))
    search: float = quantity(0.0, "By a search result or the shelf.", unit="share", ge=0, le=1, plausible=(0, 0.2))
    community: float = quantity(0.1, "By a message in a community.", unit="share", ge=0, le=1, plausible=(0, 0.3))
    contact: float = quantity(0.0, "By talk with an owner.", unit="share", ge=0, le=1, plausible=(0, 0.2))
    live: float = quantity(1.0, "By the host of a live session.", unit="share", ge=0, le=1, plausible=(0.5, 1))
