"""The ring report: eleven sections and an annex, built from what a run says and people did.

The wording follows the practice: a suspected lead to be checked, roles inferred, law only as what
may be involved beside the pattern of facts. Nothing in it is decided by the program.
"""

from collections.abc import Mapping, Sequence

from casework.reports.frame import Handling, fact_lines, handled, log_extract, numbered, sign_off
from casework.reports.model import (
    Block,
    Column,
    Fact,
    Figure,
    Grid,
    Paper,
    Points,
    Section,
    Text,
)
from casework.reports.network import Spot, network
from casework.reports.raster import Tick, raster
from casework.reports.ring_annex import annex
from casework.reports.ring_data import RingData
from casework.reports.ring_grounds import claims, explanations, grounds, loss
from casework.reports.rules import articles_of, behaviours_of
from casework.reports.sheet_parts import Check, overview
from casework.reports.words import day, minute, money, name_of, number, share, shortened, span
from ingest.texts import Language, say

DRUG_KINDS = frozenset(
    {"card_pool", "card_pool_rotating", "remote_credential", "doctor_pharmacy", "trace_resale",
     "swipe_refund"}
)  # fmt: skip
"""Kinds about drugs: their reports say what honest need looks like."""


def ring_paper(
    ring: RingData,
    handling: Handling,
    checks: Sequence[Check],
    lang: Language,
    *,
    positions: Mapping[str, Spot] | None = None,
) -> Paper:
    """Return the report of a ring, still without number and day: whoever issues it sets them."""
    kind = name_of("kind", ring.facts["kind"], lang)
    names = shortened(
        [
            *(one["entity"] for one in ring.members),
            *(row["person"] or "" for row in (*ring.settlements, *ring.others)),
        ]
    )
    sections = [
        summary(ring, lang),
        _profile(ring, lang),
        _picture(ring, names, lang, positions),
        _timeline(ring, names, lang),
        grounds(ring, lang),
        loss(ring, lang),
        claims(ring, names, lang),
        explanations(ring, lang),
        _on_site(checks, lang),
        sign_off(lang, "checker", "reviewer", "approver"),
        log_extract(handling.log, lang),
    ]
    return handled(
        "ring",
        handling,
        lang,
        Fact(name=say("report.head.ring", lang), value=ring.ring_id),
        Fact(name=say("report.head.versions", lang), value=versions(ring, lang)),
        title=say("report.title.ring", lang, kind=kind),
        sections=(*numbered(sections, lang), annex(ring, lang)),
    )


def versions(ring: RingData, lang: Language) -> str:
    """Return which data, code and query the paper rests on."""
    motif = ring.motif["motif"] if ring.motif else "–"
    return say(
        "report.versions",
        lang,
        data=ring.manifest.import_id,
        run=ring.run["run"],
        code=ring.run["versions"]["ringfence"],
        motif=motif,
    )


def summary(ring: RingData, lang: Language) -> Section:
    """Return what the lead says in one paragraph, with what it may involve."""
    facts = ring.facts
    sentence = say(
        "report.summary",
        lang,
        kind=name_of("kind", facts["kind"], lang),
        people=number(facts["people"]),
        places=number(settled_at(ring)),
        first=day(facts["first_seen"]),
        last=day(facts["last_seen"]),
        days=number(span(facts["first_seen"], facts["last_seen"])),
        settlements=number(len(ring.settlements)),
        mid=money(facts["loss_mid"], lang),
        low=money(facts["loss_low"], lang),
        high=money(facts["loss_high"], lang),
        probability=share(facts["probability"]),
        q=f"{facts['q_value']:.2g}",
    )
    law = tuple(
        say(
            "report.may_involve",
            lang,
            behaviour=say(f"behaviour.{code}", lang),
            code=code,
            articles=articles_of(code, lang),
        )
        for code in behaviours_of(str(facts["kind"]))
    )
    blocks: list[Block] = [
        Text(text=sentence),
        Text(text=say("report.lead_only", lang)),
        Points(items=law),
        Text(text=say("report.law_unconfirmed", lang), small=True),
    ]
    if facts["kind"] in DRUG_KINDS:
        blocks.append(Text(text=say("report.drug_note", lang), small=True))
    if not ring.current:
        blocks.append(Text(text=say("report.other_import", lang)))
    return Section(title=say("report.section.summary", lang), blocks=tuple(blocks))


def settled_at(ring: RingData) -> int:
    """Return at how many places the settlements were that the ring rests on, members or not."""
    return sum(one["settlements"] > 0 for one in ring.places)


def _profile(ring: RingData, lang: Language) -> Section:
    rows = ring.settlements
    visits, days = {row["visit_id"] for row in rows}, {row["day"] for row in rows}
    kinds: dict[str, int] = {}
    for one in {(m["entity_type"], m["entity"]) for m in ring.members}:
        kinds[one[0]] = kinds.get(one[0], 0) + 1
    parties = ", ".join(
        f"{name_of('entity', kind, lang)} {n:,}" for kind, n in sorted(kinds.items())
    )
    facts = ring.facts
    told = (
        ("period", f"{minute(facts['first_seen'])} – {minute(facts['last_seen'])}",
         "rings.first_seen, last_seen"),
        ("span", number(span(facts["first_seen"], facts["last_seen"])),
         "rings.first_seen, last_seen"),
        ("events", number(len(visits)), "ring_settlements.setl_id; settlements.visit_id"),
        ("days", number(len(days)), "settlements.day"),
        ("settlements", number(len(rows)), "ring_settlements.setl_id"),
        ("parties", parties, "ring_members.entity_type"),
        ("people", number(facts["people"]), "rings.people"),
        ("settled_places", number(settled_at(ring)), "settlements.fixmedins_code"),
        ("places", number(facts["places"]), "rings.places"),
        ("probability", share(facts["probability"]), "rings.probability"),
        ("q_value", f"{facts['q_value']:.2g}", "rings.q_value"),
        ("stability", f"{facts['stability']:.2f}", "rings.stability"),
        ("rank", number(facts["rank"]), "rings.rank"),
    )  # fmt: skip
    return Section(
        title=say("report.section.profile", lang),
        blocks=(
            fact_lines(told, lang),
            Text(text=say("report.members_hint", lang), small=True),
            _members(ring, lang),
            _places(ring, lang),
        ),
    )


def _members(ring: RingData, lang: Language) -> Grid:
    names = ("entity_type", "entity", "role", "weight", "since", "until")
    widths = (1.1, 2.3, 1.3, 0.7, 1.2, 1.2)
    return Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                code=name == "entity",
                align="right" if name == "weight" else "left",
            )
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (
                name_of("entity", one["entity_type"], lang),
                str(one["entity"] or "–").removeprefix("proxy:"),
                name_of("role", one["role"], lang),
                f"{one['weight']:.2f}",
                day(one["since"]),
                day(one["until"]),
            )
            for one in ring.members
        ),
        source="ring_members.entity_type, entity_id, role, weight, since, until; persons.person_id",
    )


def _places(ring: RingData, lang: Language) -> Grid:
    names = ("place", "place_name", "division", "settlements", "days", "people", "fund")
    widths = (1.6, 2.0, 1.0, 0.9, 0.8, 0.8, 1.5)
    right = {"settlements", "days", "people", "fund"}
    return Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                code=name == "place",
                align="right" if name in right else "left",
            )
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (
                one["place"],
                one["name"] or "–",
                one["division"] or "–",
                number(one["settlements"]),
                number(one["days"]),
                number(one["people"]),
                money(one["fund"], lang),
            )
            for one in ring.places
        ),
        source="settlements.fixmedins_code, day, psn_no, net_fund; "
        "providers.fixmedins_name, fix_blng_admdvs",
    )


def _picture(
    ring: RingData,
    names: Mapping[str, str],
    lang: Language,
    positions: Mapping[str, Spot] | None,
) -> Section:
    if not ring.ties:
        blocks: tuple[Block, ...] = (Text(text=say("report.network.none", lang)),)
    else:
        drawn = network(ring.ties, names, lang, positions=positions)
        caption = say("report.network.caption", lang, shown=drawn.shown, total=drawn.total)
        blocks = (Figure(name="network", svg=drawn.svg, caption=caption),)
    return Section(title=say("report.section.network", lang), blocks=blocks)


def _timeline(ring: RingData, names: Mapping[str, str], lang: Language) -> Section:
    shows = {"joint_session", "rests_on"}
    ticks = [
        Tick(
            person=names.get(row["person"] or "", row["person"] or "–"),
            at=row["settled_at"],
            state="shows" if row["why"] in shows else "near",
        )
        for row in ring.settlements
    ]
    ticks += [
        Tick(person=names[row["person"]], at=row["settled_at"], state="alone")
        for row in ring.others
        if row["person"]
    ]
    svg, shown, total = raster(ticks, lang)
    caption = say("report.raster.caption", lang, shown=shown, total=total)
    blocks: list[Block] = [Figure(name="raster", svg=svg, caption=caption)]
    coarse = [one["place"] for one in ring.places if one["day_precision"]]
    if coarse:
        said = say("report.raster.day_precision", lang, places=", ".join(coarse))
        blocks.append(Text(text=said))
    return Section(title=say("report.section.timeline", lang), blocks=tuple(blocks))


def _on_site(checks: Sequence[Check], lang: Language) -> Section:
    preserve = tuple(say(f"report.preserve.{name}", lang) for name in ("footage", "stock", "data"))
    return Section(
        title=say("report.section.on_site", lang),
        blocks=(
            *overview(checks, lang),
            Text(text=say("report.preserve.title", lang)),
            Points(items=preserve, boxes=True),
            Text(text=say("report.on_site_note", lang), small=True),
        ),
    )
