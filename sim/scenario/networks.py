"""Who knows whom: the kinds of social network a scenario may name. Schema only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sim.contract import Params, quantity

LASTFM = "chosen to resemble the friendships of LastFM Asia (Rozemberczki & Sarkar 2020)"


class CommunityNetwork(Params):
    """Friendships: communities with strong ties inside, weak ties across."""

    kind: Literal["community"] = "community"
    mean_degree: float = quantity(7.3, "Mean number of friends.", unit="people", source=LASTFM, gt=0, le=500,
                                  applies="build", plausible=(5, 30))  # fmt: skip
    degree_spread: float = quantity(1.2, "Log-spread of the number of friends (lognormal body).", unit="log",
                                    source=LASTFM, gt=0, le=3, applies="build", plausible=(0.7, 1.4))  # fmt: skip
    strong_share: float = quantity(0.85, "Share of ties inside communities.", unit="share", source=LASTFM, ge=0, le=1,
                                   applies="build", plausible=(0.5, 0.95))  # fmt: skip
    community_max: int = quantity(500, "Largest community.", unit="people", ge=2, applies="build")
    community_mean: float = quantity(95.0, "Mean size of communities.", unit="people", source=LASTFM, ge=2,
                                     applies="build", plausible=(20, 150))  # fmt: skip
    closure: float = quantity(0.2, "Chance that a tie inside a community closes a triangle.", unit="prob",
                              source=LASTFM, ge=0, le=1, applies="build", plausible=(0.05, 0.6))  # fmt: skip
    tail: float = quantity(3.3, "Exponent of the tail of degrees, where the lognormal would fall faster.",
                           source=LASTFM, gt=2, le=10, applies="build", plausible=(2.3, 4))  # fmt: skip
    tie_strong: float = quantity(1.0, "Strength of a tie inside a community.", ge=0, le=1, applies="build")
    tie_weak: float = quantity(0.3, "Strength of a tie across communities.", ge=0, le=1, applies="build",
                               plausible=(0.1, 0.6))  # fmt: skip


class FileNetwork(Params):
    """An edge list of one's own."""

    kind: Literal["file"]
    path: str = quantity(
        ..., "CSV or text file, Parquet, GraphML, GEXF or GML; relative to the scenario.", applies="build"
    )
    columns: list[str | int] | None = quantity(
        None, "The two columns, by name or position; none: the first two.", applies="build", min_length=2, max_length=2
    )
    weight: str | int | None = quantity(None, "Column of tie strength; none: all 1.", applies="build")
    directed: bool = quantity(False, "Ties run one way, from the first to the second.", applies="build")
    header: bool | Literal["auto"] = quantity("auto", "Whether the first line names the columns.", applies="build")
    separator: str = quantity("auto", "Between columns; auto: found out.", applies="build", min_length=1)


class NetworkxNetwork(Params):
    """A random graph by a generator of networkx, for small worlds."""

    kind: Literal["networkx"]
    generator: str = quantity("fast_gnp_random_graph", "Name of the generator, with its _graph.", applies="build")
    args: dict[str, Any] = quantity({}, "Its arguments; n and seed are filled in.", applies="build")


class WellMixed(Params):
    """Everybody meets everybody; no ties are stored."""

    kind: Literal["well_mixed"]


Network = Annotated[CommunityNetwork | FileNetwork | NetworkxNetwork | WellMixed, Field(discriminator="kind")]
