"""Whether the markets of a question fit into memory together, told before any of them is built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.experiments.identity import BASE
from sim.experiments.question import Question

SMALL = 1_000_000
"""Consumers times products, over all processes, that need no look: less than one more process with its libraries."""


def size(question: Question, threads: int = 1) -> Any:
    """:class:`sim.state.size.Size` of one process at work on a question; None when the network says how many people.

    Strategies that share a warm-up stand beside the market that was warmed (decision D21).
    """
    from sim import catalogue
    from sim.state.size import estimate

    scenario = question.scenario
    if scenario.market.consumers is None:
        return None
    versions = [scenario.for_strategy(None if arm.strategy == BASE else arm.strategy) for arm in question.arms]
    one = estimate(scenario, catalogue.columns(scenario, *versions), scenario.market.consumers, threads)
    if len(versions) > 1 and scenario.market.warmup > 0:
        return replace(one, columns=2 * one.columns, buffers=2 * one.buffers)
    return one


def check(question: Question, workers: int, threads: int = 1) -> None:
    """Raise ScenarioError when ``workers`` processes of this question cannot have the memory they need."""
    people = question.scenario.market.consumers or 0
    if workers * people * max(1, sum(len(m.products) for m in getattr(question.scenario, "merchants", ()))) > SMALL:
        from sim.state.size import require

        require(size(question, threads), people, workers)
