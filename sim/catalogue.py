"""Which mechanisms there are, and the order of the day.

Built-ins are named here as text, so that reading a scenario imports none of them; others come from the entry point
group ``sim.mechanisms``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

from sim import plugins
from sim.contract import Column, Mechanism, Problem, ScenarioError

BUILT_IN: dict[str, str] = {
    "visits": "sim.mechanisms.visits:Visits",
    "feed": "sim.mechanisms.feed:Feed",
    "ads": "sim.mechanisms.ads:Ads",
    "creators": "sim.mechanisms.creators:Creators",
    "seeding": "sim.mechanisms.seeding:Seeding",
    "persuasion": "sim.mechanisms.persuasion:Persuasion",
    "awareness": "sim.mechanisms.awareness:Awareness",
    "clicks": "sim.mechanisms.clicks:Clicks",
    "occasions": "sim.mechanisms.occasions:Occasions",
    "choice": "sim.mechanisms.choice:Choice",
    "planning": "sim.mechanisms.planning:Planning",
    "group_buy": "sim.mechanisms.group_buy:GroupBuy",
    "checkout": "sim.mechanisms.checkout:Checkout",
    "delivery": "sim.mechanisms.delivery:Delivery",
    "sharing": "sim.mechanisms.sharing:Sharing",
    "community": "sim.mechanisms.community:Community",
    "referral": "sim.mechanisms.referral:Referral",
    "bargain": "sim.mechanisms.bargain:Bargain",
    "distribution": "sim.mechanisms.distribution:Distribution",
    "supply": "sim.mechanisms.supply:Supply",
    "presale": "sim.mechanisms.presale:Presale",
    "service": "sim.mechanisms.service:Service",
    "pricing": "sim.mechanisms.pricing:Pricing",
    "budgeting": "sim.mechanisms.budgeting:Budgeting",
    "regions": "sim.mechanisms.regions:Regions",
    "dishonesty": "sim.mechanisms.dishonesty:Dishonesty",
    "moderation": "sim.mechanisms.moderation:Moderation",
    "reviews": "sim.mechanisms.reviews:Reviews",
    "assurance": "sim.mechanisms.assurance:Assurance",
    "hand_over": "sim.mechanisms.hand_over:HandOver",
    "talk": "sim.mechanisms.talk:Talk",
    "membership": "sim.mechanisms.membership:Membership",
    "crm": "sim.mechanisms.crm:Crm",
    "live": "sim.mechanisms.live:Live",
    "content": "sim.mechanisms.content:Content",
    "bundles": "sim.mechanisms.bundles:Bundles",
    "paid_content": "sim.mechanisms.paid_content:PaidContent",
    "store": "sim.mechanisms.store:Store",
    "charity": "sim.mechanisms.charity:Charity",
    "green": "sim.mechanisms.green:Green",
    "agencies": "sim.mechanisms.agencies:Agencies",
    "retention": "sim.mechanisms.retention:Retention",
    "listings": "sim.mechanisms.listings:Listings",
}

MORNING = (
    "store",
    "delivery",
    "bundles",
    "supply",
    "presale",
    "regions",
    "service",
    "planning",
    "pricing",
    "budgeting",
    "dishonesty",
    "moderation",
    "charity",
    "green",
    "reviews",
    "assurance",
    "creators",
    "seeding",
    "content",
    "feed",
    "ads",
    "community",
    "referral",
    "bargain",
    "distribution",
    "talk",
    "crm",
    "live",
    "agencies",
    "awareness",
    "choice",
)
"""Parcels and goods arrive; merchants plan, price and move budgets;
posts and notes are written; content, ads and messages are ready to be seen."""

BLOCK = (
    "visits",
    "feed",
    "creators",
    "ads",
    "community",
    "talk",
    "crm",
    "sharing",
    "referral",
    "distribution",
    "live",
    "store",
    "agencies",
    "awareness",
    "planning",
    "budgeting",
    "content",
    "persuasion",
    "clicks",
    "paid_content",
    "reviews",
    "assurance",
    "hand_over",
    "occasions",
    "listings",
    "choice",
    "bargain",
)
"""A person opens platforms, sees (but for what plans have switched off), is persuaded, clicks, thinks of buying,
chooses."""

EVENING = (
    "retention",
    "ads",
    "agencies",
    "live",
    "referral",
    "bargain",
    "service",
    "regions",
    "group_buy",
    "checkout",
    "supply",
    "pricing",
    "budgeting",
    "store",
    "bundles",
    "paid_content",
    "charity",
    "content",
    "listings",
    "sharing",
    "hand_over",
    "community",
    "talk",
    "membership",
    "green",
    "crm",
    "reviews",
    "assurance",
)
"""Invited friends decide; questions wait and payments fail; replies and deadlines are listed; the till runs; people
talk, join and leave; parcels are checked."""

ORDER: dict[Literal["morning", "block", "evening"], tuple[str, ...]] = {
    "morning": MORNING,
    "block": BLOCK,
    "evening": EVENING,
}

LAST = {"morning": "choice", "block": "", "evening": "checkout"}
"""Before whom those from outside come who say nothing: who takes stock of the morning; nobody; the till."""

registry = plugins.registry
"""Mechanisms registered by the user or installed, beside the built-ins (:mod:`sim.plugins`)."""


def mechanism(name: str) -> type[Mechanism]:
    """The class of a mechanism. Raises KeyError when there is none of that name."""
    if name in registry.classes:
        return registry.classes[name]
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: type[Mechanism] = getattr(import_module(module), attribute)
        return found
    if name in plugins.known().classes:
        return plugins.registry.classes[name]
    raise KeyError(f"there is no mechanism called {name!r}")


def adopt(*scenarios: Any) -> None:
    """Make the mechanisms these scenarios came with known here, as in a process that has not registered them itself.

    Raises ScenarioError where a mechanism is on and one that it needs is off.
    """
    for more in (scenario.registry for scenario in scenarios):
        for cls in more.classes.values() if more is not None else ():
            registry.register(cls)
    for scenario in scenarios:
        _require(scenario)


def names() -> list[str]:
    """Built-ins first, then the registered ones."""
    plugins.known()
    return [*BUILT_IN, *(n for n in registry.classes if n not in BUILT_IN)]


def acts(name: str, scenario: Any) -> bool:
    """Whether a mechanism is switched on in a scenario. Plans are always made."""
    return name == "planning" or bool(getattr(getattr(scenario.mechanisms, name, None), "enabled", False))


def active(*scenarios: Any) -> list[str]:
    """Mechanisms switched on in any of these scenarios."""
    return [name for name in names() if any(acts(name, scenario) for scenario in scenarios)]


def _require(scenario: Any) -> None:
    on = active(scenario)
    missing = [(name, other) for name in on if name not in BUILT_IN or name in registry.classes
               for other in mechanism(name).needs if other not in on]  # fmt: skip
    if missing:
        raise ScenarioError([
            Problem(f"needs mechanisms.{other}, which is off: switch it on (enabled: true)", f"mechanisms.{name}")
            for name, other in missing
        ])  # fmt: skip


def columns(*scenarios: Any) -> list[Column]:
    """All columns of state of a market that these scenarios share."""
    from sim.state.columns import core

    return [*core(*scenarios), *(column for name in active(*scenarios) for column in mechanism(name).columns)]


def schedule(active: list[str]) -> dict[str, list[str]]:
    """For each phase the mechanisms that act in it, in order. A foreign one comes before the one it names, else at the
    end (``LAST``)."""
    day: dict[str, list[str]] = {}
    for phase, order in ORDER.items():
        day[phase] = mine = [n for n in order if n in active]
        for name in (n for n in active if n not in BUILT_IN and mechanism(n).acts_in(phase)):
            wanted = mechanism(name).ahead_of
            wanted = wanted if wanted in mine or wanted not in order else _next(wanted, order, mine)
            if wanted not in mine:
                wanted = LAST[phase]
            mine.insert(mine.index(wanted) if wanted in mine else len(mine), name)
    return day


def _next(name: str, order: tuple[str, ...], mine: list[str]) -> str:
    """The first after ``name`` in the order of a phase that is there; "" when there is none."""
    return next((n for n in order[order.index(name) :] if n in mine), "")
