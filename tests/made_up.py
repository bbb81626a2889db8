"""A comparison and a run as the experiments would make them, from made-up numbers of a plausible size."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from sim.metrics import METRICS

CHANNELS = ("ads", "kol", "koc", "friend", "search", "invite", "community")
LEVEL = {
    "profit": 210_000.0,
    "gmv": 1_900_000.0,
    "net_sales": 1_690_000.0,
    "marketing_spend": 480_000.0,
    "contribution_margin": 230_000.0,
    "roi": 0.44,
    "roas": 3.9,
    "cac": 61.0,
    "payback_day": 97.0,
    "cash_low": -310_000.0,
    "cash_low_day": 41.0,
    "gmv_shipped": 1_880_000.0,
    "gmv_settled": 1_600_000.0,
    "profit_after_tax": 178_500.0,
    "roas_settled": 3.3,
    "ltv": 104.0,
    "ltv_buyers": 5_200.0,
    "ltv_to_cac": 1.7,
    "break_even_price": 165.0,
    "break_even_orders": 6_400.0,
    "stock_left": 700.0,
    "stock_at_risk": 40_000.0,
    "discounts": 220_000.0,
    "refunds": 210_000.0,
    "refunds_expected": 10_000.0,
    "goods_cost": 700_000.0,
    "platform_fees": 90_000.0,
    "freight_cost": 180_000.0,
    "order_margin": 710_000.0,
    "ads_spend": 200_000.0,
    "slot_fees": 120_000.0,
    "commissions": 60_000.0,
    "samples_cost": 70_000.0,
    "share_rewards": 0.0,
    "community_cost": 30_000.0,
    "live_cost": 0.0,
    "write_off": 20_000.0,
    "carried_over": 0.0,
    "tax": 31_500.0,
    "impressions": 9_400_000.0,
    "clicks": 310_000.0,
    "ctr": 0.033,
    "reach": 88_000.0,
    "aware": 41_000.0,
    "orders": 9_600.0,
    "click_to_order": 0.027,
    "aov": 187.0,
    "new_buyers": 7_800.0,
    "repurchase_30d": 0.11,
    "repurchase_90d": 0.27,
    "return_rate": 0.121,
    "satisfaction": -0.18,
    "rating": 4.21,
    "trust": 0.63,
    "shares": 1_900.0,
    "reproduction": 0.14,
    "singleton_share": 0.86,
    "deep_share": 0.021,
    "groups_opened": 400.0,
    "group_completion": 0.64,
    "cpm": 58.0,
    "fatigue": 0.31,
    "consumer_surplus": 2_100_000.0,
    "experienced_surplus": 1_950_000.0,
    "member_fees": 0.0,
    "referral_rewards": 0.0,
    "distribution_commissions": 0.0,
    "operations": 0.0,
    "subsidies": 0.0,
    "integrity_costs": 0.0,
    "points_cost": 0.0,
    "own_posts_cost": 0.0,
    "donations": 0.0,
    **dict.fromkeys(("own_posts", "ai_posts_share", "store_visits", "voucher_redemption", "set_share", "trials",
                     "trial_conversion", "green_share"), 0.0),
    "stockout_share": 0.0,
    "turns": 0.0,
    "late_share": 0.0,
    "left_line": 0.0,
    "member_count": 0.0,
    "member_gmv_share": 0.0,
    "member_gap": 0.0,
    "member_orders_gap": 0.0,
    "community_count": 0.0,
    "community_gmv_share": 0.0,
    "community_gap": 0.0,
    "community_orders_gap": 0.0,
    "leads": 0.0,
    "coupons_sent": 0.0,
    "coupons_used": 0.0,
    "coupon_redemption": 0.0,
    "reactivation": 0.0,
    "points_owed": 0.0,
    "invitations": 0.0,
    "referred_buyers": 0.0,
    "referred_orders_gap": 0.0,
    "distributors": 0.0,
    "distributor_gini": 0.0,
    "distribution_levels": 0.0,
    "distribution_flagged": 0.0,
}


def comparison(
    strategies: tuple[str, ...] = ("kol_blast", "koc_first", "balanced mix"),
    days: int = 180,
    replications: int = 20,
    effect: float = 0.12,
    spread: float = 0.05,
    full: bool = False,
    **scenario: Any,
) -> Any:
    """A comparison as the experiments would make it, from made-up numbers of a plausible size."""
    rng = np.random.default_rng(4)
    table, differences, chances, daily, channels, cascades = [], [], [], [], [], []
    luck = {name: np.random.default_rng([4, *name.encode()]).random(2) for name in LEVEL}  # a new one moves no other
    for i, strategy in enumerate(strategies):
        for name, level in LEVEL.items():
            better = -1 if METRICS[name].better == "down" else 1
            gain = effect * i * better * (0.6 + 0.8 * luck[name][0])
            half = abs(level) * spread
            mean = level + abs(level) * gain
            table.append((strategy, name, mean, mean - half, mean + half, replications))
            if i:
                gap, width = abs(level) * gain, half * 0.5 or 1.0
                p = float(np.clip(0.5 + 0.5 * np.sign(gap * better) * min(abs(gap) / width / 1.3, 1), 0, 1))
                differences.append(
                    (strategy, name, gap, gap - width, gap + width, p, replications, 3.0 + 2 * luck[name][1])
                )
            sure = effect * 0.6 > spread
            chances.append(
                (name, strategy, (1.0 if i == len(strategies) - 1 else 0.0) if sure else 1 / len(strategies))
            )
        t = np.arange(days)
        rise = (
            (1 + effect * i) * 14_000 / (1 + np.exp(-(t - 60 + 10 * i) / 14)) * (1 + 0.25 * np.sin(2 * np.pi * t / 7))
        )
        curves = {
            "gmv": rise,
            "orders": rise / 187,
            "impressions": rise * 5,
            "clicks": rise / 6,
            "new_buyers": rise / 240,
            "cumulative_profit": np.cumsum(rise * 0.32 - 2_700),
            "cash": 300_000 + np.cumsum(rise * 0.32 - 2_700),
            "aware": 41_000 * (1 - np.exp(-t / 50)),
            "trust": 0.6 + 0.05 * i * t / days,
            "fatigue": 0.3 * (1 - np.exp(-t / 20)),
            "shares": rise / 900,
            "returns": rise / 1500,
        }
        for name, mean in curves.items():
            half = np.abs(mean) * 0.06 * (1 + 0.2 * rng.standard_normal(days)) + 1e-3
            daily.append(
                pd.DataFrame(
                    {
                        "strategy": strategy,
                        "day": t,
                        "metric": name,
                        "mean": mean,
                        "low": mean - half,
                        "high": mean + half,
                    }
                )
            )
        for k, channel in enumerate(CHANNELS):
            first, last = 300_000 / (k + 1) * (1 + 0.3 * i), 260_000 / (len(CHANNELS) - k)
            spend = (200_000 / (k + 1)) if channel in ("ads", "kol", "koc", "community") else 0.0
            channels.append(
                (
                    strategy,
                    channel,
                    3e6 / (k + 1),
                    9e4 / (k + 1),
                    last / 187,
                    first / 187,
                    last,
                    first,
                    spend,
                    *(each / spend if spend else np.nan for each in (first, last)),
                    *(each * 0.5 / spend - 1 if spend else np.nan for each in (first, last)),
                )
            )
        for size in range(1, 40 + 30 * i):
            count = 1600 * size ** (-2.6 + 0.2 * i)
            depth = 0 if size == 1 else min(1 + int(np.log2(size)), 7)
            cascades.append((strategy, size, depth, np.nan if size < 2 else 1 + np.log(size), count * replications))
    base = {
        "name": "KOC first or KOL blast?",
        "question": "Should Lumi seed with many small voices or buy a few big ones?",
        "description": "A new serum at ¥199.",
        "outcomes": ["profit", "gmv", "new_buyers", "repurchase_90d", "return_rate", "trust"],
        "uncertainties": {"mechanisms.sharing.reach_per_share": [0.05, 0.35]},
        "focal": "Lumi",
        "market": SimpleNamespace(consumers=100_000, days=days, currency="CNY"),
        "mechanisms": None,
        "yaml": lambda: "name: KOC first or KOL blast?\nmarket: {consumers: 100000}\n",
    }
    long = ["strategy", "metric", "mean", "low", "high"]
    return SimpleNamespace(
        scenario=SimpleNamespace(**{**base, **scenario}),
        strategies=list(strategies),
        baseline=strategies[0],
        replications=replications,
        run_id="a1b2c3d4e5f6",
        table=pd.DataFrame(table, columns=[*long, "n"]),
        differences=pd.DataFrame(differences, columns=[*long, "p_better", "n", "pairing"]),
        p_best=pd.DataFrame(chances, columns=["metric", "strategy", "p"]),
        daily=pd.concat(daily, ignore_index=True),
        channels=pd.DataFrame(
            channels,
            columns=[
                "strategy",
                "channel",
                "impressions",
                "clicks",
                "orders_last_touch",
                "orders_first_touch",
                "gmv_last_touch",
                "gmv_first_touch",
                "spend",
                *(f"{of}_{touch}_touch" for of in ("roas", "roi") for touch in ("first", "last")),
            ],
        ).assign(contribution_last_touch=1e4, contribution_first_touch=-2e4),
        cohorts=_cohorts(strategies),
        tables=glimpses(strategies, replications) if full else {},
        cascades=pd.DataFrame(cascades, columns=["strategy", "size", "depth", "virality", "count"]),
        pairing=pd.DataFrame(),
        manifest={
            "seed": 0,
            "versions": {"python": "3.11.7", "numpy": "2.4.6"},
            "machine": "x86_64, 2 cores",
            "timings": {"total_s": 41.2},
        },
        assumptions=[
            {
                "path": "mechanisms.sharing.reach_per_share",
                "value": 0.15,
                "unit": "-",
                "range": [0.05, 0.35],
                "meaning": "re-sharing children of one sharer",
                "standing": "A",
            }
        ],
    )


def glimpses(strategies: tuple[str, ...], replications: int) -> dict[str, pd.DataFrame]:
    """Made-up glimpses: trees, a small network, groups, payments, segments, and what was tried on request."""
    rng = np.random.default_rng(7)
    trees, people, ties, fills, flows, segments = [], [], [], [], [], []
    for i, s in enumerate(strategies):
        parents = {"largest": [-1, 0, 0, 0, 1, 1, 4, 4], "typical": [-1, 0]}
        for name, parent in parents.items():
            depth = [0] * len(parent)
            for node, up in enumerate(parent):
                depth[node] = depth[up] + 1 if up >= 0 else 0
                trees.append((s, name, node, up, depth[node], node, len(parent) * 40, int(node % 3 > 0)))
        for k in range(60):
            people.append((s, k, k // 20, "young", 4, ("kol", "koc", "", "ads")[(k + i) % 4], True, k if k % 5 else -1))
        ties += [(s, a, b) for a in range(60) for b in range(a + 1, 60) if a // 20 == b // 20 and rng.random() < 0.2]
        ties += [(s, 0, 20), (s, 1, 41)]
        for r in range(min(replications, 3)):
            for hour in range(25):
                for size in (2, 5):
                    seats = 1 / size + (1 - 1 / size) * (1 - np.exp(-hour / (6 + size))) * (0.9 - 0.02 * r)
                    fills.append((s, r, size, float(hour), seats, seats**size, 100 * size, 0.0))
            for name, people_of in (("young", 4e4), ("<b>old</b>", 6e4)):
                segments.append((s, r, name, people_of, people_of, people_of, 900.0 + r, 1e3, 2e5, 9e4, np.nan, 0.6))
        for payer, payee, reason, yuan in (
            ("consumers", "escrow", "sale", 2e6), ("escrow", "brand", "settlement", 1.8e6),
            ("escrow", "consumers", "refund", 2e5), ("brand", "supplier", "goods", 7e5),
            ("brand", "platforms", "ads", 3e5), ("brand", "creators", "slot_fee", 1e3),
            ("owners", "brand", "capital", 9e9),
        ):  # fmt: skip
            flows.append((s, payer, payee, reason, yuan * replications))
    tried = {"reach_per_share": (-4e4, 9e4), "bad_rate": (5e4, 5.2e4), "incentive": (1e4, 6e4)}
    ends = [("", "", np.nan, 5e4, 3e4, 7e4)]
    for name, means in tried.items():
        for end, value, mean in zip(("low", "high"), (0.05, 0.35), means, strict=True):
            ends.append((f"mechanisms.sharing.{name}", end, value, mean, mean - 2e4, mean + 2e4))
    parts = [
        (c, 5e4 / (k + 1), 4e4 / (k + 1), 6e4 / (k + 1), 3e4 / (k + 1)) for k, c in enumerate(("ads", "kol", "koc"))
    ]
    parts += [("rest", 1e4, 9e3, 1.1e4, np.nan), ("total", 1e5, 9e4, 1.1e5, np.nan)]
    attribution = pd.DataFrame(parts, columns=["channel", "mean", "low", "high", "alone"])
    attribution = attribution.assign(strategy=strategies[-1], metric="profit", order_error=0.0,
                                     alone_low=attribution["alone"] - 1e4, alone_high=attribution["alone"] + 1e4,
                                     moved=np.nan, moved_low=np.nan, moved_high=np.nan)  # fmt: skip

    def switched(by: str, *names: str) -> pd.DataFrame:
        rows = [(name, 4e4 / (k + 1), 3e4 / (k + 1), 5e4 / (k + 1), 2e4, 1e4, 3e4) for k, name in enumerate(names)]
        rows += [("rest", 1e4, 9e3, 1.1e4, *[np.nan] * 3), ("total", 1e5, 9e4, 1.1e5, *[np.nan] * 3)]
        columns = [by, "mean", "low", "high", "alone", "alone_low", "alone_high"]
        return pd.DataFrame(rows, columns=columns).assign(strategy=strategies[-1], metric="profit", order_error=0.0)

    creators = switched("creator", "micro", "star")
    for column, value in (("gmv_alone", 6e4), ("gmv_alone_low", 5e4), ("gmv_alone_high", 7e4), ("spend", 3e4),
                          ("gmv_last_touch", 9e4), ("gmv_first_touch", 8e4)):  # fmt: skip
        creators[column] = np.where(creators["creator"].isin(["rest", "total"]), np.nan, value)
    kinds = (("all", ""), ("<b>old</b>", "most friends"), ("young", "few friends"))
    two = strategies[-1], strategies[0]
    persons = [(*two, 0, k, "young", 9, 3, 20, 5, 30 - k, 4e3 - k, 1e3, 3e3 - k) for k in range(12)]
    spoken = [(*two, *kind, 1000, *(x / (k + 1) for x in (9e4, 8e4, 1e5, 1))) for k, kind in enumerate(kinds)]

    def made(rows: list[Any], *columns: str) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["strategy", *columns])

    return {
        "trees": made(trees, "tree", "node", "parent", "depth", "day", "size", "good"),
        "piece": made(people, "person", "community", "segment", "friends", "first_touch", "aware", "bought"),
        "ties": made(ties, "a", "b"),
        "fills": made(fills, "replication", "size", "hour", "seats", "complete", "groups", "filled_up"),
        "flows": made(flows, "payer", "payee", "reason", "yuan"),
        "segments": made(segments, "replication", "segment", "people", "reach", "aware", "new_buyers", "orders", "gmv",
                         "order_margin", "repurchase_90d", "trust"),
        "attribution": attribution,
        "attribution_creator": creators,
        "attribution_segment": switched("segment", "young", "<b>old</b>"),
        "attribution_event": switched("event", "11.11"),
        "people": made(persons, "against", "replication", "person", "segment", "friends", "cascades", "reached",
                       "direct", "downstream", "gmv", "gmv_other", "difference"),
        "people_kinds": made(spoken, "against", "segment", "friends", "people", "difference", "low", "high", "share"),
        "doubts": pd.DataFrame(ends, columns=["path", "end", "value", "mean", "low", "high"]).assign(
            strategy=strategies[-1], baseline=strategies[0], metric="profit", n=8),
    }  # fmt: skip


def _cohorts(strategies: tuple[str, ...]) -> pd.DataFrame:
    """Three months of buyers followed to the horizon; the last cell of each month of first order is not seen whole."""
    made = [
        (s, c, k, k < 2 - c, 1000.0 - 100 * c, (1000.0 - 100 * c) * (0.25**k), 1200.0 / (k + 1), 30_000.0 / (k + 1))
        for s in strategies for c in range(3) for k in range(3 - c)
    ]  # fmt: skip
    columns = ["strategy", "cohort", "month", "observed", "buyers", "active", "orders", "contribution"]
    return pd.DataFrame(made, columns=columns)


def run_result(days: int = 90) -> Any:
    """A single run as :func:`sim.run` returns it."""
    made = comparison(days=days)
    first = made.strategies[0]
    daily = made.daily[made.daily["strategy"] == first].pivot(index="day", columns="metric", values="mean")
    trees = pd.DataFrame(
        {"size": [1, 1, 1, 2, 5], "depth": [0, 0, 0, 1, 2], "virality": [np.nan, np.nan, np.nan, 1.0, 1.8]}
    )
    return SimpleNamespace(
        scenario=made.scenario,
        strategy=first,
        daily=daily.drop(columns="cash"),
        summary=pd.Series(LEVEL),
        cascades=trees,
        channels=made.channels[made.channels["strategy"] == first].drop(columns="strategy"),
        cash=pd.DataFrame({"Lumi": daily["cash"], "Rival": daily["cash"] * 2}),
        **{name: glimpses((first,), 1)[name] for name in ("trees", "piece", "ties", "fills", "flows", "segments")},
    )
