"""The page and the figures on a made-up comparison: what they must say, and what they must never do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.metrics import METRICS
from sim.report import answer, doubts, parties, plot_comparison, plot_run, render_report, save_all, style, write_report
from sim.report.accounts import cohort_tables, statement
from sim.report.figures import COMPARISON_KINDS, RUN_KINDS, page_figures
from sim.report.numbers import Numbers
from sim.report.tables import channel_tables

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
    for i, strategy in enumerate(strategies):
        for name, level in LEVEL.items():
            better = -1 if METRICS[name].better == "down" else 1
            gain = effect * i * better * (0.6 + 0.8 * rng.random())
            half = abs(level) * spread
            mean = level + abs(level) * gain
            table.append((strategy, name, mean, mean - half, mean + half, replications))
            if i:
                gap, width = abs(level) * gain, half * 0.5 or 1.0
                p = float(np.clip(0.5 + 0.5 * np.sign(gap * better) * min(abs(gap) / width / 1.3, 1), 0, 1))
                differences.append(
                    (strategy, name, gap, gap - width, gap + width, p, replications, 3.0 + 2 * rng.random())
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

    def made(rows: list[Any], *columns: str) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=["strategy", *columns])

    return {
        "trees": made(trees, "tree", "node", "parent", "depth", "day", "size", "good"),
        "people": made(people, "person", "community", "segment", "friends", "first_touch", "aware", "bought"),
        "ties": made(ties, "a", "b"),
        "fills": made(fills, "replication", "size", "hour", "seats", "complete", "groups", "filled_up"),
        "flows": made(flows, "payer", "payee", "reason", "yuan"),
        "segments": made(segments, "replication", "segment", "people", "reach", "aware", "new_buyers", "orders", "gmv",
                         "order_margin", "repurchase_90d", "trust"),
        "attribution": attribution,
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
    )


class _Balance(HTMLParser):
    """Checks that tags close in order and that ids are used once."""

    VOID = frozenset({"meta", "link", "br", "img", "path", "use", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(comparison(days=60, full=True))


def test_page_is_one_offline_file_under_three_megabytes(page: str) -> None:
    assert len(page.encode()) < 3_000_000
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert not re.search(r"url\((?!#)", page)


def test_page_is_well_formed_and_ids_are_unique(page: str) -> None:
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert {"h1", "svg", "table", "details", "figure"} <= parser.tags
    assert '<html lang="en">' in page


def test_page_says_what_it_must(page: str) -> None:
    for text in (
        "Should Lumi seed",
        "“balanced mix” wins on profit",
        "95% interval of the paired difference",
        "Payback day",
        "From seeing to buying again",
        "Cost to win a buyer",
        "first touch",
        "Neither says what would be lost",
        "mechanisms.sharing.reach_per_share",
        "a1b2c3d4e5f6",
        "numpy",
        "consumers: 100000",
        "¥",
    ):
        assert text in page, text


def test_user_text_is_escaped_everywhere() -> None:
    evil = '<img src=x onerror=alert(1)> & "quoted" $x$'
    made = comparison(
        strategies=(evil, "_hidden", "中文策略"),
        days=20,
        name=evil,
        question=evil,
        description=evil,
        yaml=lambda: f"name: {evil}",
        uncertainties={evil: [0, 1]},
    )
    made.manifest["machine"] = evil
    html = render_report(made)
    assert "<img" not in html
    assert "&lt;img" in html
    parser = _Balance()
    parser.feed(html)
    assert parser.open == []
    assert "img" not in parser.tags


def test_answer_decided_reports_difference_interval_and_probability() -> None:
    found = answer(comparison())
    assert found.decided
    assert found.leader == "balanced mix"
    assert found.rival == "kol_blast"
    assert found.low > 0
    assert "> 99%" in found.sentence
    assert "higher" in found.sentence


def test_answer_is_not_decided_when_the_interval_holds_zero() -> None:
    found = answer(comparison(effect=0.005))
    assert not found.decided
    assert found.sentence.startswith("Not decided")


def test_answer_is_not_decided_between_two_that_both_beat_the_baseline() -> None:
    made = comparison()
    made.p_best.loc[made.p_best["strategy"] == "koc_first", "p"] = 0.4
    made.p_best.loc[made.p_best["strategy"] == "balanced mix", "p"] = 0.6
    found = answer(made)
    assert not found.decided
    assert found.beats_rival
    assert "koc_first" in found.sentence


def test_a_payback_that_some_replications_never_reach_is_not_decided() -> None:
    made = comparison(outcomes=["payback_day"])
    at = (made.table["metric"] == "payback_day") & (made.table["strategy"] == "koc_first")
    made.table.loc[at, "n"] = 3
    found = answer(made)
    assert not found.decided
    assert "“koc_first” in 3 of 20" in found.sentence
    assert "in 3 of 20 replications" in render_report(made)


def test_identical_strategies_are_said_to_be_identical() -> None:
    made = comparison()
    made.differences[["mean", "low", "high"]] = 0.0
    made.differences["pairing"] = np.inf
    found = answer(made)
    assert not found.decided
    assert "do not differ" in found.sentence
    html = render_report(made)
    assert "no noise" in html
    assert ">inf<" not in html


def test_answer_turns_round_when_the_baseline_leads_and_when_less_is_better() -> None:
    made = comparison(effect=-0.2)
    made.p_best["p"] = (made.p_best["strategy"] == "kol_blast").astype(float)
    found = answer(made)
    assert found.leader == "kol_blast"
    assert found.decided
    assert found.difference > 0
    fewer = answer(comparison(), "return_rate")
    assert fewer.leader == "balanced mix"
    assert fewer.difference < 0
    assert fewer.decided
    assert "lower" in fewer.sentence


def test_chinese_page_has_chinese_words_and_the_same_numbers() -> None:
    made = comparison(days=30)
    html = render_report(made, "zh")
    assert 'lang="zh-CN"' in html
    assert "结论" in html
    assert "利润" in html
    assert "万" in html
    with pytest.raises(ValueError, match="'fr'"):
        render_report(made, "fr")


def test_the_statement_can_be_added_up_on_the_page() -> None:
    """Signed lines between two totals sum to the second; what is zero everywhere is left out."""
    made = comparison()
    base = made.table["strategy"] == "kol_blast"
    for name, value in LEVEL.items():  # the baseline's lines as in LEVEL, which is a consistent statement
        made.table.loc[base & (made.table["metric"] == name), "mean"] = value
    made.table.loc[base & (made.table["metric"] == "order_margin"), "mean"] = 710_000
    lines = statement(made, "en")
    assert "Rewards for shares" not in [line["label"] for line in lines], "nobody was paid for sharing"

    def number(text: str) -> int:
        return int(text.replace("\u2212", "-").replace("¥", "").replace(",", ""))

    running = 0
    for line in lines:
        cell = number(line["cells"][0]["mean"])
        if line["total"] and line["label"] != "GMV, paid":
            assert cell == running, line["label"]
        else:
            running += cell
    assert "Discounts given ¥220,000" in lines[0]["cells"][0]["note"]


def test_cohorts_leave_blank_what_was_not_seen_whole() -> None:
    made = comparison(strategies=("a", "b"), days=9)
    made.cohorts.loc[made.cohorts["strategy"] == "b", "active"] *= 0.5
    tables = cohort_tables(made, "en")
    assert [t["strategy"] for t in tables] == ["a", "b"]
    first, second = tables[0]["rows"]
    assert [c["mean"] for c in first["cells"]] == ["100%", "25.0%"]
    assert [c["mean"] for c in second["cells"]] == ["100%", ""], "seen, but not to the end by all"
    assert first["cells"][1]["heat"] == 2 * tables[1]["rows"][0]["cells"][1]["heat"], "one scale for all strategies"
    assert first["cells"][0]["note"] == "¥30.0"
    made.cohorts["observed"] = False
    assert cohort_tables(made, "en") == []


def test_a_break_even_that_does_not_exist_is_said() -> None:
    made = comparison()
    at = made.table["metric"].isin(["break_even_price", "break_even_orders", "ltv"])
    at &= made.table["strategy"] == "koc_first"
    made.table.loc[at, ["mean", "low", "high"]] = np.nan
    made.table.loc[at, "n"] = 0
    made.scenario.market.ltv_days = 90
    html = render_report(made)
    assert "none: an order leaves nothing" in html
    assert "no buyer seen for 90 days" in html
    assert "不存在：每单不剩余" in render_report(made, "zh")
    assert not answer(made, "break_even_price").decided


def test_channel_tables_end_with_their_sum() -> None:
    made = comparison()
    for table in channel_tables(made, "en"):
        own = made.channels[made.channels["strategy"] == table["strategy"]]
        total = {c["head"]: c["text"] for c in table["rows"][-1]["cells"]}
        assert table["rows"][-1]["total"]
        assert total["Orders"] == Numbers("en").count(own["orders_last_touch"].sum())
        assert total["ROAS"] == Numbers("en").value(own["gmv_last_touch"].sum() / own["spend"].sum(), "yuan/yuan")


def test_thin_input_still_gives_a_page() -> None:
    made = comparison(strategies=("only",), days=1, replications=1)
    made.daily, made.channels, made.cascades = made.daily.iloc[:0], made.channels.iloc[:0], made.cascades.iloc[:0]
    made.table[["low", "high"]] = np.nan
    made.table.loc[made.table["metric"] == "payback_day", "mean"] = np.nan
    made.manifest, made.assumptions = {}, None
    html = render_report(made)
    assert "not decided" in html
    assert "nan" not in html.lower().replace("finance", "")


@pytest.mark.parametrize("kind", [kind for kind in COMPARISON_KINDS if kind != "waterfall"])
def test_comparison_figures_have_labels_and_no_overlapping_ticks(kind: str) -> None:
    _check(plot_comparison(comparison(days=40, full=True), kind))


@pytest.mark.parametrize("kind", RUN_KINDS)
def test_run_figures(kind: str) -> None:
    _check(plot_run(run_result(), kind))


def test_unknown_kinds_name_the_known_ones() -> None:
    with pytest.raises(ValueError, match="funnel"):
        plot_run(run_result(), "pie")
    with pytest.raises(ValueError, match="differences"):
        plot_comparison(comparison(days=3), "pie")


def _check(figure: Any) -> None:
    """Axes hold something, are labelled, and neighbouring tick labels do not touch."""
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.lines or axes.patches or axes.collections
        assert axes.get_xlabel()
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            seen = [t.label1 for t in axis.get_major_ticks() if t.label1.get_text() and low <= t.get_loc() <= high]
            boxes = [text.get_window_extent() for text in seen]
            assert all(not a.overlaps(b) for a, b in pairwise(boxes))


def test_figures_of_nothing_say_so_and_stay_figures() -> None:
    made = comparison(strategies=("a", "b"), days=3)
    made.cascades = made.cascades.iloc[:0]
    for kind in ("trees", "network", "fills", "flows", "tornado", "three_ways", "attribution", "cascades"):
        figure = plot_comparison(made, kind)
        figure.canvas.draw()
        assert any(text.get_text() for axes in figure.axes for text in axes.texts), kind


def test_names_of_segments_are_escaped(page: str) -> None:
    assert "&lt;b&gt;old&lt;/b&gt;" in page
    assert "<b>old" not in page


def test_payments_leave_capital_out_and_bands_are_as_thick_as_the_money() -> None:
    made = comparison(strategies=("a", "b"), days=3, replications=5, full=True)
    paid = parties.payments(made, "a")
    assert paid["yuan"].iloc[0] == 2e6
    assert "capital" not in set(paid["reason"])
    bands = [p for p in plot_comparison(made, "flows", strategy="a").axes[0].patches if len(p.get_path()) == 9]
    thick = sorted(float(np.ptp(b.get_path().vertices[[0, 7], 1])) for b in bands)
    assert thick[-1] / thick[-2] == pytest.approx(2e6 / 1.8e6)


def test_what_would_change_the_answer_is_said(page: str) -> None:
    assert "What would change the answer" in page
    assert "The order turns round with mechanisms.sharing.reach_per_share = 0.05." in page
    assert "It is no longer decided with mechanisms.sharing.incentive = 0.05." in page
    made = comparison(days=5)
    assert any("--doubt" in text for text in doubts.content(made, answer(made), "en")["told"])


def test_headings_do_not_skip_a_level_and_every_figure_has_its_words(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    figures = re.findall(r'<figure id="[^"]+">(.{0,400})', page, flags=re.S)
    assert len(figures) > 20
    assert all(re.search(r'<svg [^>]*aria-label="[^"]{4,}"', one) for one in figures)


def test_languages_are_declared_and_the_chinese_page_speaks_chinese_throughout() -> None:
    page = render_report(comparison(strategies=("a", "b"), days=3, full=True), lang="zh")
    assert '<html lang="zh-CN">' in page
    heads = re.findall(r"<h2>([^<]+)</h2>", page)
    assert all(re.search("[\u4e00-\u9fff]", head) for head in heads), heads


def test_without_a_han_font_files_are_english_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert style.han_note("en") is None
    monkeypatch.setattr(style, "han_font", lambda: None)
    assert "Noto Sans CJK" in str(style.han_note("zh"))
    page = render_report(comparison(strategies=("甲", "乙"), days=3), lang="zh")
    assert "<text" in page, "letters stay text, so that the reader's own fonts show them"


def test_save_all_writes_png_and_svg(tmp_path: Any) -> None:
    made = comparison(strategies=("a", "b"), days=12, outcomes=["profit@Lumi"])
    files = save_all(made, tmp_path / "figures")
    assert len(files) == 2 * len(list(page_figures(made)))
    assert all(file.stat().st_size > 1000 for file in files)
    assert {file.suffix for file in files} == {".png", ".svg"}
    assert (
        write_report(made, tmp_path / "deep" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    )


def test_same_input_same_page() -> None:
    assert render_report(comparison(days=9)) == render_report(comparison(days=9))


def test_numbers_keep_no_more_digits_than_the_uncertainty_allows() -> None:
    n = Numbers("en")
    assert n.value(1_234_567, "yuan", spread=23_456) == "¥1.235M"
    assert n.interval(1_211_111, 1_258_023, "yuan") == "¥1.211M to ¥1.258M"
    assert n.value(45_678.9, "yuan", spread=1_234) == "¥45,700"
    assert n.value(0.1234, "share", spread=0.012) == "12.3%"
    assert n.value(-0.0123, "share", sign=True, spread=0.003) == "\u22121.23 pp"
    assert n.value(float("nan"), "yuan") == "–"
    assert n.value(7_800, "people") == "7,800"
    assert Numbers("zh").value(1_234_567, "yuan", spread=23_456) == "¥123.5万"
    assert n.probability(1.0) == "> 99%"


def test_every_summary_metric_is_declared() -> None:
    assert set(LEVEL) == set(METRICS)
    assert all(m.label and m.label_zh and m.formula and m.better in ("up", "down", "") for m in METRICS.values())
