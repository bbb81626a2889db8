"""The page of the mutation check: docs/mutation.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_reasons(path: Path) -> dict[str, str]:
    """Reason by the key of a fault; empty when there is no file."""
    if not path.exists():
        return {}
    found = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return {fault: entry["reason"] for entry in found for fault in entry["faults"]}


def page(rows: list[tuple[str, int, list[Any]]], reasons: dict[str, str]) -> str:
    """Markdown of (module, faults, survivors)."""
    total, left = sum(n for _, n, _ in rows), sum(len(s) for _, _, s in rows)
    lines = [
        "# Rules broken on purpose",
        "",
        "Written by `make mutation` (`python tests/mutation/mutate.py --write`). One fault at a time is put into",
        "a module of `sim/rules`: another operator or comparison, a sign, a number moved by one or doubled, a day",
        "that is the next day, `min` for `max`. The tests of `tests/rules` then run without the compiler. A fault",
        "that none of them notices survives.",
        "",
        f"**{total - left} of {total} faults are noticed ({1 - left / max(1, total):.1%}).** The goal is 90 %.",
        "",
        "| module | faults | noticed | survive |",
        "|---|---:|---:|---:|",
        *(f"| `{module}` | {n} | {n - len(s)} | {len(s)} |" for module, n, s in rows),
        "",
        "## Survivors, and why",
        "",
    ]
    for module, _, survivors in rows:
        if survivors:
            lines += [f"### {module}", ""]
            by_reason: dict[str, list[str]] = {}
            for fault in survivors:
                by_reason.setdefault(reasons.get(fault.key, "not looked at yet"), []).append(
                    f"`{fault.before}` → `{fault.after}` in `{fault.function}`"
                )
            for reason, places in by_reason.items():
                lines += [f"{reason[0].upper()}{reason[1:].rstrip('.')}:", "", *(f"- {place}" for place in places), ""]
    return "\n".join(lines).rstrip() + "\n"
