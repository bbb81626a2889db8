"""``sim explain``: a field, a metric, a mechanism, the day, the columns, the schema, the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli import options, words
from sim.cli.screen import plain, print_json
from sim.cli.words import facts, table

SUBJECTS = {
    "schedule": "the day: mechanisms in their order",
    "columns": "the data dictionary of the market's state",
    "schema": "the JSON Schema of a scenario",
    "network": "the social graph of a scenario beside real ones (give the scenario too)",
    "metrics": "everything that is measured",
    "mechanisms": "everything that acts",
    "model": "the description of the model",
    "parameters": "the parameter book: every parameter with default, range, source, standing, where it is used",
    "glossary": "the words of the field in English and Chinese",
    "coverage": "the ninety systems of social commerce: which are expressed, where, shown by which test",
}

SHOWN_WHOLE, SHOWN_NAMES = 2, 12
"""Named things shown with all their fields, and by name."""


def explain(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", show_default=False,
                       help="A path, a metric, a mechanism, a word of the field, or: " + ", ".join(SUBJECTS) + "."),
    ] = "",
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="Scenario for 'network', or whose values to show.",
                       show_default=False),
    ] = None,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    consumers: options.Consumers = None,
    json: options.Json = False,
    write: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False,
                      help="With 'coverage': page whose table is written anew, between its two markers; with "
                           "'parameters' and 'glossary': page to write."),
    ] = None,
) -> int:
    """Explain a field of the scenario, a metric, a mechanism, a word of the field, or a part of the model."""
    special: dict[str, Callable[[bool], None]] = {
        "schema": _schema, "schedule": _schedule, "columns": _columns, "metrics": _metrics,
        "mechanisms": _mechanisms, "model": _model,
    }  # fmt: skip
    if not what:
        facts(SUBJECTS | {
            "PATH": "a field, as merchants.Lumi.plan.mix or just reach_per_share",
            "METRIC": "a metric, as repurchase_90d", "MECHANISM": "a mechanism, as sharing",
            "WORD": "a word of the field, as 'group-buy' or 拼团",
        }, json)  # fmt: skip
    elif what == "coverage":
        _coverage(json, write)
    elif what == "parameters":
        _parameters(json, write)
    elif what == "glossary":
        words.glossary(json, write)
    elif what in special:
        special[what](json)
    elif what == "network":
        _network(scenario, sets, data, seed, consumers, json)
    else:
        _name(what, scenario, sets, data, json)
    return 0


def _name(what: str, scenario: str | None, sets: list[str] | None, data: list[Path] | None, json: bool) -> None:
    """A metric, a mechanism, or a field."""
    from sim import catalogue
    from sim.cli import passports
    from sim.metrics import KNOWN, METRICS
    from sim.scenario import glossary
    from sim.scenario.schema import ScenarioModel

    name = what.partition("@")[0]
    metric = METRICS.get(name) or (None if passports.search(what) else KNOWN.get(name))
    if metric is not None:
        about = {"metric": metric.name, "label": f"{metric.label} · {metric.label_zh}", "unit": metric.unit,
                 "better": metric.better or "neither way", "formula": metric.formula, "who": metric.who,
                 "window": metric.window}  # fmt: skip
        facts({key: value for key, value in about.items() if value}, json)
        return
    if what in catalogue.names():
        _mechanism(what, json)
        return
    paths = [what]
    if "." not in what and what not in ScenarioModel.model_fields:
        word = glossary.lookup(what)
        if word is not None:
            words.show(word, json)
            return
        paths = passports.search(what)
        if not paths:
            others = [*KNOWN, *catalogue.names(), *SUBJECTS, *(word.term for word in glossary.terms())]
            near = passports.suggestions(what, others)
            from sim.contract import ScenarioError

            raise ScenarioError(f"nothing is called {what!r}{near}")
    elif what.partition(".")[0] not in ScenarioModel.model_fields:
        paths = passports.ending(what) or paths
    if len(paths) > 1:
        lines = {path: str(passports.locate(path).info.description or "") for path in paths}  # type: ignore[union-attr]
        facts(lines, json)
        return
    about = passports.passport(paths[0], passports.locate(paths[0])) | _acting(paths[0])
    if scenario is not None:
        made = options.opened(scenario, sets, data=data)
        for name in (None, *made.strategies):
            value = passports.value_at(made.for_strategy(name).resolved(), what)
            about[f"in {name or 'base'}"] = value if json else _brief(value)
    facts(about, json)


def _acting(path: str) -> dict[str, str]:
    """For a parameter of a mechanism, the equation it stands in."""
    from sim import catalogue

    part, _, rest = path.partition(".")
    name = rest.partition(".")[0]
    if part != "mechanisms" or name not in catalogue.names():
        return {}
    equation = catalogue.mechanism(name).equation
    return {"equation": equation} if equation else {"equation": f"sim explain {name}"}


def _brief(value: Any) -> Any:
    """A long list of named things as their names."""
    names = [item["name"] for item in value if isinstance(item, dict) and "name" in item] \
        if isinstance(value, list) else []  # fmt: skip
    if len(names) <= SHOWN_WHOLE:
        return value
    return f"{len(value):,}: " + ", ".join(names[:SHOWN_NAMES]) + (", ..." if len(names) > SHOWN_NAMES else "")


def _mechanism(name: str, json: bool) -> None:
    import sys

    from sim import catalogue
    from sim.cli import passports
    from sim.scenario.paths import Place

    found = catalogue.mechanism(name)
    day = catalogue.schedule(catalogue.names())
    text = (sys.modules[found.__module__].__doc__ or found.__doc__ or "").strip()
    block = found.Params
    rows = [passports.passport(f"mechanisms.{name}.{field}", Place.root(block).child(field))
            for field in block.model_fields]  # fmt: skip
    acts = [phase for phase, names in day.items() if name in names]
    if json:
        print_json(plain({"mechanism": name, "text": text, "acts_in": acts, "reads": list(found.reads),
                          "writes": list(found.writes), "parameters": rows}))  # fmt: skip
        return
    print(f"{name}: {text}\n")
    facts({"acts in": ", ".join(acts), "reads": ", ".join(found.reads), "writes": ", ".join(found.writes)}, False)
    print()
    table(("parameter", "default", "unit", "bounds", "what", "source"), [
        (row["path"].rsplit(".", 1)[-1], row.get("default", ""), row.get("unit", ""), row.get("bounds", ""),
         row.get("description", ""), row.get("source", "")) for row in rows
    ])  # fmt: skip


def _mechanisms(json: bool) -> None:
    from sim import catalogue
    from sim.cli.passports import locate

    kind = locate("mechanisms").models()[0]
    fields = kind.model_fields
    found = {name: (fields[name].description or "") if name in fields else "" for name in catalogue.names()}
    facts({name: text or _first_line(catalogue.mechanism(name).__doc__) for name, text in found.items()}, json)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def _schedule(json: bool) -> None:
    from sim import catalogue

    day = catalogue.schedule(catalogue.names())
    said = {"morning": "once a day, before anybody opens a platform", "block": "for each block of 32,768 people",
            "evening": "once a day, after everybody has chosen"}  # fmt: skip
    if json:
        print_json(day)
        return
    for phase, names in day.items():
        print(f"{phase} ({said.get(phase, '')})")
        for k, name in enumerate(names, 1):
            print(f"  {k:2} {name:<12} {_first_line(catalogue.mechanism(name).__doc__)}")


def _columns(json: bool) -> None:
    from sim import catalogue
    from sim.state.columns import CORE

    own = [column for name in catalogue.names() for column in catalogue.mechanism(name).columns]
    rows = [{"name": c.name, "shape": list(c.shape), "dtype": getattr(c.dtype, "__name__", str(c.dtype)),
             "unit": c.unit, "default": c.default, "owner": c.owner, "description": c.description}
            for c in {c.name: c for c in (*CORE, *own)}.values()]  # fmt: skip
    if json:
        print_json(plain(rows))
        return
    heads = ("name", "shape", "dtype", "unit", "owner", "description")
    table(heads, [tuple(", ".join(v) if isinstance(v := row[h], list) else str(v) for h in heads) for row in rows])


def _metrics(json: bool) -> None:
    from sim.metrics import METRICS

    rows = [{"name": m.name, "label": m.label, "label_zh": m.label_zh, "unit": m.unit, "better": m.better,
             "formula": m.formula} for m in METRICS.values()]  # fmt: skip
    if json:
        print_json(rows)
        return
    heads = ("name", "label", "label_zh", "unit", "better", "formula")
    table(heads, [tuple(row[h] for h in heads) for row in rows])


def _schema(json: bool) -> None:
    from sim.cli.passports import json_schema

    print_json(json_schema())


def _coverage(json: bool, write: Path | None) -> None:
    from sim.scenario import systems

    lines = systems.coverage()
    if write is not None:
        text = systems.placed(write.read_text(encoding="utf-8"), systems.table(lines))
        partial = write.with_name(write.name + ".part")
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(write)
        print(f"{write}: {systems.counted(lines)}")
    elif json:
        print_json(lines)
    else:
        heads = ("system", "name", "status", "expressed by", "remark")
        table(heads, [tuple(line[head] for head in heads) for line in lines])
        print(f"\n{systems.counted(lines)}")


def _parameters(json: bool, write: Path | None) -> None:
    from sim.report.parameters import page
    from sim.scenario.explain import book

    if write is not None:
        from sim.experiments.store import write_text

        write_text(page(), write)
        print(write)
    elif json:
        print_json(plain([entry.row() for entry in book()]))
    else:
        print(page(), end="")


def _model(json: bool) -> None:
    page = Path(__file__).resolve().parent.parent / "MODEL.md"
    if not page.is_file():
        from sim.contract import ScenarioError

        raise ScenarioError("this copy of the program comes without its description (MODEL.md)")
    text = page.read_text(encoding="utf-8")
    print_json({"model": text}) if json else print(text)


def _network(scenario: str | None, sets: list[str] | None, data: list[Path] | None, seed: int, consumers: int | None,
             json: bool) -> None:  # fmt: skip
    if scenario is None:
        from sim.contract import ScenarioError

        raise ScenarioError("whose network? Give a scenario: sim explain network koc_or_kol")
    made = options.opened(scenario, sets, None, consumers, data)
    from sim.state.network import build_network
    from sim.state.network_stats import describe, table

    network = build_network(made.network, made.market.consumers, seed, made.base_dir)
    print_json(plain(describe(network, seed))) if json else print(table(network, seed))
