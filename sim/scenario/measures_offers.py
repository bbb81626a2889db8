"""What a run reports of own posts, sets, paid content, vouchers, donations and green goods: fields of each metric."""

from __future__ import annotations

from typing import Any

STATEMENT: tuple[tuple[Any, ...], ...] = (
    ("own_posts_cost", "Own posts", "自营内容成本", "yuan", "", "cost of the posts of one's own account", "statement"),
    ("donations", "Donations", "公益捐赠", "yuan", "",
     "given on the orders paid + cost of the reports on it; a return takes nothing back", "statement"),
)  # fmt: skip
OFFERS: tuple[tuple[Any, ...], ...] = (
    ("own_posts", "Own posts", "自营内容数", "times", "", "posts of one's own account"),
    ("ai_posts_share", "Own posts by AI", "AI内容占比", "share", "", "own posts made by AI / own posts"),
    ("store_visits", "Visits", "到店核销", "times", "up", "vouchers redeemed by a visit to the store"),
    ("voucher_redemption", "Vouchers redeemed", "券核销率（到店）", "share", "up",
     "vouchers redeemed / vouchers redeemed or run out", "funnel", "",
     "vouchers still good at the horizon are left out"),
    ("set_share", "Sets", "组合套餐占比", "share", "", "GMV of sets / GMV"),
    ("trials", "Trials read", "试读人数", "people", "up", "people who read the free part of paid content"),
    ("trial_conversion", "Trial to payment", "试读付费率", "share", "up",
     "first payments for content, or for sets with it, by people who had read its free part / trials read"),
    ("green_share", "Green share", "绿色消费占比", "share", "", "GMV of products with a green claim / GMV"),
)  # fmt: skip
