"""``sim validate``: scenarios before they are run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sim.cli import options, tables
from sim.cli.screen import note, print_json


def validate(
    scenario: options.ScenarioArg,
    sets: options.Sets = None,
    data: options.Data = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Print each strategy's effective YAML, presets and defaults included.")
    ] = False,
    days: options.Days = None,
    consumers: options.Consumers = None,
    json: options.Json = False,
) -> int:
    """Check a scenario, with every strategy and event in force, and name all problems at once."""
    from sim.contract import ScenarioError

    try:
        made = options.opened(scenario, sets, days, consumers, data)
        for name in (None, *made.strategies):
            version = made.for_strategy(name)
            for day in version.change_days:
                version.on_day(day)
        people, past = _people(made)
    except ScenarioError as error:
        if not json:
            raise
        print_json({"ok": False, "problems": [
            {"file": p.file, "line": p.line, "path": p.path, "message": p.message} for p in error.problems
        ]})  # fmt: skip
        return 2
    from sim.scenario.scenario import yaml_text

    versions = {name or "base": made.for_strategy(name) for name in (None, *made.strategies)}
    if json:
        said: dict[str, Any] = {"ok": True, "name": made.name, "consumers": people, "days": made.market.days,
                                "strategies": list(made.strategies)}  # fmt: skip
        said |= tables.as_data(made, past)
        print_json(said | ({"resolved": {n: v.resolved() for n, v in versions.items()}} if resolved else {}))
    elif resolved:
        for line in tables.in_words(made, past):
            print(f"# {line}")
        for name, version in versions.items():
            short, left_out = tables.shortened(version, made)
            print(f"--- # strategy: {name}", *(f"# {line}" for line in left_out), yaml_text(short).rstrip(), sep="\n")
    else:
        products = sum(len(merchant.products) for merchant in made.merchants)
        parts = {"consumer": people, "day": made.market.days, "merchant": len(made.merchants), "product": products,
                 "event": len(made.events)}  # fmt: skip
        said_parts = [f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in parts.items()]
        print(f"{scenario}: well formed. {', '.join(said_parts)}; strategies: {', '.join(made.strategies) or 'none'}")
        for line in tables.in_words(made, past):
            print(line)
        for hint in hints(made):
            note(f"note: {hint}")
    return 0


def _people(made: Any) -> tuple[int, Any]:
    """N, and what is known of the past; files are read for it, and their mistakes found here rather than later."""
    if made.network.kind != "file" and made.orders is None and made.adoptions is None:
        return int(made.market.consumers), {}
    from sim.state.history import places_for, settled
    from sim.state.network import build_network
    from sim.state.past import read_past

    network, people = None, made.market.consumers
    if made.network.kind == "file":
        network = build_network(made.network, people, 0, made.base_dir)
        people = network.n
    for name in (*made.strategies, None):
        past = read_past(made.for_strategy(name))
    for section, history in past.items():
        if network is not None:
            settled(history, network, made, 1.0, 0, section)
        else:
            places_for(history, made.scale, people, section)
    return int(people), past


def hints(made: Any) -> list[str]:
    """What is allowed, and perhaps not meant."""
    found = []
    if not any(merchant.products for merchant in made.merchants):
        found.append("no merchant has a product: nothing can be bought")
    if len(made.strategies) == 1:
        found.append("only one strategy: 'sim compare' needs at least two, or 'experiment.baseline: base'")
    if 0 < made.experiment.replications < 5:
        found.append(f"{made.experiment.replications} replications leave wide intervals; 20 are usual")
    richest = max((segment.income for segment in made.segments), default=0.0)
    for merchant in made.merchants:
        for product in merchant.products:
            if product.price > richest:
                found.append(f"{merchant.name}.{product.name} costs more ({product.price:,.0f}) than a month's median "
                             "income: hardly anybody can afford it")  # fmt: skip
    return found
