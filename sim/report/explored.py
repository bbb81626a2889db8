"""Explorations in words: the answer in a sentence, tables for screen and page, and the page itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.experiments.exploration.indices import HEADLINE
from sim.experiments.store import write_text
from sim.metrics import declared
from sim.report.exploration import MOST, numbers_of, short
from sim.report.numbers import DASH
from sim.report.style import svg


@dataclass
class Told:
    """An exploration in words. ``tables``: (title, heads, rows) each; ``figures``: (name, figure) each."""

    title: str
    sentence: str
    tables: list[tuple[str, list[str], list[list[str]]]]
    notes: list[str]
    figures: list[tuple[str, Any]] = field(default_factory=list)


def told_of(results: Any) -> Told | None:
    """What a stored answer says, when it is of an exploration."""
    if results.kind == "optimise":
        from sim.experiments.optimise import Optimum

        return of_optimum(Optimum.load(results))
    if results.kind == "select":
        from sim.experiments.choose import Choice

        return of_choice(Choice.load(results))
    if "robust" in results.manifest:
        from sim.experiments.robust import Robustness

        return of_robustness(Robustness.load(results))
    if "sensitivity" in results.manifest:
        from sim.experiments.sensitivity import Sensitivity

        return of_sensitivity(Sensitivity.load(results))
    return None


def of_choice(found: Any, draw: bool = True) -> Told:
    """The strategy that is left when the others have gone."""
    from sim.report.selected import NOTE, race, sentence_of, table_of

    return Told("The best strategy", sentence_of(found), [table_of(found)], [NOTE],
                [("race", race(found))] if draw else [])  # fmt: skip


def of_sensitivity(found: Any, draw: bool = True) -> Told:
    """The ranked factors of the first outcome, for the choice between strategies and for each of them."""
    head, unit = HEADLINE[found.method], declared(found.manifest["outcomes"][0]).unit
    n = numbers_of(found.manifest)

    def value(x: float, spread: float) -> str:
        if not math.isfinite(x):
            return DASH
        return n.value(x, unit, spread=spread) if found.method == "morris" else f"{x:.2f}"

    first = found.ranked()
    base = float(first["floor"].iloc[0]) if "floor" in first else 0.0
    certain = first[(first[head] > base) & (first[f"{head}_low"] > base)]
    every = [str(path) for path in first["factor"]]
    label = declared(found.manifest["outcomes"][0]).label.lower()
    what = f"the {label} of {first['of'].iloc[0]}"
    if first[head].isna().all():
        sentence = f"Too few points were measured to say what {what} depends on."
    elif certain.empty:
        sentence = f"No factor shows an influence on {what} beyond chance."
    else:
        names = ", then ".join(short(str(path), every) for path in certain["factor"].head(3))
        sentence = f"What moves {what} most: {names}."
    tables: list[tuple[str, list[str], list[list[str]]]] = []
    for of in dict.fromkeys(found.table["of"]):
        mine = found.ranked(of=of)
        extra = [c for c in ("mu", "sigma", "first", "most_ks") if c in mine.columns]
        rows = [
            [str(r["rank"]), r["factor"], f"{r['low']} to {r['high']}",
             value(r[head], (r[f"{head}_high"] - r[f"{head}_low"]) / 2),
             f"{value(r[f'{head}_low'], 0.01 * abs(r[head]))} to {value(r[f'{head}_high'], 0.01 * abs(r[head]))}",
             *(value(r[c], abs(r[c]) / 50) for c in extra)]
            for r in mine.head(MOST).to_dict("records")
        ]  # fmt: skip
        heads = ["rank", "factor", "range", _HEADS[head], "95 % interval", *(_HEADS[c] for c in extra)]
        tables.insert(0, (f"{declared(str(mine['outcome'].iloc[0])).label} of {of}", heads, rows))
    notes = [_METHOD[found.method]]
    noise = float(first["noise"].iloc[0])
    if math.isfinite(noise):
        notes.append(f"{noise:.0%} of the variance between points is chance that more replications would take away.")
    if (left := int(first["left_out"].iloc[0])) > 0:
        notes.append(f"{left} of {found.manifest['sensitivity']['samples']} samples were left out: markets failed.")
    shown = [("ranking", found.figure())] if draw and not first[head].isna().all() else []
    return Told("What it depends on", sentence, tables, notes, shown)


def of_robustness(found: Any, draw: bool = True) -> Told:
    """Who wins in how many worlds, what is regretted, where the winner fails."""
    metric, n = declared(found.outcome), numbers_of(found.manifest)
    top = found.summary.iloc[0]
    count = int(found.regret["world"].nunique())
    sentence = (f"{found.winner} is best in {top['wins']:.0%} of {count} worlds (95 %: {top['wins_low']:.0%} to "
                f"{top['wins_high']:.0%}) on {metric.label.lower()}; ")  # fmt: skip
    careful = found.summary.set_index("strategy").loc[found.careful]
    most = n.value(float(careful["max_regret"]), metric.unit)
    same = found.careful == found.winner
    sentence += f"it also has the smallest largest regret, {most}." if same else (
        f"the smallest largest regret, {most}, has {found.careful}.")  # fmt: skip
    box = found.boxes[(found.boxes["strategy"] == found.winner) & (found.boxes["uncertainty"] != "")]
    if len(box):
        where = " and ".join(f"{r['uncertainty']} is {_bounds(r)}" for r in box.to_dict("records"))
        sentence += (f" {found.winner} fails most where {where}: {box['coverage'].iloc[0]:.0%} of its failures lie "
                     f"there, and it fails in {box['density'].iloc[0]:.0%} of those worlds.")  # fmt: skip
    heads = ["strategy", "best in", "95 % interval", "mean", "5 % worst", "mean regret", "95 % regret",
             "largest regret"]  # fmt: skip
    wish = found.manifest["robust"]["threshold"]
    rows = []
    for r in found.summary.to_dict("records"):
        money = [n.value(float(r[c]), metric.unit) for c in ("mean", "bad", "mean_regret", "bad_regret", "max_regret")]
        rows.append([r["strategy"], f"{r['wins']:.0%}", f"{r['wins_low']:.0%} to {r['wins_high']:.0%}", *money,
                     *([f"{r['met']:.0%}"] if wish is not None else [])])  # fmt: skip
    if wish is not None:
        heads.append(f"meets {n.value(float(wish), metric.unit)}")
    boxes = [
        [r["strategy"], f"{r['fails']:.0%}", r["uncertainty"] or DASH, _bounds(r) if r["uncertainty"] else DASH,
         *(f"{r[c]:.0%}" if math.isfinite(r[c]) else DASH for c in ("coverage", "density", "checked", "mass")),
         f"{r['p']:.2g}" if math.isfinite(r["p"]) else DASH]
        for r in found.boxes.to_dict("records")
    ]  # fmt: skip
    tables = [
        (f"{metric.label} over the worlds", heads, rows),
        ("Where each strategy fails", ["strategy", "fails in", "uncertainty", "in the box", "coverage", "density",
                                       "density, checked", "share of worlds", "p"], boxes),
    ]  # fmt: skip
    fails = "misses the wish" if wish is not None else "another strategy is better"
    notes = [f"A strategy fails where {fails}. Coverage: share of its failures inside the box; density: share of the "
             "worlds in the box where it fails; checked: the same on worlds the box was not made from (PRIM)."]
    notes.insert(0, _drawn(found))
    if found.decided is not None:
        notes.append(f"In {found.decided:.0%} of the worlds the replications tell the best strategy from the others; "
                     "in the rest chance has a part in who is called best.")  # fmt: skip
    shown = [("regret", found.figure("regret")), ("worlds", found.figure("worlds"))] if draw else []
    return Told("Robust choice", sentence, tables, notes, shown)


def _drawn(found: Any) -> str:
    """What the worlds differ in: the scenario's own uncertainties, and assumptions over their plausible ranges."""
    ignore = {"world", "strategy", "value", "regret", "best"}
    every = [name for name in found.regret.columns if name not in ignore]
    assumed = [name for name in found.manifest["robust"].get("assumed", []) if name in every]
    named = len(every) - len(assumed)
    if not assumed:
        return f"The worlds differ in what was named as uncertain: {', '.join(every)}."
    return (f"The worlds differ in {len(every)} numbers, drawn together: {named} that the scenario names as uncertain "
            f"and {len(assumed)} assumptions (standing A), each over its plausible range; "
            "'--over declared' leaves them as they stand.")  # fmt: skip


def of_optimum(found: Any, draw: bool = True) -> Told:
    """The best levers, their value on fresh seeds, the gain over the reference, and how optimistic the search was."""
    metric, n, said = declared(found.outcome), numbers_of(found.manifest), found.manifest
    mine = found.finals[found.finals["outcome"] == found.outcome].set_index("arm")
    if found.winner is None:
        sentence = "On fresh seeds no finalist meets every constraint: what the search had found was luck."
    else:
        row = mine.loc[found.winner]
        half = (row["high"] - row["low"]) / 2
        sentence = (f"The best found has {metric.label.lower()} {n.value(row['mean'], metric.unit, spread=half)} "
                    f"({n.interval(row['low'], row['high'], metric.unit, mean=row['mean'])}) on fresh "
                    "seeds")  # fmt: skip
        if math.isfinite(row["searched"]):
            sentence += f"; the search had promised {n.value(row['searched'], metric.unit, spread=half)}"
        reference = "equal split" if "equal split" in mine.index else "scenario as it stands"
        sure = "" if row["gain_low"] * row["gain_high"] > 0 else ", not decided"
        gain = n.value(row["gain"], metric.unit, sign=True, spread=(row["gain_high"] - row["gain_low"]) / 2)
        sentence += f". Against the {reference}: {gain} (P better {row['p_better']:.0%}{sure})."
    every = list(found.levers)
    heads = ["arm", *(short(path, every) for path in every), "outcome", "searched", "fresh mean", "95 % interval",
             "gain", "95 % interval", "P(better)", "constraints"]  # fmt: skip
    rows = []
    for r in found.finals.to_dict("records"):
        if r.get("error"):
            rows.append([r["arm"], *([DASH] * len(every)), DASH, DASH, str(r["error"]), *[DASH] * 5])
            continue
        unit = declared(r["outcome"]).unit
        half = (r["high"] - r["low"]) / 2
        rows.append([
            r["arm"] + (" *" if r["arm"] == found.winner else ""), *_levers(r, every), declared(r["outcome"]).label,
            n.value(r["searched"], unit, spread=half), n.value(r["mean"], unit, spread=half),
            n.interval(r["low"], r["high"], unit, mean=r["mean"]),
            n.value(r.get("gain", math.nan), unit, sign=True, spread=half),
            n.interval(r.get("gain_low", math.nan), r.get("gain_high", math.nan), unit, sign=True),
            f"{r['p_better']:.0%}" if math.isfinite(r.get("p_better", math.nan)) else DASH,
            "met" if r["met"] else "missed",
        ])  # fmt: skip
    states = found.trials["state"].value_counts()
    notes = [
        f"{len(found.trials)} candidates: {states.get('complete', 0)} seen to the end, {states.get('pruned', 0)} given "
        f"up early, {states.get('fail', 0)} failed; {int(found.trials['feasible'].sum())} met every constraint"
        + (f" ({', '.join(said['constraints'])})." if said["constraints"] else "."),
        f"Finalists live {said['confirm']} seeds the search has never seen: the best of many is partly the luckiest, "
        "and fresh seeds take that luck off. Their intervals hold together. Shares of a mix sum to 100 %.",
    ]
    shown = [("finals", found.figure("finals")), ("course", found.figure("course"))] if draw else []
    return Told("The best setting", sentence, [("Finalists on fresh seeds", heads, rows)], notes, shown)


def _levers(row: dict[str, Any], paths: Sequence[str]) -> list[str]:
    """Values of levers; weights of one mix as shares."""
    made = []
    for path in paths:
        value = row.get(path)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            made.append(DASH)
        elif ".plan.mix." in path:
            mix = [p for p in paths if p.rpartition(".")[0] == path.rpartition(".")[0]]
            made.append(f"{float(value) / max(1e-12, sum(float(row[p]) for p in mix)):.0%}")
        else:
            made.append(f"{value:.4g}" if isinstance(value, float) else str(value))
    return made


def _bounds(row: dict[str, Any]) -> str:
    return f"{row['low']:.3g} to {row['high']:.3g}"


_HEADS = {"mu_star": "effect", "mu": "signed effect", "sigma": "spread (interaction)", "total": "total",
          "first": "alone", "median_ks": "distance", "most_ks": "largest distance"}  # fmt: skip
_METHOD = {
    "morris": "Effect: mean absolute change of the outcome over a factor's whole range, others anywhere in theirs "
    "(Morris, mu*). A large spread means that it depends on the other factors, or is not straight.",
    "sobol": "Total: share of the variance that would stay if only this factor were unknown; alone: what knowing it "
    "would take away (Sobol).",
    "pawn": "Distance between the outcome's distribution and that within a tenth of the factor's range (PAWN); a "
    "factor without influence is not at 0 but at the dashed line.",
}


def write_page(results: Any, path: Path) -> Path:
    """Write the page of an exploration; it appears whole or not at all."""
    told = told_of(results)
    assert told is not None
    manifest, here = results.manifest, Path(__file__).parent
    environment = Environment(loader=FileSystemLoader(here), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    drawn = [Markup(svg(figure, f"f{k}", name)) for k, (name, figure) in enumerate(told.figures)]
    facts = {"run id": manifest["run_id"], "seed": manifest["seed"], "replications": manifest["replications"],
             "scenario file": manifest.get("scenario_file"), "command": manifest.get("command"),
             **{f"version of {name}": text for name, text in manifest["versions"].items()},
             "finished": manifest["timings"]["finished"]}  # fmt: skip
    style = Markup((here / "page.css").read_text(encoding="utf-8"))
    page = environment.get_template("explored.html.j2").render(
        style=style, told=told, scenario=manifest["scenario"], question=manifest.get("question") or "", figures=drawn,
        facts={key: str(value) for key, value in facts.items() if value is not None},
    )  # fmt: skip
    write_text(page, path)
    return path
