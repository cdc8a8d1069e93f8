"""Who hangs on what: members, terminals and places, drawn from the ring's settlements."""

import random
from dataclasses import dataclass

import altair as alt
import igraph
import pandas as pd

from app.explorer.charts import FOR
from app.explorer.words import shortened
from ingest.texts import Language, say

SEED = 7
LIMIT = 300
LABELS = 60

# Colour is the family, shape the type; the table of types in the interface page.
STYLE = {
    "Patient": ("circle", "#0072B2"),
    "Device": ("square", "#009E73"),
    "Pharmacy": ("M-.5-.87L.5-.87L1,0L.5,.87L-.5,.87L-1,0Z", "#009E73"),
    "Institution": ("M0-1L.95-.31L.59,.81L-.59,.81L-.95-.31Z", "#009E73"),
    "Doctor": ("diamond", "#CC79A7"),
    "Staff": ("M-1-.6L.4-.6L1,0L.4,.6L-1,.6Z", "#CC79A7"),
}
TIES = ("swiped_at", "installed_at", "prescribed_for", "rang_up", "swiped_with")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A laid-out network; ``left_out`` nodes had no room and their edges went with them."""

    nodes: pd.DataFrame
    edges: pd.DataFrame
    left_out: int


def picture(ties: pd.DataFrame) -> Picture:
    """Lay out the edges of a ring; the same edges give the same picture.

    Where there are more than ``LIMIT`` nodes, those with the most settlements are kept.
    """
    ends = [("left", "left_type"), ("right", "right_type")]
    weights = pd.concat(
        [
            ties[[end, kind, "times"]].set_axis(["id", "type", "times"], axis="columns")
            for end, kind in ends
        ]
    )
    nodes = weights.groupby(["id", "type"], as_index=False)["times"].sum()
    nodes = nodes.sort_values(["times", "id"], ascending=[False, True], kind="stable")
    left_out = max(0, len(nodes) - LIMIT)
    nodes = nodes.head(LIMIT).sort_values("id").reset_index(drop=True)
    index = {node: n for n, node in enumerate(nodes["id"])}
    edges = ties[ties["left"].isin(index) & ties["right"].isin(index)].reset_index(drop=True)
    pairs = list(zip(edges["left"].map(index), edges["right"].map(index), strict=True))
    nodes["x"], nodes["y"] = _laid_out(len(nodes), pairs)
    short = shortened(nodes["id"])
    nodes["name"] = [short[one].removeprefix("proxy:") for one in nodes["id"]]
    for end, column in (("left", ""), ("right", "2")):
        edges[f"x{column}"] = edges[end].map(dict(zip(nodes["id"], nodes["x"], strict=True)))
        edges[f"y{column}"] = edges[end].map(dict(zip(nodes["id"], nodes["y"], strict=True)))
    return Picture(nodes=nodes, edges=edges, left_out=left_out)


def narrowed(whole: Picture, ties: pd.DataFrame) -> Picture:
    """Return the part of a picture that these ties make; what stays does not move."""
    counts = ties.set_index(["tie", "left", "right"])["times"]
    edges = whole.edges.drop(columns="times").join(counts, on=["tie", "left", "right"], how="inner")
    ends = pd.concat(
        [
            edges[[end, "times"]].set_axis(["id", "times"], axis="columns")
            for end in ("left", "right")
        ]
    )
    times = ends.groupby("id")["times"].sum()
    nodes = whole.nodes.drop(columns="times").join(times, on="id", how="inner")
    return Picture(
        nodes=nodes.reset_index(drop=True),
        edges=edges.reset_index(drop=True),
        left_out=whole.left_out,
    )


def network(
    drawn: Picture, lang: Language, *, ink: str, paper: str, height: int = 520
) -> alt.LayerChart:
    """Draw the picture: validated pairs in vermilion, everything else in grey lines."""
    present = [kind for kind in STYLE if kind in set(drawn.nodes["type"])]
    named = {kind: say(f"explorer.node.{kind}", lang) for kind in present}
    nodes = drawn.nodes.assign(type_name=drawn.nodes["type"].map(named))
    ties = [tie for tie in TIES if tie in set(drawn.edges["tie"])]
    tied = {tie: say(f"explorer.tie.{tie}", lang) for tie in ties}
    edges = drawn.edges.assign(tie_name=drawn.edges["tie"].map(tied))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.06, 1.06], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.08, 1.06], nice=False))
    lines = (
        alt.Chart(edges)
        .mark_rule(opacity=0.7)
        .encode(
            x=x,
            y=y,
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color(
                "tie_name:N",
                title=None,
                scale=alt.Scale(
                    domain=[tied[tie] for tie in ties],
                    range=[FOR if tie == "swiped_with" else "#8A8A8A" for tie in ties],
                ),
                legend=None,
            ),
            strokeDash=alt.StrokeDash(
                "tie_name:N",
                title=None,
                scale=alt.Scale(
                    domain=[tied[tie] for tie in ties],
                    range=[[3, 3] if tie == "installed_at" else [1, 0] for tie in ties],
                ),
                legend=None,
            ),
            size=alt.Size("times:Q", scale=alt.Scale(type="sqrt", range=[0.8, 3.5]), legend=None),
            tooltip=[
                alt.Tooltip("tie_name:N", title=say("explorer.column.tie", lang)),
                alt.Tooltip("times:Q", title=say("explorer.column.times", lang)),
            ],
        )
    )
    colours = {named[kind]: STYLE[kind][1] for kind in present}
    shapes = {named[kind]: STYLE[kind][0] for kind in present}
    points = (
        alt.Chart(nodes)
        .mark_point(filled=True, opacity=1, size=230, stroke="#444", strokeWidth=0.8)
        .encode(
            x=x,
            y=y,
            fill=alt.Fill(
                "type_name:N",
                title=None,
                scale=alt.Scale(domain=list(colours), range=list(colours.values())),
                legend=alt.Legend(orient="top", symbolSize=160, symbolStrokeWidth=0.8),
            ),
            shape=alt.Shape(
                "type_name:N",
                title=None,
                scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
            ),
            tooltip=[
                alt.Tooltip("type_name:N", title=say("explorer.column.entity_type", lang)),
                alt.Tooltip("id:N", title=say("explorer.column.entity", lang)),
                alt.Tooltip("times:Q", title=say("explorer.column.times", lang)),
            ],
        )
    )
    shown = nodes if len(nodes) <= LABELS else nodes[nodes["type"] != "Patient"]
    text = alt.Chart(shown).encode(x=x, y=y, text="name:N")
    halo = text.mark_text(fontSize=11, dy=17, stroke=paper, strokeWidth=4, opacity=0.85)
    labels = text.mark_text(fontSize=11, dy=17, color=ink)
    move = alt.selection_interval(bind="scales", zoom="wheel![event.shiftKey]", name="move")
    chart: alt.LayerChart = alt.layer(
        lines, points.add_params(move), halo, labels, height=height
    ).resolve_scale(color="independent", size="independent")
    return chart


def _laid_out(size: int, pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """Place the nodes in the unit square by Fruchterman and Reingold from a fixed start."""
    graph = igraph.Graph(n=size, edges=sorted(set(pairs)))
    igraph.set_random_number_generator(random.Random(SEED))  # noqa: S311 - a picture, no secret
    start = graph.layout_circle()
    at = graph.layout_fruchterman_reingold(seed=start, grid=False, niter=600)
    igraph.set_random_number_generator(random)
    return _unit([x for x, _ in at]), _unit([y for _, y in at])


def _unit(values: list[float]) -> list[float]:
    low, high = min(values), max(values)
    return [0.5 if high == low else (value - low) / (high - low) for value in values]
