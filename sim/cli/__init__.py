"""The command line: what ``sim --help`` lists.

Only this package prints. Importing it imports typer and nothing heavy; what a command needs is imported inside it.
Exit codes: 0 done, 2 the input is wrong, 3 some runs failed, 130 interrupted, 1 anything else.
"""

from __future__ import annotations

from sim.cli.app import app, call, main

__all__ = ["app", "call", "main"]
