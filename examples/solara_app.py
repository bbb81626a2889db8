"""A market in mesa's own page. Show it with

    pip install 'sim[solara]'
    solara run examples/solara_app.py
"""

from __future__ import annotations

from pathlib import Path

from sim.dashboard import mesa_page

SCENARIO = Path(__file__).resolve().parent.parent / "scenarios" / "koc_or_kol.yaml"

page = mesa_page.page(SCENARIO, strategy="koc_first", seed=7, set={"market.consumers": 2000, "market.days": 90})
