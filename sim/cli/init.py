"""``sim init``: a first scenario of one's own, from a few flags or questions, with comments."""

from __future__ import annotations

import json as _json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.mechanism import Mechanism, init_mechanism

STARTER = """\
# yaml-language-server: $schema=./scenario.schema.json
#
# One merchant, one product, and ways to spend the same money. Every word is a field: ask what one means with
#   sim explain merchants.plan.mix               and see everything that is left to a default with
#   sim validate {file} --resolved

extends:                                     # presets: people, goods, parcels, creators; then where it is sold
  - presets/market/small_city.yaml
{places}
name: {name}
question: {question}
market: {{consumers: {consumers}, days: {days}}}      # budgets below are stated for so many people
{category_block}
merchants:
  - name: {merchant}
    products:
      - name: {product}
        category: {category}
        price: {price:g}                           # yuan; so are all amounts
        unit_cost: {cost:g}
        quality: {quality:g}                         # 0 to 1; what people are told: advertised_quality
        cycle_days: {cycle:g}                        # days until it is used up and wanted again; 0: never
        initial: {{aware: 0.02}}                # who knows it already: also buyers, reviews, rating
    plan:
      budget_per_day: {budget:g}                  # split over ads, kol (creators), koc (users' notes), community
      mix: {{ads: 1}}

strategies:                                  # what may be chosen: changes to the market above, by path
  all_ads: {{}}
  seeding: {{{mix_path}: {{koc: 0.8, ads: 0.2}}}}
  creators: {{{mix_path}: {{kol: 0.8, ads: 0.2}}}}
{group}
# events:                                    # what happens anyway: sim list events
#   - {{use: parcel_jam, day: 60, strength: 0.5}}

uncertainties:                               # what nobody knows: ranges for sim compare {file} --robust 64
  mechanisms.sharing.reach_per_share: [0.05, 0.35]
  {quality_path}: [{low:.2f}, {high:.2f}]

outcomes: [profit, new_buyers, repurchase_30d]    # sim explain metrics
experiment: {{replications: 10, baseline: all_ads}}
"""

GROUP = "  group_buy: {{{path}: {{size: 3, hours: 24, discount: 0.15}}}}\n"


@dataclass
class Start:
    """What a first scenario is made from."""

    merchant: str = "Lumi"
    product: str = "serum"
    category: str = "beauty"
    price: float = 199.0
    cost: float | None = None
    quality: float = 0.8
    budget: float = 400.0
    consumers: int = 5_000
    days: int = 90
    platforms: tuple[str, ...] = ("notes",)


QUESTIONS = {
    "merchant": "Whose question is it (a brand or shop)?", "product": "What does it sell?",
    "category": "Of which category (any word; beauty, food, apparel, home ... are known)?",
    "price": "At which price, yuan?", "cost": "What does one cost you, yuan?",
    "budget": "How much may be spent on marketing, yuan a day?", "consumers": "How many people are in the market?",
    "days": "For how many days?",
}  # fmt: skip

FileArg = Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")]
Place = Annotated[
    list[str] | None,
    typer.Option("--platform", metavar="NAME", show_default=False,
                 help="Where it is sold, as 'sim list presets' names places; default: notes. May be repeated."),
]  # fmt: skip


def _flag(text: str, metavar: str = "TEXT") -> Any:
    return typer.Option(metavar=metavar, help=text, show_default=False)


def init(
    file: FileArg = Path("my_scenario.yaml"),
    merchant: Annotated[str | None, _flag("Name of the brand or shop.")] = None,
    product: Annotated[str | None, _flag("What it sells.")] = None,
    category: Annotated[str | None, _flag("Its category, known or new.")] = None,
    price: Annotated[float | None, _flag("Price, yuan.", "YUAN")] = None,
    cost: Annotated[float | None, _flag("Cost of one, yuan; default: a third of the price.", "YUAN")] = None,
    quality: Annotated[float | None, _flag("How good it is, 0 to 1.", "0..1")] = None,
    budget: Annotated[float | None, _flag("Marketing budget, yuan a day.", "YUAN")] = None,
    consumers: Annotated[int | None, _flag("People in the market.", "N")] = None,
    days: Annotated[int | None, _flag("Days to simulate.", "N")] = None,
    platform: Place = None,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", show_default=False,
                     help="Ask for what no flag says; default: on a terminal, when no flag is given."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    mechanism: Mechanism = None,
) -> int:  # fmt: skip
    """Write a first scenario of your own, and the schema by which editors complete and check it."""
    if mechanism is not None:
        return init_mechanism(mechanism, force)
    from sim.contract import Problem, ScenarioError

    if file.exists() and not force:
        problem = Problem("is there already; name another file, or overwrite it with --force", file=str(file))
        raise ScenarioError([problem])
    said = {"merchant": merchant, "product": product, "category": category, "price": price, "cost": cost,
            "quality": quality, "budget": budget, "consumers": consumers, "days": days,
            "platforms": tuple(platform) if platform else None}  # fmt: skip
    given: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    if ask or (ask is None and not given and sys.stdin.isatty()):
        given |= _asked(given)
    text = written(Start(**given), file.name)
    _checked(text)
    _write(file, text)
    return 0


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """Answers to the questions no flag has answered; Enter takes what is offered."""
    start = Start(**given)
    found: dict[str, Any] = {}
    typer.echo("A few questions; Enter takes what is in brackets.", err=True)
    for key, question in QUESTIONS.items():
        if key not in given:
            offered = getattr(start, key) if key != "cost" else round(found.get("price", start.price) / 3)
            found[key] = typer.prompt(question, default=offered, type=type(offered), err=True)
    return found


def written(start: Start, file: str) -> str:
    """The text of a scenario. Raises ScenarioError on an unknown platform."""
    from sim.contract import ScenarioError
    from sim.scenario.loading import presets
    from sim.scenario.paths import nearest, quote

    places = sorted(name.split("/")[-1].removesuffix(".yaml") for name in presets() if "/platforms/" in name)
    for place in start.platforms:
        if place not in places:
            raise ScenarioError(f"--platform {place}: there is no such place{nearest(place, places)}")
    path, product_path = f"merchants.{quote(start.merchant)}", quote(start.product)
    known = _categories()
    own = f"\ncategories:                                  # not among the known ones: what people are used to pay\n" \
          f"  - {{name: {_yaml(start.category)}, reference_price: {start.price:g}}}\n"  # fmt: skip
    return STARTER.format(
        file=file, places="".join(f"  - presets/platforms/{place}.yaml\n" for place in start.platforms),
        name=_yaml(f"{start.merchant}: {start.product}"),
        question="Should the budget go to ads, to ordinary users who write about it, or to creators?",
        consumers=start.consumers, days=start.days, merchant=_yaml(start.merchant), product=_yaml(start.product),
        category=_yaml(start.category), category_block="" if start.category in known else own, price=start.price,
        cost=start.price / 3 if start.cost is None else start.cost, quality=start.quality,
        cycle=45 if start.category in known else 30, budget=start.budget,
        mix_path=_key(f"{path}.plan.mix"), quality_path=_key(f"{path}.products.{product_path}.quality"),
        low=max(0.0, start.quality - 0.1), high=min(1.0, start.quality + 0.1),
        group=GROUP.format(path=_key(f"{path}.plan.group")) if "group_buy" in start.platforms else "",
    )  # fmt: skip


def _categories() -> list[str]:
    from sim.scenario.loading import read

    return [item["name"] for item in read("presets/market/small_city.yaml").data["categories"]]


def _yaml(text: str) -> str:
    """Text as YAML reads it, in quotes where it needs them."""
    return text if re.fullmatch(r"[^\W\d_][\w .-]*", text) and text.lower() not in ("true", "false", "null") \
        else _json.dumps(text, ensure_ascii=False)  # fmt: skip


def _key(path: str) -> str:
    """A path as a key of YAML."""
    return path if re.fullmatch(r"[\w.*-]+", path) else _json.dumps(path, ensure_ascii=False)


def _checked(text: str) -> None:
    """Raise ScenarioError, in terms of the flags, when the flags make no market."""
    from sim.contract import Problem, ScenarioError
    from sim.scenario import load

    try:
        load(text)
    except ScenarioError as error:
        raise ScenarioError([Problem(f"{p.message} (nothing was written)", p.path) for p in error.problems]) from None


def _write(file: Path, text: str) -> None:
    from sim.cli.passports import json_schema

    schema = file.parent / "scenario.schema.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    described = _json.dumps(json_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    schema.write_text(described, encoding="utf-8", newline="\n")
    print(f"{file}: written, with {schema} for editors. Next:\n  sim validate {file}\n  sim compare {file}")
