"""Examples under the help of every command, and the one line that ``sim --help`` has for each."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "list": ("sim list", "sim list presets", "sim list events --json"),
    "init": ("sim init", "sim init tea.yaml --product tea --category tea --price 58 --budget 300",
             "sim init tea.yaml --ask"),
    "validate": ("sim validate koc_or_kol", "sim validate my_scenario.yaml --resolved",
                 "sim validate koc_or_kol --set merchants.Lumi.products.serum.price=149"),
    "run": ("sim run baseline --consumers 2000 --days 60", "sim run koc_or_kol --strategy koc_first --replications 5",
            "sim run koc_or_kol --profile"),
    "compare": ("sim compare koc_or_kol --consumers 5000 --replications 8", "sim compare my_scenario.yaml --dry-run",
                "sim compare koc_or_kol --set merchants.Lumi.products.serum.price=179 --lang zh",
                "sim compare koc_or_kol --with nothing --why", "sim compare koc_or_kol --why --by creator --by person",
                "sim compare koc_or_kol --robust 64"),
    "sweep": ("sim sweep plan.yaml --dry-run", "sim sweep plan.yaml --consumers 2000 --jobs 2"),
    "sensitivity": ("sim sensitivity koc_or_kol --consumers 2000",
                    "sim sensitivity koc_or_kol --method sobol --samples 64"),
    "optimise": ("sim optimise koc_or_kol --lever merchants.Lumi.products.serum.price=149..249 --trials 40",),
    "report": ("sim report results/koc_or_kol/RUN_ID", "sim report results/koc_or_kol/RUN_ID --lang zh",
               "sim report results/koc_or_kol/RUN_ID --brief"),
    "calibrate": ("sim calibrate plan.yaml", "sim calibrate plan.yaml --out results"),
    "verify": ("sim verify --quick", "sim verify --list", "sim verify V01 V13"),
    "explain": ("sim explain reach_per_share", "sim explain repurchase_90d", "sim explain sharing",
                "sim explain schedule", "sim explain 拼团",
                "sim explain merchants.Lumi.plan.mix koc_or_kol"),
    "contest": ("sim contest strategies/", "sim contest strategies/ koc_or_kol --consumers 3000 --replications 10",
                "sim contest strategies/ --seed 20260117 --outcome gmv", "sim contest strategies/ --dry-run"),
    "demo": ("sim demo", "sim demo --replications 20 --jobs 4"),
    "dashboard": ("sim dashboard koc_or_kol", "sim dashboard my_scenario.yaml --port 0 --no-browser"),
    "facts": ("sim facts --quick",),
    "bench": ("sim bench --repeats 3",),
}  # fmt: skip


SUMMARY: dict[str, str] = {
    "list": "Show the scenarios at hand, by topic.",
    "init": "Write a first scenario of your own.",
    "validate": "Check a scenario and name every mistake.",
    "demo": "See the product in one command.",
    "run": "Live one market under one strategy.",
    "compare": "Compare strategies; writes the report.",
    "contest": "Rank everybody's strategy in a folder.",
    "sweep": "Run every point of a design.",
    "sensitivity": "Rank what the answer depends on.",
    "optimise": "Search for the best setting of levers.",
    "report": "Write the page of a stored answer again.",
    "calibrate": "Fit parameters to your data.",
    "verify": "Check the engine against mathematics.",
    "explain": "Say what a field, metric or word means.",
    "dashboard": "Watch and steer a market in a browser.",
    "facts": "Hold market figures against the model.",
    "bench": "Measure speed and memory here.",
}
"""One line a command in ``sim --help``."""

START = """\b
First steps:
  sim demo                              the product in one command
  sim list                              the questions that come along
  sim compare koc_or_kol --dry-run      what would be run, and for how long
  sim init                              a scenario of your own
  sim dashboard                         a market to watch and steer
Everything can be asked:  sim explain;  sim COMMAND --help"""


def epilog(command: str) -> str | None:
    """The examples of a command as the help shows them: a heading and a line each; None without any."""
    if command not in EXAMPLES:
        return None
    return "\b\n" + "\n".join(("Examples:", *(f"  {line}" for line in EXAMPLES[command])))
