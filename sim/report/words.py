"""The fixed words of pages and figures in English and Chinese. Words of the user are never translated."""

from __future__ import annotations

from collections.abc import Callable

Words = Callable[..., str]

_WORDS: dict[str, tuple[str, str]] = {
    # page
    "answer": ("The answer", "结论"),
    "question": ("The question", "问题"),
    "decided": ("decided", "已分出高下"),
    "undecided": ("not decided", "尚无定论"),
    "strategies": ("Strategies side by side", "策略对比"),
    "strategies_note": (
        "Each cell: the mean over replications, its 95% interval, and the paired difference to the baseline with its "
        "own interval and P(better), the probability that the strategy beats the baseline. A difference whose "
        "interval holds zero is not decided.",
        "每格依次为：各次重复的均值、95%区间、与基线的成对差值，以及优于基线的概率。区间包含零即尚无定论。",
    ),
    "all_metrics": ("All other measures", "其他全部指标"),
    "funnel": ("From seeing to buying again", "从曝光到复购"),
    "days": ("Day by day", "逐日走势"),
    "days_note": (
        "Bands are 95% intervals of the mean over replications. Flows (money, orders, people a day) are 7-day means.",
        "色带为各次重复均值的95%区间；流量类指标（金额、订单、人数）为7日均值。",
    ),
    "more_days": ("More daily curves", "更多逐日曲线"),
    "mood": ("Trust in the brand, and fatigue with messages", "对品牌的信任与对信息的疲劳"),
    "money": ("The brand's money", "品牌的钱"),
    "money_measures": ("What it earned, and when", "赚了多少，何时回本"),
    "more_money": ("More measures of money", "更多资金指标"),
    "statement": ("From GMV to profit", "从成交额到利润"),
    "statement_note": (
        "Means over replications, over the orders paid within the horizon. Orders still open count at their expected "
        "return; discounts are already left out of GMV.",
        "各次重复的均值，统计期内已支付订单；未完结订单按预期退货计，优惠已从成交额中扣除。",
    ),
    "cohorts": ("Who comes back", "谁会再来"),
    "cohorts_note": (
        "Buyers by the month of their first order (30 days each). Month 1 begins with each buyer's own first order. In "
        "each cell: the share of them who ordered in that month, and what their orders left for one of them, before "
        "marketing spend. Months that were not seen to their end by all are blank.",
        "按首购月份（每月30天）分群，第1个月从每位买家自己的首购日算起。每格：当月下单者占比，以及人均订单毛利（未扣营销）。"
        "尚未全部观察完的月份留空。",
    ),
    "crossings": ("From place to place", "跨平台流转"),
    "crossings_note": (
        "Paid orders of products sold in several places: by the place where the buyer first saw the product (rows) and "
        "the place of the order (columns). Mean orders a replication, and their share of the row.",
        "多平台在售商品的已支付订单：按买家首次看到商品的平台（行）与下单平台（列）。每次重复的平均订单数及占该行比例。",
    ),
    "met_at": ("First seen on", "首次看到"),
    "first_order": ("First order", "首购"),
    "won_in": ("days {0} to {1}", "第{0}至{1}天"),
    "n_buyers": ("{0} buyers", "{0}位买家"),
    "month_n": ("Month {0}", "第{0}个月"),
    "channels": ("What each channel contributed", "各渠道贡献"),
    "channels_note": (
        "Credit is by first touch (where a buyer met the product) and by last touch (what she saw just before "
        "ordering). Neither says what would be lost without the channel: a channel may collect orders that others "
        "prepared, or prepare orders that others collect. That needs a run with the channel switched off.",
        "首触归因看买家在哪里认识产品，末触归因看下单前最后看到什么。两者都不是增量：渠道可能只是收割别人种下的草，"
        "也可能为别人种草。要知道增量，须把该渠道关掉再跑一次。",
    ),
    "cascades": ("How it spread", "口碑如何扩散"),
    "cascades_note": (
        "A share and everyone who passed it on form one tree. A tree of one person was passed on by nobody.",
        "一次分享及其所有转发者构成一棵树；只有一人的树没有被转发。",
    ),
    "assumptions": ("Assumptions that matter", "关键假设"),
    "assumptions_note": (
        "{assumed} of the {total} parameters in force are assumptions (standing A), not measurements. If one of "
        "them is wrong in your market, the answer may change.",
        "生效的{total}个参数中有{assumed}个是假设（等级A），并非实测。若与你的市场不符，结论可能改变。",
    ),
    "uncertain": ("The scenario itself calls these uncertain", "情景自身声明的不确定项"),
    "no_uncertain": (
        "The scenario names no uncertain parameter: the intervals here show chance alone, not doubt about "
        "the assumptions.",
        "情景未声明不确定参数：此处区间只反映随机性，不含对假设的怀疑。",
    ),
    "assumed_list": ("The assumed parameters", "假设参数一览"),
    "pairing": ("What pairing saved", "成对比较节省了多少"),
    "pairing_note": (
        "Strategies meet the same people, networks and luck in each replication, so differences are surer than the "
        "strategies' own intervals suggest. Independent runs would need this many replications for intervals as "
        "narrow.",
        "每次重复中各策略面对同样的人、网络与运气，因此差值比各自区间更可靠。若独立运行，要得到同样窄的区间需要下列重复次数。",
    ),
    "provenance": ("Where these numbers come from", "数据来源"),
    "scenario_text": ("The scenario in full (YAML)", "完整情景（YAML）"),
    "glossary": ("The words of the field, with their Chinese names", "术语表（附英文）"),
    "definitions": ("How each measure is defined", "指标定义"),
    "how_to_read": (
        "Numbers are simulated under stated assumptions, for comparing strategies; they are not forecasts of sales.",
        "数字由模拟得出，用于在给定假设下比较策略，不是销量预测。",
    ),
    "subtitle": (
        "{strategies} strategies, {replications} paired replications, {people} consumers, {days} days",
        "{strategies}个策略，{replications}次成对重复，{people}名消费者，{days}天",
    ),
    "as_in_file": ("as in the file", "见文件"),
    "more_needed": (
        "If the means stayed as they are, about {0} replications would decide it.",
        "若均值不变，约需{0}次重复才能分出高下。",
    ),
    "no_noise": ("no number: the paired difference has no noise", "无穷：成对差值没有噪声"),
    "failed": (
        "Runs that failed: {0}. They are left out, with the other strategies' runs of the same replication.",
        "{0}次运行失败，已连同同一重复中其他策略的运行一并剔除。",
    ),
    # table heads
    "measure": ("Measure", "指标"),
    "strategy": ("Strategy", "策略"),
    "channel": ("Channel", "渠道"),
    "baseline": ("baseline", "基线"),
    "definition": ("Definition", "定义"),
    "unit": ("Unit", "单位"),
    "path": ("Parameter", "参数"),
    "value": ("Value", "取值"),
    "range": ("Plausible range", "合理范围"),
    "meaning": ("Meaning", "含义"),
    "now": ("Value now", "当前值"),
    "who": ("Counted: {0}.", "统计对象：{0}。"),
    "window": ("Window: {0}.", "窗口：{0}。"),
    "standing_source": ("Source", "来源"),
    "p_best": ("Probability of being best", "成为最优的概率"),
    "p_better": ("P(better) {0}", "更优概率 {0}"),
    "best_on": ("Best on", "最优指标"),
    "saved": ("saved", "节省"),
    "equivalent": ("Independent replications needed", "独立运行所需次数"),
    "used": ("Used", "实际次数"),
    "no_break_even": ("none: an order leaves nothing", "不存在：每单不剩余"),
    "none_seen": ("no buyer seen for {0} days", "没有买家被观察满{0}天"),
    "over": ("over {0} buyers", "{0}位买家"),
    "never": ("not within {0} days", "{0}天内未回本"),
    "some_reps": ("in {0} of {1} replications", "{1}次重复中的{0}次"),
    "day_n": ("day {0}", "第{0}天"),
    "orders": ("Orders", "订单"),
    "gmv": ("GMV", "成交额"),
    "contribution": ("Contribution", "边际贡献"),
    "roas": ("ROAS", "ROAS"),
    "roi": ("ROI", "ROI"),
    "all_channels": ("All channels", "全部渠道"),
    "channel_numbers": (
        "By last touch and, under it in grey, by first touch. Contribution: what the orders leave, less the spend on "
        "the channel; ROI: contribution per yuan of spend. Commissions belong to creators, samples to seeding.",
        "上行为末触，下方灰字为首触。边际贡献＝订单毛利−该渠道花费；ROI＝边际贡献/花费。佣金计入达人，寄样计入种草。",
    ),
    "spend": ("Spend", "花费"),
    "impressions": ("Impressions", "曝光"),
    "clicks": ("Clicks", "点击"),
    "step": ("Step", "环节"),
    "numbers": ("The numbers", "数据表"),
    "trees": ("Trees a run", "每次运行的树数"),
    "singletons": ("Passed on by nobody", "无人转发"),
    "deeper": ("Deeper than one hop", "超过一跳"),
    "largest": ("Largest tree", "最大的树"),
    "deepest": ("Deepest tree", "最深的树"),
    "virality": ("Mean virality, trees of 3 or more", "平均病毒度（3人及以上）"),
    "people": ("{0} people", "{0}人"),
    "hops": ("{0} hops", "{0}跳"),
    # figures
    "day": ("Day", "天"),
    "mean_ci": ("Mean and 95% interval", "均值与95%区间"),
    "difference": ("{0}: difference to {1}", "{0}：与{1}之差"),
    "log": ("logarithmic scale", "对数刻度"),
    "count": ("Number over the run", "全程总数"),
    "returned": ("Returned", "退货"),
    "bought_again": ("Bought again (90 days)", "90天内复购"),
    "first_touch": ("First touch", "首触"),
    "last_touch": ("Last touch", "末触"),
    "tree_size": ("People in a tree", "树的人数"),
    "share_of_trees": ("Trees at least this large", "不小于该规模的树占比"),
    "depth": ("Hops from the first sharer", "距首位分享者的跳数"),
    "depth_share": ("Share of trees", "树的占比"),
    "roi_axis": ("ROI by channel: filled by last touch, hollow by first", "各渠道投资回报率：实心为末触，空心为首触"),
    "zero": ("no difference", "无差异"),
    "credit": ("GMV credited", "归因成交额"),
    "per_day": ("{0} a day", "{0}/天"),
    "break_even": ("break-even", "盈亏平衡"),
    "nothing": ("nothing to show", "无数据"),
    "worse": ("baseline better", "基线更好"),
    "better": ("better than baseline", "优于基线"),
}

_CHANNELS = {
    "ads": ("Ads", "广告"),
    "kol": ("Creators (KOL)", "达人（KOL）"),
    "koc": ("Seeding notes (KOC)", "种草（KOC）"),
    "friend": ("Friends", "好友分享"),
    "search": ("Search and shelf", "搜索与货架"),
    "invite": ("Group invitations", "拼团邀请"),
    "community": ("Private domain", "私域社群"),
    "contact": ("Hearsay", "口口相传"),
    "referral": ("Referral", "裂变邀请"),
    "distribution": ("Distribution", "分销"),
    "live": ("Live sessions", "直播"),
    "content": ("Own posts", "品牌自营内容"),
    "store": ("Store visits", "到店"),
    "none": ("No touch recorded", "未记录"),
}

_UNITS = {
    "yuan": ("yuan", "元"),
    "share": ("%", "%"),
    "people": ("people", "人"),
    "orders": ("orders", "单"),
    "times": ("times", "次"),
    "day": ("days from the start", "天"),
    "stars": ("stars, 1 to 5", "星，1至5"),
    "score": ("0 to 1", "0至1"),
    "yuan/yuan": ("yuan per yuan", "元/元"),
    "groups": ("groups", "团"),
    "hours": ("hours", "小时"),
    "shares": ("shares", "次"),
    "units": ("units", "件"),
    "ratio": ("ratio", "比值"),
    "sd": ("standard deviations", "标准差"),
    "": ("", ""),
}


def words(lang: str = "en") -> Words:
    """A function ``w(key, *positional, **named)`` that gives the phrase of a key. Raises KeyError on an unknown key."""
    at = 1 if lang == "zh" else 0

    def w(key: str, *args: object, **named: object) -> str:
        phrase = _WORDS[key][at]
        return phrase.format(*args, **named) if args or named else phrase

    return w


def channel(name: str, lang: str = "en") -> str:
    """The label of a channel; a channel that is not built in keeps its own name."""
    return _CHANNELS.get(name, (name, name))[1 if lang == "zh" else 0]


def unit(name: str, lang: str = "en", currency: str = "CNY") -> str:
    """A unit in words; yuan gives way to the scenario's currency."""
    text = _UNITS.get(name, (name, name))[1 if lang == "zh" else 0]
    if currency not in ("CNY", "RMB") and name in ("yuan", "yuan/yuan"):
        return currency if name == "yuan" else f"{currency}/{currency}"
    return text
