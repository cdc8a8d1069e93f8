"""Who swiped when: one line for each card, one tick for each settlement."""

from datetime import datetime

import altair as alt
import pandas as pd

from app.explorer.charts import AXIS, FOR
from app.explorer.words import name_of, shortened
from ingest.texts import Language, say

LEGEND = 82
SESSION_SECONDS = 1_800  # a longer pause at a place begins a new stack
BESIDE_STACK = {"counted": "#009E73", "alone": "#8A8A8A"}
STACK = ["#56B4E9", "#CC79A7", "#D55E00"]  # from the first card of a stack to the last
STATES = ("joint_session", "counted", "alone")
PLAIN = {"counted": "#56B4E9", "alone": "#8A8A8A"}


def lines(settlements: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return the settlements with the line each is drawn on, in order of first joint session.

    Cards that never took part in a joint session follow by their first settlement. Added columns:
    line (1 at the top), card_name, state (one of ``STATES``), hour (0–24), state_name, stack (the
    card's turn within its joint session, from 1; missing elsewhere).
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
    frame["state_name"] = frame["state"].map({one: state_name(one, lang) for one in STATES})
    frame["when"] = at.dt.strftime("%Y-%m-%d %H:%M:%S")
    frame["stack"] = _turns(frame)
    return frame


def raster(
    frame: pd.DataFrame,
    lang: Language,
    *,
    by_hour: bool,
    by_stack: bool = False,
    span: tuple[datetime, datetime] | None = None,
    legend: bool = True,
) -> alt.Chart | alt.LayerChart:
    """Draw the lines of :func:`lines` over the calendar, or over the hours of one day.

    With ``by_stack`` joint sessions are coloured by the turn of each card, so that cards that are
    always swiped in one order show as bands; else by whether the ring rests on the settlement.
    ``span`` fixes the ends of the calendar, so that two pictures can be compared; without
    ``legend`` the page says what the colours mean.
    """
    cards = frame.drop_duplicates("line").sort_values("line")["card_name"].tolist()
    step = 20 if len(cards) <= 40 else 12 if len(cards) <= 100 else 7
    rest = frame[frame["stack"].isna()] if by_stack else frame
    parts = [
        _ticks(rest, cards, step, lang, by_hour=by_hour, span=span).encode(
            _by_state(lang, legend, by_stack)
        )
    ]
    if by_stack:
        joint = frame[frame["stack"].notna()]
        drawn = _ticks(joint, cards, step, lang, by_hour=by_hour, span=span)
        parts.append(drawn.encode(_by_turn(joint, lang, legend)))
    move = alt.selection_interval(
        bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]", name="move"
    )
    height = AXIS + LEGEND + step * len(cards)
    if len(parts) == 1:
        one: alt.Chart = parts[0].add_params(move).properties(height=height)
        return one
    both: alt.LayerChart = alt.layer(
        parts[0].add_params(move), *parts[1:], height=height
    ).resolve_scale(color="independent")
    return both


def _ticks(
    frame: pd.DataFrame,
    cards: list[str],
    step: int,
    lang: Language,
    *,
    by_hour: bool,
    span: tuple[datetime, datetime] | None,
) -> alt.Chart:
    if by_hour:
        across = alt.X(
            "hour:Q",
            title=say("explorer.raster.hour_axis", lang),
            scale=alt.Scale(domain=[0, 24], nice=False),
            axis=alt.Axis(values=list(range(0, 25, 2)), format="02d"),
        )
    else:
        ends = [_date_time(one) for one in span] if span else alt.Undefined
        across = alt.X(
            "settled_at:T",
            title=say("explorer.raster.time_axis", lang),
            scale=alt.Scale(padding=10, domain=ends),
            axis=alt.Axis(format="%Y-%m-%d", labelOverlap=True, tickCount=8),
        )
    said = {
        "card_name": "card",
        "when": "settled_at",
        "place": "place",
        "device": "device",
        "state_name": "state",
        "stack": "stack",
    }
    columns = [*said, "settled_at", "hour", "state"]
    ticks: alt.Chart = (
        alt.Chart(frame[columns])
        .mark_tick(opacity=1, thickness=2, size=max(5, step - 5), clip=True)
        .encode(
            x=across,
            y=alt.Y(
                "card_name:N",
                sort=cards,
                scale=alt.Scale(domain=cards),
                title=say("explorer.raster.card_axis", lang),
                axis=alt.Axis(labelOverlap=True, labelLimit=220, grid=True, tickSize=0),
            ),
            order=alt.Order("drawn_last:Q"),
            tooltip=[
                alt.Tooltip(f"{column}:N", title=say(f"explorer.column.{word}", lang))
                for column, word in said.items()
                if column != "stack" or frame["stack"].notna().any()
            ],
        )
        .transform_calculate(drawn_last="datum.state == 'joint_session' ? 1 : 0")
    )
    return ticks


def _by_state(lang: Language, legend: bool, by_stack: bool) -> alt.Color:
    colours = BESIDE_STACK if by_stack else {"joint_session": FOR, **PLAIN}
    names = [state_name(state, lang) for state in colours]
    return alt.Color(
        "state_name:N",
        title=None,
        scale=alt.Scale(domain=names, range=list(colours.values())),
        legend=alt.Legend(orient="top", symbolType="square", labelLimit=400) if legend else None,
    )


def _by_turn(joint: pd.DataFrame, lang: Language, legend: bool) -> alt.Color:
    last = max(2, int(joint["stack"].max())) if len(joint) else 2
    return alt.Color(
        "stack:Q",
        title=say("ring_page.raster.turn", lang),
        scale=alt.Scale(domain=[1, last], range=STACK, interpolate="rgb"),
        legend=alt.Legend(
            orient="top",
            gradientLength=160,
            gradientThickness=10,
            titleOrient="left",
            titleLimit=300,
            tickMinStep=1,
            format="d",
        )
        if legend
        else None,
    )


def _turns(frame: pd.DataFrame) -> pd.Series:
    """Return the turn of each card within its joint session: cards by their first swipe there."""
    joint = frame[frame["state"] == "joint_session"].sort_values(
        ["place", "settled_at", "card_id"], kind="stable"
    )
    if joint.empty:
        return pd.Series(float("nan"), index=frame.index)
    pause = joint.groupby("place")["settled_at"].diff().dt.total_seconds()
    stack = (pause.isna() | (pause > SESSION_SECONDS)).cumsum()
    first = ~joint.assign(stack=stack).duplicated(["stack", "card_id"])
    turn = first.astype(int).groupby(stack).cumsum()
    own = turn.groupby([stack, joint["card_id"]]).transform("min")
    return own.astype(float).reindex(frame.index)


def _date_time(at: datetime) -> alt.DateTime:
    return alt.DateTime(year=at.year, month=at.month, date=at.day, hours=at.hour)


def state_name(state: str, lang: Language) -> str:
    """Return what a settlement is to the ring: of a joint session, counted otherwise, or alone."""
    if state == "counted":
        return say("ring_page.raster.counted", lang)
    return say(f"explorer.raster.{state}", lang)


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
