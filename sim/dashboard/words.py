"""What the page says, in English and Chinese."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from sim.scenario.measures import METRICS

_WORDS: dict[str, tuple[str, str]] = {
    "play": ("▶ Play", "▶ 播放"),
    "pause": ("❚❚ Pause", "❚❚ 暂停"),
    "step": ("+1 day", "+1 天"),
    "week": ("+7 days", "+7 天"),
    "reset": ("↺ Reset", "↺ 重置"),
    "clear": ("Undo all", "全部撤销"),
    "glossary": ("Glossary", "术语表"),
    "speed": ("Days a second", "每秒天数"),
    "fastest": ("as fast as it goes", "最快"),
    "seed": ("Seed", "随机种子"),
    "consumers": ("Consumers", "消费者数"),
    "days": ("Days", "天数"),
    "again": ("Set up anew", "重新搭建"),
    "set_up": ("Another seed or size", "换种子或规模"),
    "side": ("{0} plays", "{0} 的策略"),
    "steer": ("Steer", "调节"),
    "as_is": ("as it stands", "现状"),
    "day_of": ("Day {0} of {1}", "第 {0} 天，共 {1} 天"),
    "cost": ("{0:.0f} ms of processor a day", "每天耗时 {0:.0f} 毫秒"),
    "building": ("Building the market. The first time, code is compiled: a minute or so.",
                 "正在搭建市场；首次运行需编译代码，约一分钟。"),
    "over": ("The last day is lived.", "已到最后一天。"),
    "hint": ("Press Play, or move a lever first.", "请按播放，或先调一个杠杆。"),
    "same_seed": ("Two strategies, the same people and luck (seed {0})", "两种策略，同样的人群与运气（种子 {0}）"),
    "gmv": ("GMV a day, 7-day mean", "日成交额，7日均值"),
    "profit": ("Profit so far", "累计利润"),
    "day": ("Day", "天"),
    "funnel": ("From seeing to buying again", "从曝光到复购"),
    "stage_reach": ("Reached", "触达"),
    "stage_aware": ("Know it", "知晓"),
    "stage_new_buyers": ("Bought", "购买"),
    "stage_again": ("Bought again", "复购"),
    "numbers": ("Numbers so far", "目前数字"),
    "measure": ("Measure", "指标"),
    "difference": ("B − A", "B − A"),
    "graph": ("{0} neighbours of {1:,} people", "{1:,} 人中的 {0} 位邻居"),
    "graph_note": ("Circles of friends, the same in both. Grey lines: close friends; orange lines: who was last told "
                   "by whom. It is no sample of the whole.",
                   "两侧为同一批朋友圈；灰线为密友关系，橙线为最近一次由谁告知。它不代表全体。"),
    "unaware": ("has not heard of it", "未听说"),
    "aware": ("knows it", "已知晓"),
    "seeded": ("seeded: got a sample or wrote a note", "被种草：收到样品或写了笔记"),
    "shared": ("shared it in the last 3 days", "近3天分享过"),
    "bought": ("has bought it", "已购买"),
    "levers": ("Levers of {0}", "{0} 的杠杆"),
    "g_strategy": ("Strategy", "策略"),
    "g_plan": ("Plan", "计划"),
    "g_prices": ("Goods", "商品"),
    "g_unknown": ("Unknowns", "未知参数"),
    "lever_note": ("Before day 0 a move is part of the strategy; later it is an event of that day, for this side only.",
                   "第0天之前的调整属于策略本身；之后则记为当日事件，仅对本侧生效。"),
    "unknown_note": ("What nobody knows for certain; the sliders run over the ranges the scenario gives.",
                     "无人确知的参数；滑块范围取自情景所列区间。"),
    "at_reset": ("fixed when the market is built: in force from the next reset", "市场搭建时即固定：重置后生效"),
    "unit_of": ("Unit: {0}", "单位：{0}"),
    "plausible": ("Plausible: {0} to {1}", "合理范围：{0} 至 {1}"),
    "at_least": ("At least {0}", "不小于 {0}"),
    "at_most": ("At most {0}", "不大于 {0}"),
    "asked_range": ("Uncertain in this scenario: {0} to {1}", "本情景中不确定：{0} 至 {1}"),
    "no_levers": ("This side has none of these.", "本侧没有此类杠杆。"),
    "events": ("Throw an event in", "投入一个事件"),
    "event": ("Event", "事件"),
    "strength": ("Strength", "强度"),
    "lasting": ("Days it lasts (0: its own)", "持续天数（0：默认）"),
    "place": ("Place", "平台"),
    "everywhere": ("everywhere", "所有平台"),
    "throw": ("Throw it in today", "今天投入"),
    "events_note": ("It happens on both sides.", "对两侧同时生效。"),
    "yaml": ("What you changed, as YAML", "你的改动（YAML）"),
    "yaml_none": ("Nothing yet: this is the scenario as it stands.", "尚无改动：与原情景一致。"),
    "download": ("Download the whole scenario", "下载完整情景"),
    "same_numbers": ("The same numbers by the command line:", "用命令行得到同样的数字："),
    "full": ("Too many pages are open; close one and load this again.", "打开的页面过多，请关闭一个后重试。"),
    "too_fast": ("Too much at once: some of it was not done.", "操作过快，部分未执行。"),
}

Words = Callable[..., str]


def words(lang: str = "en") -> Words:
    """A function ``w(key, *positional)`` that gives the phrase of a key. Raises KeyError on an unknown one."""
    at = 1 if lang == "zh" else 0

    def w(key: str, *args: object) -> str:
        phrase = _WORDS[key][at]
        return phrase.format(*args) if args else phrase

    return w


def metric(name: str, lang: str = "en") -> str:
    """The label of a metric in HTML, its formula on the pointer."""
    key, _, owner = name.partition("@")
    known = METRICS.get(key)
    label = key if known is None else known.text(lang)
    shown = escape(label + (f" @{owner}" if owner else ""))
    title = f' title="{escape(known.formula)}"' if known is not None else ""
    return f"<span{title}>{shown}</span>"
