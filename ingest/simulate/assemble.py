"""Join ordinary life and everything planted into one table of events."""

from dataclasses import fields, replace

import numpy as np

from ingest.simulate.clock import DAY, next_open
from ingest.simulate.events import Events, concat, take
from ingest.simulate.plant import Claims, Planted
from ingest.simulate.world import World, stream


def together(
    world: World, life: Events, claimed: Events, filed: Claims, planted: list[Planted]
) -> tuple[World, Events, Claims]:
    """Join ordinary life and every group into one table in the order of time."""
    keep = np.ones(len(world.people))
    address, employer = world.people.address.copy(), world.people.employer.copy()
    columns = {"address": address, "employer": employer}
    parts, claims, rows = [claimed], [filed], len(filed)
    for number, group in enumerate(planted):
        for rewrite in group.rewrites:
            getattr(life, rewrite.column)[rewrite.which] = rewrite.values
            life.group[rewrite.which] = number
        for people, column, value in group.moves:
            columns[column][people] = value
        aware = np.setdiff1d(group.draft.people, group.unaware)
        keep[aware] = np.minimum(keep[aware], group.keep)
        group.events.group[:] = number
        if group.claims is not None:
            group.events.claim[:] += rows
            claims.append(group.claims)
            rows += len(group.claims)
        parts += [_open_days(world, group.events), _open_days(world, group.beside)]
    lives_on = stream(world.seed, 6).random(len(life)) < keep[life.person]
    events = concat([take(life, lives_on | (life.group >= 0)), *parts])
    inside = (events.time >= 0) & (events.time < world.days * DAY)
    events = take(events, inside)
    events = take(events, np.argsort(events.time, kind="stable"))
    moved = replace(world.people, address=address, employer=employer)
    return replace(world, people=moved), events, _join(claims)


def _open_days(world: World, events: Events) -> Events:
    """Move what falls on a place's closed weekday to the day after; claims stay."""
    day = events.time // DAY
    moved = next_open(day, world.places.closed_weekday[events.place]) - day
    return replace(events, time=events.time + np.where(events.claim >= 0, 0, moved) * DAY)


def _join(parts: list[Claims]) -> Claims:
    names = [field.name for field in fields(Claims)]
    empty = np.zeros(0, np.int64)
    return Claims(
        **{name: np.concatenate([empty, *(getattr(p, name) for p in parts)]) for name in names}
    )
