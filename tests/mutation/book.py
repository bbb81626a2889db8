"""The page of the mutation check, docs/mutation.md, from the last result of each module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

UNKNOWN = "not looked at yet"


def read_reasons(path: Path) -> dict[str, str]:
    """Reason by the key of a fault; empty when there is no file."""
    if not path.exists():
        return {}
    found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {fault: reason for reason, faults in found.items() for fault in faults}


def keep(path: Path, found: dict[str, tuple[int, list[str]]]) -> None:
    """Put the results of modules (faults, survivors) among those kept."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept |= {module: {"faults": n, "survivors": survivors} for module, (n, survivors) in found.items()}
    path.write_text(json.dumps(dict(sorted(kept.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def untried(kept: dict[str, Any]) -> list[str]:
    """A line that names the modules of rules that have not been tried, if there are any."""
    rules = {p.stem for p in (Path(__file__).resolve().parents[2] / "sim" / "rules").glob("*.py")}
    rest = sorted(rules - set(kept) - {"__init__", "arrival"})  # these two compute nothing
    return ["", f"Not tried since they were last changed: {', '.join(f'`{m}`' for m in rest)}."] if rest else []


def page(path: Path, reasons: dict[str, str]) -> str:
    """Markdown of the results kept."""
    kept = {m: found for m, found in json.loads(path.read_text(encoding="utf-8")).items() if found["faults"]}
    total, left = (sum(n) for n in zip(*((f["faults"], len(f["survivors"])) for f in kept.values()), strict=True))
    lines = [
        "# Rules broken on purpose",
        "",
        "Written by `make mutation` (`python tests/mutation/mutate.py --write`). One fault at a time is put into",
        "a module of `sim/rules`: another operator or comparison, a sign, a number moved by one or doubled, a day",
        "that is the next day, `min` for `max`. The tests of `tests/rules` then run without the compiler. A fault",
        "that none of them notices survives.",
        "",
        f"**{total - left} of {total} faults are noticed ({1 - left / total:.1%}).** The goal is 90 %.",
        *untried(kept),
        "",
        "| module | faults | noticed | survive |",
        "|---|---:|---:|---:|",
        *(f"| `{m}` | {f['faults']} | {f['faults'] - len(f['survivors'])} | {len(f['survivors'])} |"
          for m, f in kept.items()),
        "",
        "## Survivors, and why",
        "",
    ]  # fmt: skip
    by_reason: dict[str, list[str]] = {}
    for found in kept.values():
        for key in found["survivors"]:
            by_reason.setdefault(reasons.get(key, UNKNOWN), []).append(key)
    for reason, keys in by_reason.items():
        lines += [f"{reason[0].upper()}{reason[1:]}:", "", *(f"- `{key.replace('`', '')}`" for key in keys), ""]
    return "\n".join(lines).rstrip() + "\n"
