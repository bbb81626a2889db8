"""Reading what was stored: the tables of any sweep, comparison or run, as DataFrames, CSV or xarray."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim.contract import ScenarioError, SimError
from sim.experiments.statistics import mean_interval
from sim.experiments.store import MANIFEST, csv_text, read_json, read_parquet, write_text

FORMAT = 1
"""The layout of answers this version reads; one without a number is of this format."""

TABLES = ("cells", "runs", "outcomes", "daily", "failures")


class MissingExtra(SimError):
    """A library that is not installed, and how to install it."""


class Results:
    """The stored answer of a sweep, a comparison or a run.

    ``cells``: a row a cell: ``cell`` (number), ``strategy``, a column an axis, ``id``. ``runs``: a row a market: cell,
    strategy, axes, replication, seed, a column a metric. ``outcomes``: a row a cell and outcome: mean, low, high
    (95 %), n, sd. ``daily``: a row a market and day. ``failures``: a row a failed market. Each is read when first used.

    >>> swept = sim.sweep("presets/examples/tea.yaml", {"market.days": [5, 6]}, replications=1, jobs=1)
    >>> swept.axes, sorted(swept.cells["strategy"].unique())
    (['market.days'], ['plain', 'sale'])
    """

    def __init__(self, path: Path, manifest: dict[str, Any], tables: dict[str, pd.DataFrame] | None = None) -> None:
        self.path: Path | None = path
        self.manifest = manifest
        self.kind: str = manifest["kind"]
        self.axes: list[str] = list(manifest.get("axes", []))
        self._tables = tables

    def _read(self, name: str) -> pd.DataFrame:
        if self._tables is not None:
            return self._tables[name]
        assert self.path is not None
        return read_parquet(self.path / f"{name}.parquet")

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The design: what each cell is."""
        if self.kind == "sweep":
            return self._read("cells")
        cells = self.manifest.get("cells") or {}
        names = list(self.manifest["strategies"])
        return pd.DataFrame({"cell": range(len(names)), "strategy": names, "id": [cells.get(n, "") for n in names]})

    @property
    def design(self) -> pd.DataFrame:
        """Another name of ``cells``."""
        return self.cells

    @cached_property
    def runs(self) -> pd.DataFrame:
        """A row a finished market."""
        return self._read("runs") if self.kind == "sweep" else self._with_cell("summary")

    @cached_property
    def daily(self) -> pd.DataFrame:
        """A row a finished market and day; empty when days were not kept."""
        return self._read("daily") if self.kind == "sweep" else self._with_cell("daily")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """A row a failed market: cell, replication, seed, type, message, and for a sweep the file of the traceback."""
        if self.kind == "sweep":
            return self._read("failures")
        return pd.DataFrame(self.manifest.get("failures") or [], columns=["strategy", "seed", "error"])

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """Mean and interval of every outcome by cell."""
        if self.kind == "sweep":
            return self._read("outcomes")
        rows = []
        for (cell, strategy), runs in self.runs.groupby(["cell", "strategy"], sort=True):
            for name in (n for n in self.manifest["outcomes"] if n in runs.columns):
                i = mean_interval(runs[name].to_numpy(float))
                rows.append({"cell": cell, "strategy": strategy, "outcome": name, "mean": i.mean, "low": i.low,
                             "high": i.high, "n": i.n, "sd": i.sd})  # fmt: skip
        return pd.DataFrame(rows)

    def _with_cell(self, name: str) -> pd.DataFrame:
        frame = self._read(name)
        if "strategy" in frame.columns:
            number = dict(zip(self.cells["strategy"], self.cells["cell"], strict=True))
            frame = frame.assign(cell=frame["strategy"].map(number))
            frame = frame[["cell", *(column for column in frame.columns if column != "cell")]]
        return frame

    def table(self, outcome: str | None = None) -> pd.DataFrame:
        """One outcome (default: the first) with mean and interval, a row a cell."""
        wanted = outcome or self.manifest["outcomes"][0]
        found = self.outcomes[self.outcomes["outcome"] == wanted]
        if found.empty:
            names = ", ".join(dict.fromkeys(self.outcomes["outcome"]))
            raise KeyError(f"no outcome {wanted!r}; there are: {names}")
        return found.reset_index(drop=True)

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Write every table as CSV (UTF-8) into a folder, and give the files. Text that a spreadsheet would take for a
        formula has an apostrophe before it."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        written = []
        for name in TABLES:
            frame: pd.DataFrame = getattr(self, name)
            if len(frame.columns):
                write_text(csv_text(frame), place / f"{name}.csv")
                written.append(place / f"{name}.csv")
        return written

    def to_xarray(self) -> Any:
        """An xarray Dataset of the metrics: by axis, strategy and replication for a grid, else by cell and replication.

        Raises MissingExtra when xarray is not installed.
        """
        try:
            import xarray  # noqa: F401
        except ImportError as error:
            raise MissingExtra("to_xarray needs xarray: pip install 'sim[tables]'") from error
        axes = [name for name in self.axes if name != "strategy"]
        keys = [*axes, "strategy", "replication"]
        runs = self.runs.drop(columns=["cell", "seed"])
        if self.manifest.get("design") in (None, "grid") and not runs.duplicated(keys).any():
            return runs.set_index(keys).to_xarray()
        made = self.runs.drop(columns=["seed", "strategy", *axes]).set_index(["cell", "replication"]).to_xarray()
        told = self.cells.set_index("cell").loc[made["cell"].to_numpy()]
        return made.assign_coords({name: ("cell", told[name].to_numpy()) for name in ("strategy", *axes)})

    def in_memory(self) -> Results:
        """The same with every table read, and no folder."""
        tables = {name: getattr(self, name) for name in TABLES}
        found = Results(Path(), self.manifest, tables)
        found.path = None
        return found

    def __repr__(self) -> str:
        many = len(self.cells)
        failed = f", {len(self.failures)} failed" if len(self.failures) else ""
        where = self.path if self.path is not None else "in memory"
        return f"<Results of a {self.kind}: {many} cells, {len(self.runs)} runs{failed}; {where}>"


def load_results(path: str | Path) -> Results:
    """Open a stored answer: the folder that holds ``manifest.json``. Tables are read when first used.

    Raises ScenarioError when there is none, or when it is of another format.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> kept = sim.sweep("presets/examples/tea.yaml", {"market.days": [5, 6]}, replications=1, jobs=1, out=folder)
    >>> sim.load_results(kept.path).runs.equals(kept.runs)
    True
    """
    folder = Path(path)
    folder = folder.parent if folder.name == MANIFEST else folder
    manifest = read_json(folder / MANIFEST)
    if manifest is None or "kind" not in manifest:
        raise ScenarioError(f"{folder}: no finished answer here{_inside(folder)}")
    found = manifest.get("format", FORMAT if manifest["kind"] != "sweep" else 0)
    if found != FORMAT:
        remedy = _remedy(manifest) if _older(found) else "read it with the version that wrote it"
        raise ScenarioError(f"{folder}: written in format {found}, and this version reads format {FORMAT}: {remedy}")
    return Results(folder, manifest)


def _remedy(manifest: dict[str, Any]) -> str:
    """How an answer of an older format is made one of this format."""
    about = manifest.get("plan") or manifest.get("scenario_file") or "SCENARIO"
    command = f"sim {manifest.get('command') or manifest['kind']} {about}"
    return (f"to convert it, give its command again, '{command}' with its flags and the same --out; a new folder is "
            "written beside it, from the markets that are kept where they fit")  # fmt: skip


def _older(found: Any) -> bool:
    return isinstance(found, int) and found < FORMAT


def _inside(folder: Path) -> str:
    """What is said of a folder without a manifest: the answers below it, if any."""
    if not folder.is_dir():
        return " (no such folder)"
    below = sorted((file.parent for file in folder.glob(f"*/{MANIFEST}")), key=lambda place: place.name)
    if not below:
        return f": a folder of results has a {MANIFEST}, which a command writes last"
    return "; there are: " + ", ".join(str(place) for place in below[:8])
