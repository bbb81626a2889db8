"""Checks of a scenario that need more than one field. Each mistake is located, so a loader can name file and line.

A check yields ``(path, message)`` with the path as pydantic writes it: ``("merchants", 0, "plan", "mix")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sim.scenario.calendar import day_of, spans
from sim.scenario.check_operations import operations
from sim.scenario.checks_adaptive import adaptive
from sim.scenario.checks_honesty import honesty
from sim.scenario.checks_members import member_checks
from sim.scenario.checks_offers import offers
from sim.scenario.checks_referral import rewarded_friends
from sim.scenario.measures import measured
from sim.scenario.own_players import own_players
from sim.scenario.players import Merchant, Phase, Plan
from sim.scenario.prices import product_index

if TYPE_CHECKING:
    from sim.scenario.schema import Event, Market, ScenarioModel

Loc = tuple[str | int, ...]
Found = Iterator[tuple[Loc, str]]


def cross_checks(model: ScenarioModel) -> list[tuple[Loc, str]]:
    """Every mistake no single field shows, in the order of the schema; empty when all is well."""
    found: list[tuple[Loc, str]] = []
    for check in (_names, _market, _numbers, _platforms, _creators, _merchants, member_checks, honesty, offers,
                  _prices, _events, operations, adaptive, own_players, _questions):
        found.extend(check(model))
    return found


def unknown(kind: str, name: str, declared: Iterable[str]) -> str:
    """``unknown category 'beuty'; did you mean 'beauty'? Declared: beauty, food``."""
    names = list(declared)
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown {kind} {name!r}{hint} Declared: {', '.join(names) if names else 'none'}"


def _repeated(items: Sequence[Any], at: Loc, kind: str) -> Found:
    first: dict[str, int] = {}
    for k, item in enumerate(items):
        if item.name in first:
            yield (*at, k, "name"), f"a second {kind} called {item.name!r} (the first is number {first[item.name] + 1})"
        first.setdefault(item.name, k)


def _names(model: ScenarioModel) -> Found:
    for field, kind in (
        ("segments", "segment"), ("categories", "category"), ("platforms", "platform"), ("creators", "creator tier"),
        ("agencies", "agency"),
        ("merchants", "merchant"), ("events", "event"),
    ):  # fmt: skip
        yield from _repeated(getattr(model, field), (field,), kind)
    for m, merchant in enumerate(model.merchants):
        yield from _repeated(merchant.products, ("merchants", m, "products"), "product")
        yield from _repeated(merchant.plan.phases, ("merchants", m, "plan", "phases"), "phase")


def _market(model: ScenarioModel) -> Found:
    if model.market.consumers is None and model.network.kind != "file":
        yield (
            ("market", "consumers"),
            "needed: say how many consumers there are (only a network from a file may leave it out)",
        )
    if model.market.represents is not None and model.market.weight != 1:
        yield ("market", "weight"), "leave out when represents is given: it is represents / consumers"
    net = model.network
    if net.kind == "community" and net.community_mean > net.community_max:
        yield ("network", "community_mean"), f"must not exceed community_max ({net.community_max})"
    awareness = model.mechanisms.awareness
    if awareness.enabled and awareness.rule in ("threshold", "cascade") and net.kind == "well_mixed":
        yield ("mechanisms", "awareness", "rule"), f"{awareness.rule} needs ties; a well_mixed network has none"


def _table(table: dict[str, float], at: Loc, kind: str, names: list[str], high: float | None = None) -> Found:
    for key, value in table.items():
        if key not in names:
            yield (*at, key), unknown(kind, key, names)
        if value < 0 or (high is not None and value > high):
            yield (*at, key), f"must be >= 0{'' if high is None else f' and <= {high:g}'} (got {value:g})"


def _numbers(model: ScenarioModel) -> Found:
    categories = [c.name for c in model.categories]
    for k, segment in enumerate(model.segments):
        yield from _table(segment.affinity, ("segments", k, "affinity"), "category", categories, high=1)
        yield from _table(segment.occasion_rate, ("segments", k, "occasion_rate"), "category", categories)
    for k, category in enumerate(model.categories):
        for month, factor in category.season.items():
            if not 1 <= month <= 12:
                yield ("categories", k, "season", month), "months are numbered 1 to 12"
            if factor < 0:
                yield ("categories", k, "season", month), f"must be >= 0 (got {factor:g})"


def _platforms(model: ScenarioModel) -> Found:
    segments = [s.name for s in model.segments]
    for k, platform in enumerate(model.platforms):
        yield from _table(platform.segment_activity, ("platforms", k, "segment_activity"), "segment", segments, high=1)
        weights = platform.feed
        if weights.ads + weights.follow + weights.friend + weights.interest + weights.search <= 0:
            yield ("platforms", k, "feed"), "all weights are zero: give at least one kind of slot a weight"


def _creators(model: ScenarioModel) -> Found:
    categories, platforms = [c.name for c in model.categories], [p.name for p in model.platforms]
    for k, tier in enumerate(model.creators):
        if tier.category is not None and tier.category not in categories:
            yield ("creators", k, "category"), unknown("category", tier.category, categories)
        if tier.platform is not None and tier.platform not in platforms:
            yield ("creators", k, "platform"), unknown("platform", tier.platform, platforms)


def _merchants(model: ScenarioModel) -> Found:
    categories = [c.name for c in model.categories]
    if not model.merchants:
        yield ("merchants",), "a market needs at least one merchant"
    for m, merchant in enumerate(model.merchants):
        at: Loc = ("merchants", m)
        if not merchant.products and merchant.catalogue is None:
            yield (*at, "products"), f"merchant {merchant.name!r} needs at least one product"
        for p, product in enumerate(merchant.products):
            here = (*at, "products", p)
            if product.category not in categories:
                yield (*here, "category"), unknown("category", product.category, categories)
            seeds = product.initial_adopters
            if seeds and model.market.consumers is not None and seeds.count > model.market.consumers:
                yield (*here, "initial_adopters", "count"), f"more than the {model.market.consumers} consumers"
        yield from _plan(model, merchant, (*at, "plan"))
        yield from _withheld(model, merchant, at)
    names = [m.name for m in model.merchants]
    if model.focal is None and len(names) > 1:
        yield ("focal",), f"needed with several merchants: name one of {', '.join(names)}"
    if model.focal is not None and model.focal not in names:
        yield ("focal",), unknown("merchant", model.focal, names)


def _withheld(model: ScenarioModel, merchant: Merchant, at: Loc) -> Found:
    segments, tiers = [s.name for s in model.segments], [c.name for c in model.creators]
    for k, name in enumerate(merchant.off_segments):
        if name not in segments:
            yield (*at, "off_segments", k), unknown("segment", name, segments)
    for k, name in enumerate(merchant.off_creators if model.rate_card is None else ()):
        if name not in tiers:
            yield (*at, "off_creators", k), unknown("creator tier", name, tiers)


def _plan(model: ScenarioModel, merchant: Merchant, at: Loc) -> Found:
    yield from _levers(model, merchant, merchant.plan, merchant.plan.budget_per_day, at)
    for k, phase in enumerate(merchant.plan.phases):
        here = (*at, "phases", k)
        if phase.to_day is not None and phase.to_day < phase.from_day:
            yield (*here, "to_day"), f"the phase ends (day {phase.to_day}) before it begins (day {phase.from_day})"
        budget = merchant.plan.budget_per_day if phase.budget_per_day is None else phase.budget_per_day
        yield from _levers(model, merchant, phase, budget, here)


def _levers(model: ScenarioModel, merchant: Merchant, plan: Plan | Phase, budget: float, at: Loc) -> Found:
    segments, tiers = [s.name for s in model.segments], [c.name for c in model.creators]
    products = [p.name for p in merchant.products]
    if plan.mix is not None and not any(plan.mix.shares().values()) and budget > 0:
        yield (*at, "mix"), "all weights are zero: give at least one channel a weight, or set budget_per_day to 0"
    if plan.group is not None:
        for k, name in enumerate(plan.group.products):
            if name not in products and merchant.catalogue is None:
                yield (*at, "group", "products", k), unknown(f"product of {merchant.name}", name, products)
    if plan.kol is not None and model.rate_card is None:
        yield from _table(plan.kol.tiers, (*at, "kol", "tiers"), "creator tier", tiers)
        if plan.kol.tiers and not any(weight > 0 for weight in plan.kol.tiers.values()):
            yield (*at, "kol", "tiers"), "all weights are zero: leave the table empty to choose by value"
    if plan.mix is not None and plan.mix.kol > 0 and budget > 0 and not tiers and not model.rate_card:
        yield (*at, "mix", "kol"), "no creators are declared: add a rate card (creators:) or drop kol from the mix"
    yield from _live(model, merchant, plan, budget, at)
    if plan.ads is not None:
        for k, name in enumerate(plan.ads.segments):
            if name not in segments:
                yield (*at, "ads", "segments", k), unknown("segment", name, segments)
        if plan.ads.target == "segment" and not plan.ads.segments:
            yield (*at, "ads", "segments"), "target segment needs at least one segment"
    yield from rewarded_friends(model, merchant, plan, at)
    if plan.koc is not None:
        if plan.koc.segment is not None and plan.koc.segment not in segments:
            yield (*at, "koc", "segment"), unknown("segment", plan.koc.segment, segments)
        if plan.koc.policy == "segment" and plan.koc.segment is None:
            yield (*at, "koc", "segment"), "policy segment needs a segment"


def _live(model: ScenarioModel, merchant: Merchant, plan: Plan | Phase, budget: float, at: Loc) -> Found:
    """What ``live:`` says, and whether a budget for it has somebody to spend it."""
    tactics = plan.live if plan.live is not None else merchant.plan.live
    hosted = any(rate > 0 for rate in tactics.hosts.values())
    if plan.mix is not None and plan.mix.live > 0 and budget > 0 and not hosted:
        yield (*at, "mix", "live"), "nobody hosts: say who and how often, as in live: {hosts: {brand: 5}}"
    if plan.live is None:
        return
    at = (*at, "live")
    tiers = {c.name: c.platform for c in model.creators}
    if model.rate_card is None:
        yield from _table(plan.live.hosts, (*at, "hosts"), "host", ["brand", "virtual", *tiers])
    for host in plan.live.hosts:
        elsewhere = tiers.get(host)
        if plan.live.platform is not None and elsewhere not in (None, plan.live.platform):
            yield (*at, "platform"), f"creators of tier {host!r} are on {elsewhere} only: leave platform out"
    platforms = [s.name for s in model.platforms]
    if plan.live.platform is not None and plan.live.platform not in platforms:
        yield (*at, "platform"), unknown("platform", plan.live.platform, platforms)
    products = [p.name for p in merchant.products]
    for k, name in enumerate(plan.live.products):
        if name not in products and merchant.catalogue is None:
            yield (*at, "products", k), unknown(f"product of {merchant.name}", name, products)


def _prices(model: ScenarioModel) -> Found:
    index = product_index(model)
    first: dict[tuple[tuple[int, int], int], int] = {}
    for k, line in enumerate(model.prices):
        owners = index.get(line.product, [])
        day = day_of(line.day, model.market.start)
        if len(owners) > 1:
            yield ("prices", k, "product"), f"several merchants sell {line.product!r}: write merchant.product"
        elif not owners and not any(m.catalogue for m in model.merchants):
            yield ("prices", k, "product"), unknown("product", line.product, index)
        if day is None:
            yield ("prices", k, "day"), f"{line.day} is a date: say which day is day 0, as in market: {{start: ...}}"
        elif day < 0:
            yield ("prices", k, "day"), f"{line.day} is before the market's start ({model.market.start})"
        elif len(owners) == 1 and (at := first.setdefault((owners[0], day), k)) != k:
            yield ("prices", k), f"a second price of {line.product!r} on that day (the first is number {at + 1})"


def _events(model: ScenarioModel) -> Found:
    names = list(model.strategies)
    for k, event in enumerate(model.events):
        if isinstance(event.day, str) and model.market.start is None:
            yield ("events", k, "day"), f"{event.day} is a date: say which day is day 0, as in market: {{start: ...}}"
        if event.every is not None and (event.days is None or event.every < event.days):
            yield ("events", k, "every"), "it comes again before it has ended: say how many days it lasts"
            continue
        for at, name in enumerate(event.strategies):
            if name not in (*names, "base"):
                yield ("events", k, "strategies", at), unknown("strategy", name, [*names, "base"])
        for earlier in model.events[:k]:
            meet = event.exclusive and any(event.happens(name) and earlier.happens(name) for name in (None, *names))
            day = _both_in_force(event, earlier, model.market) if meet else None
            if day is not None and earlier.exclusive == event.exclusive:
                yield ("events", k, "day"), (
                    f"it is in force together with {earlier.name!r} from day {day}, and only one event of "
                    f"{event.exclusive!r} can be: move it, say for how many days it lasts, or write exclusive: null"
                )


def _both_in_force(one: Event, other: Event, market: Market) -> int | None:
    """The first day on which two events are both in force, None without."""
    shared = (
        max(a, b) for a, a_end in spans(one, market) for b, b_end in spans(other, market)
        if (b_end is None or a < b_end) and (a_end is None or b < a_end)
    )  # fmt: skip
    return min((day for day in shared if day < market.days), default=None)


def unread_tables(model: ScenarioModel) -> Found:
    """Tables a strategy or a setting names: too late, they are read with the file that names them."""
    said = "is read with the scenario file that names it: change it there, or the items read from it by their paths"
    for m, merchant in enumerate(model.merchants):
        if merchant.catalogue is not None:
            yield ("merchants", m, "catalogue"), said
    for key in ("rate_card", "price_list"):
        if getattr(model, key) is not None:
            yield (key,), said


def _questions(model: ScenarioModel) -> Found:
    names = list(model.strategies)
    if "base" in model.strategies:
        yield ("strategies", "base"), "'base' already means the scenario without a strategy: choose another name"
    baseline = model.experiment.baseline
    if baseline is not None and baseline != "base" and baseline not in names:
        yield ("experiment", "baseline"), unknown("strategy", baseline, [*names, "base"])
    for path, (low, high) in model.uncertainties.items():
        if not low < high:
            yield ("uncertainties", path), f"the lower end must be below the upper (got {low:g}, {high:g})"
    if len(set(model.outcomes)) < len(model.outcomes):
        yield ("outcomes",), "an outcome is named twice"
    merchants = [m.name for m in model.merchants]
    products = [f"{m.name}.{p.name}" for m in model.merchants for p in m.products]
    for k, name in enumerate(model.outcomes):
        wrong = measured(name, merchants, products)
        if wrong:
            yield ("outcomes", k), wrong
