"""Who swiped when: one line for each card, one tick for each settlement."""

import altair as alt
import pandas as pd

from app.explorer.charts import AXIS, FOR
from app.explorer.words import name_of, shortened
from ingest.texts import Language, say

LEGEND = 82
STATES = ("joint_session", "counted", "alone")
PLAIN = {"counted": "#56B4E9", "alone": "#8A8A8A"}


def lines(settlements: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return the settlements with the line each is drawn on, in order of first joint session.

    Cards that never took part in a joint session follow by their first settlement. Added columns:
    line (1 at the top), card_name, state (one of ``STATES``), hour (0–24), state_name.
    """
    frame = settlements.copy()
    frame["state"] = [_state(why) for why in frame["why"]]
    joint = frame[frame["state"] == "joint_session"].groupby("card_id")["settled_at"].min()
    first = frame.groupby("card_id")["settled_at"].min().to_frame("any")
    first["joint"] = joint
    order = first.sort_values(["joint", "any"], kind="stable", na_position="last").index
    frame["line"] = frame["card_id"].map({card: n for n, card in enumerate(order, 1)})
    frame["card_name"] = frame["card_id"].map(_card_names(frame, lang))
    at = pd.to_datetime(frame["settled_at"])
    frame["hour"] = at.dt.hour + at.dt.minute / 60 + at.dt.second / 3600
    frame["state_name"] = [say(f"explorer.raster.{state}", lang) for state in frame["state"]]
    frame["when"] = at.dt.strftime("%Y-%m-%d %H:%M:%S")
    return frame


def raster(frame: pd.DataFrame, lang: Language, *, by_hour: bool) -> alt.Chart:
    """Draw the lines of :func:`lines` over the calendar, or over the hours of one day."""
    cards = frame.drop_duplicates("line").sort_values("line")["card_name"].tolist()
    step = 20 if len(cards) <= 40 else 12 if len(cards) <= 100 else 7
    if by_hour:
        across = alt.X(
            "hour:Q",
            title=say("explorer.raster.hour_axis", lang),
            scale=alt.Scale(domain=[0, 24], nice=False),
            axis=alt.Axis(values=list(range(0, 25, 2)), format="02d"),
        )
    else:
        across = alt.X(
            "settled_at:T",
            title=say("explorer.raster.time_axis", lang),
            scale=alt.Scale(padding=10),
            axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True, tickCount=8),
        )
    names = [say(f"explorer.raster.{state}", lang) for state in STATES]
    said = {
        "card_name": "card",
        "when": "settled_at",
        "place": "place",
        "device": "device",
        "state_name": "state",
    }
    move = alt.selection_interval(
        bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]", name="move"
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_tick(opacity=1, thickness=2, size=max(5, step - 5))
        .encode(
            x=across,
            y=alt.Y(
                "card_name:N",
                sort=cards,
                title=say("explorer.raster.card_axis", lang),
                axis=alt.Axis(labelOverlap=True, labelLimit=220, grid=True, tickSize=0),
            ),
            color=alt.Color(
                "state_name:N",
                title=None,
                scale=alt.Scale(domain=names, range=[FOR, PLAIN["counted"], PLAIN["alone"]]),
                legend=alt.Legend(orient="top", symbolType="square", labelLimit=400),
            ),
            order=alt.Order("drawn_last:Q"),
            tooltip=[
                alt.Tooltip(f"{column}:N", title=say(f"explorer.column.{word}", lang))
                for column, word in said.items()
            ],
        )
        .transform_calculate(drawn_last="datum.state == 'joint_session' ? 1 : 0")
        .add_params(move)
        .properties(height=AXIS + LEGEND + step * len(cards))
    )
    return chart


def _state(why: object) -> str:
    if why == "joint_session":
        return "joint_session"
    return "counted" if isinstance(why, str) else "alone"


def _card_names(frame: pd.DataFrame, lang: Language) -> dict[str, str]:
    """Name a card by its holder; only where the holder has several, by the kind of card too."""
    cards = frame[["card_id", "person", "card_kind"]].drop_duplicates("card_id")
    short = shortened(cards["person"].dropna())
    cards = cards.assign(name=[short.get(person, "P-?") for person in cards["person"]])
    several = cards["name"].duplicated(keep=False)
    cards.loc[several, "name"] = [
        f"{name} {name_of('card_kind', kind, lang)}"
        for name, kind in zip(
            cards.loc[several, "name"], cards.loc[several, "card_kind"], strict=True
        )
    ]
    again = cards["name"].duplicated(keep=False)
    cards.loc[again, "name"] += " " + cards.loc[again, "card_id"].str[:8]
    return dict(zip(cards["card_id"], cards["name"], strict=True))
