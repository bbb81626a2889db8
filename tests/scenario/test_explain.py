"""The parameter book and the schema for editors."""

from __future__ import annotations

import json

import pytest

from sim.contract import ScenarioError
from sim.scenario.explain import STANDINGS, book, explain
from sim.scenario.jsonschema import json_schema

BOOK = list(book())


def test_every_parameter_has_a_passport() -> None:
    assert len(BOOK) > 250
    for entry in BOOK:
        if entry.path.endswith(".kind"):
            continue
        assert entry.description, entry.path
        assert entry.type, entry.path
        assert entry.standing in STANDINGS.values()
        assert entry.applies in ("build", "day")
        assert set(entry.row()) >= {"path", "unit", "default", "bounds", "source"}
    paths = {entry.path for entry in BOOK}
    assert {"merchants.*.plan.mix.koc", "network.mean_degree", "network.path", "mechanisms.sharing.enabled"} <= paths


def test_every_entry_is_found_by_its_path() -> None:
    for entry in BOOK:
        if not entry.path.endswith(".kind"):
            assert explain(entry.path).path == entry.path


@pytest.mark.parametrize(
    ("asked", "path", "unit", "bounds"),
    [
        ("merchants.Lumi.products.serum.price", "merchants.*.products.*.price", "yuan", "> 0"),
        ("merchants.cash", "merchants.*.cash", "yuan", ""),
        ('merchants."Lumi & Co".cash', "merchants.*.cash", "yuan", ""),
        ("reach_per_share", "mechanisms.sharing.reach_per_share", "children/sharer", ">= 0, <= 0.95"),
    ],
)
def test_ways_to_ask(asked: str, path: str, unit: str, bounds: str) -> None:
    entry = explain(asked)
    assert (entry.path, entry.unit, entry.bounds) == (path, unit, bounds)


def test_sections_tell_their_parts() -> None:
    assert explain("merchants.Lumi.plan.mix").parts == ("ads", "kol", "koc", "community", "live", "content")
    assert "reach_per_share" in explain("mechanisms.sharing").parts
    assert "price" in explain("merchants.Lumi.products").parts


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("market.dayz", "did you mean 'days'"),
        ("reach_pr_share", "did you mean 'mechanisms.sharing.reach_per_share'"),
        ("enabled", "several fields have this name"),
        ("market.days.x", "nothing inside"),
        ("merchants..x", "cannot read the path"),
        ("", "a path is needed"),
    ],
)
def test_what_is_not_there(asked: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        explain(asked)


def test_the_schema_for_editors() -> None:
    made = json_schema()
    json.dumps(made)
    assert "extends" in made["properties"]
    assert made["additionalProperties"] is False
    price = made["$defs"]["Product"]["properties"]["price"]
    assert price["exclusiveMinimum"] == 0
    assert "[yuan]" in price["description"]
    assert "oneOf" not in json.dumps(made["properties"]["network"])
