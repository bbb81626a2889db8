"""What a run reports of rewarded friends and distributors: the fields of each metric, in the order of Metric's."""

from __future__ import annotations

from typing import Any

STATEMENT: tuple[tuple[Any, ...], ...] = (
    ("referral_rewards", "Referral rewards", "裂变奖励", "yuan", "", "paid to inviters, invited friends and givers",
     "statement"),
    ("distribution_commissions", "Distribution commissions", "分销佣金", "yuan", "",
     "paid to distributors and to who recruited them, lag_days after an order settles", "statement"),
)  # fmt: skip
SOCIAL: tuple[tuple[Any, ...], ...] = (
    ("invitations", "Invitations sent", "邀请数", "times", "up",
     "friends invited for a reward or asked to help with a bargain", "social"),
    ("referred_buyers", "Referred buyers", "裂变新客", "people", "up",
     "first paid orders whose last touch was an invitation, a bargain or a gift; over new buyers it is the share "
     "referred", "social"),
    ("distributors", "Distributors", "分销员", "people", "", "people who sell for the owner on the last day", "social"),
    ("distributor_gini", "Income concentration", "分销收入基尼系数", "score", "down",
     "Gini coefficient of the commissions paid to distributors so far, those who earned nothing included", "social",
     "distributors"),
    ("distribution_levels", "Levels of recruiting", "分销层级", "times", "",
     "people from the first recruiter to the last recruited, the longest chain; two levels are paid, whatever it is",
     "social"),
    ("distribution_flagged", "Trees to be looked into", "合规预警", "times", "down",
     "trees of distributors of three levels or more with 30 people or more", "social"),
)  # fmt: skip
