"""``sim dashboard``: the live page, in a browser of this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli import options

INSTALL = "pip install 'sim[dashboard]'"


def dashboard(
    scenario: Annotated[str, typer.Argument(help="Scenario file, or a name that 'sim list' shows.")] = "koc_or_kol",
    strategy: Annotated[
        list[str] | None,
        typer.Option(help="Strategy to play; give it twice for both sides. Default: the baseline and the next one.",
                     show_default=False),
    ] = None,
    sets: options.Sets = None,
    data: options.Data = None,
    seed: options.Seed = 0,
    days: options.Days = None,
    consumers: options.Consumers = None,
    host: Annotated[
        str, typer.Option(help="Address to serve on. Anything but this machine needs the token that is printed.")
    ] = "localhost",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: a free one.")] = 5006,
    lang: options.Lang = "en",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
) -> int:
    """Watch a market live and steer it: play, step, move levers, throw events in, take it all home as YAML."""
    from sim.contract import ScenarioError

    if len(strategy or ()) > 2:
        raise ScenarioError("--strategy: the page has two sides; give it once or twice")
    made = options.opened(scenario, sets, days, consumers, data)
    for name in strategy or ():
        made.for_strategy(name)
    try:
        import panel  # type: ignore[import-untyped,unused-ignore]  # noqa: F401
    except ImportError:
        raise ScenarioError(f"the live page needs panel, which is not installed: {INSTALL}") from None
    from sim.dashboard.serve import Site

    site = Site(made, *(strategy or ()), seed=seed, lang=lang, host=host, port=port)
    print(f"{made.name}: {site.url}\nCtrl-C ends it.", flush=True)
    if browser:
        typer.launch(site.url)
    site.run()
    return 0
