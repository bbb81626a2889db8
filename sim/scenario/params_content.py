"""Parameters of a merchant's own posts, of sets and of paid content. Off unless a scenario switches them on."""

from __future__ import annotations

from sim.contract import Params, quantity
from sim.scenario.params_honesty import OptionalParams


class AwareByClass(Params):
    """Chance that one exposure makes a stranger aware, by class of the post."""

    seed: float = quantity(0.3, "By a seeding post.", unit="prob", ge=0, le=1, plausible=(0.1, 0.5))
    decision: float = quantity(0.1, "By a post for those about to decide.", unit="prob", ge=0, le=1,
                               plausible=(0.02, 0.3))  # fmt: skip
    trust: float = quantity(0.1, "By a post that shows who is behind it.", unit="prob", ge=0, le=1,
                            plausible=(0.02, 0.3))  # fmt: skip
    fission: float = quantity(0.15, "By a post made to be passed on.", unit="prob", ge=0, le=1,
                              plausible=(0.05, 0.4))  # fmt: skip

    def values(self) -> tuple[float, ...]:
        """The numbers in the order of the classes' codes."""
        return (self.seed, self.decision, self.trust, self.fission)


class PullByClass(AwareByClass):
    """Part of ``persuasion.kappa.content`` that one exposure adds to adstock, by class of the post."""

    seed: float = quantity(1.0, "By a seeding post.", unit="share", ge=0, le=1, plausible=(0.5, 1))
    decision: float = quantity(0.4, "By a post for those about to decide.", unit="share", ge=0, le=1,
                               plausible=(0.1, 0.8))  # fmt: skip
    trust: float = quantity(0.4, "By a post that shows who is behind it.", unit="share", ge=0, le=1,
                            plausible=(0.1, 0.8))  # fmt: skip
    fission: float = quantity(0.4, "By a post made to be passed on.", unit="share", ge=0, le=1,
                              plausible=(0.1, 0.8))  # fmt: skip


class LiftByClass(AwareByClass):
    """Clicks on a post over the norm, by class of the post."""

    seed: float = quantity(0.7, "On a seeding post.", unit="ratio", ge=0, le=20, plausible=(0.3, 1))
    decision: float = quantity(1.8, "On a post for those about to decide.", unit="ratio", ge=0, le=20,
                               plausible=(1, 3))  # fmt: skip
    trust: float = quantity(0.7, "On a post that shows who is behind it.", unit="ratio", ge=0, le=20,
                            plausible=(0.3, 1.2))  # fmt: skip
    fission: float = quantity(0.7, "On a post made to be passed on.", unit="ratio", ge=0, le=20,
                              plausible=(0.3, 1.2))  # fmt: skip


class CandourByClass(AwareByClass):
    """Part of the way from the advertised to the true quality that a post tells, by class of the post."""

    seed: float = quantity(0.0, "By a seeding post.", unit="share", ge=0, le=1, plausible=(0, 0.3))
    decision: float = quantity(0.8, "By a post for those about to decide.", unit="share", ge=0, le=1,
                               plausible=(0.4, 1))  # fmt: skip
    trust: float = quantity(0.3, "By a post that shows who is behind it.", unit="share", ge=0, le=1,
                            plausible=(0, 0.6))  # fmt: skip
    fission: float = quantity(0.0, "By a post made to be passed on.", unit="share", ge=0, le=1,
                              plausible=(0, 0.3))  # fmt: skip


class ContentParams(OptionalParams):
    """Posts of a merchant's own account: what they cost and do, by class and by who made them."""

    cost: float = quantity(400.0, "Cost of a post made by people.", unit="yuan/post", gt=0, plausible=(100, 2000))
    ai_cost: float = quantity(
        0.1, "Cost of a post made by AI, over that.", unit="ratio", gt=0, le=1,
        source="market reports: a tenth of the cost", standing="S", plausible=(0.02, 0.5),
    )  # fmt: skip
    ai_appeal: float = quantity(
        0.7, "Appeal of a post made by AI over one by people.", unit="ratio", ge=0, le=5, plausible=(0.4, 1.1)
    )
    similarity: float = quantity(
        0.05, "Likeness of two posts of one merchant on a product.", unit="share", ge=0, le=1, plausible=(0, 0.2)
    )
    ai_similarity: float = quantity(
        0.12, "Likeness of two posts made by AI in a category, of whatever merchant.", unit="share", ge=0, le=1,
        source="Doshi & Hauser 2024 (direction): AI makes stories more alike", plausible=(0.05, 0.5),
    )  # fmt: skip
    label: bool = quantity(
        True, "Whether posts made by AI are labelled.",
        source="人工智能生成合成内容标识办法, in force 2025-09-01", standing="K",
    )  # fmt: skip
    label_seen: float = quantity(
        0.6, "Chance that a viewer sees the label.", unit="prob", ge=0, le=1, plausible=(0.2, 0.9)
    )
    notice: float = quantity(
        0.15, "Chance that a viewer notices it without a label.", unit="prob", ge=0, le=1, plausible=(0.02, 0.5)
    )
    discount: float = quantity(
        0.4, "Part of its pull and of its word that a post loses once seen to be AI's.", unit="share", ge=0, le=1,
        plausible=(0.1, 0.7),
    )  # fmt: skip
    hidden: float = quantity(
        0.1, "Evidence against the merchant when an unlabelled one is noticed.", unit="experience", ge=0, le=10,
        plausible=(0, 0.5),
    )  # fmt: skip
    aware: AwareByClass = quantity(AwareByClass(), "Chance to make aware, by class.")
    pull: PullByClass = quantity(PullByClass(), "Adstock, by class.")
    lift: LiftByClass = quantity(LiftByClass(), "Clicks, by class.")
    candour: CandourByClass = quantity(CandourByClass(), "Truth told, by class.")
    evidence: float = quantity(
        0.3, "Evidence for the merchant in one post of trust, for who distrusts it wholly.", unit="experience", ge=0,
        le=10, plausible=(0.05, 0.6),
    )  # fmt: skip
    share: float = quantity(
        0.02, "Chance that a viewer passes a fission post on to friends.", unit="prob", ge=0, le=1,
        plausible=(0.005, 0.08),
    )  # fmt: skip


class BundleParams(OptionalParams):
    """Sets sold as one."""

    second: float = quantity(
        0.8, "Worth of a further unit of the same product over the one before.", unit="ratio", ge=0, le=1,
        plausible=(0.5, 1),
    )  # fmt: skip


class PaidContentParams(OptionalParams):
    """Reading before and after paying."""

    trial_reads: float = quantity(
        0.5, "Chance that who opens the page reads the free part.", unit="prob", ge=0, le=1, plausible=(0.2, 0.9)
    )
    reads: float = quantity(
        0.15, "Chance that a satisfied holder reads on a day.", unit="1/day", ge=0, le=1, plausible=(0.03, 0.4)
    )
    thinks: float = quantity(
        0.03, "Chance that a reader thinks of buying what is spoken of.", unit="prob", ge=0, le=1,
        plausible=(0.005, 0.1),
    )  # fmt: skip
