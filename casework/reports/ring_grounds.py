"""Why a ring stands out, what it cost, which settlements show it, what else could explain it."""

from collections.abc import Mapping
from decimal import Decimal

from casework.reports.frame import HASH_SHOWN
from casework.reports.model import Block, Column, Fact, Facts, Figure, Grid, Points, Section, Text
from casework.reports.ring_data import RingData, Row, by_why
from casework.reports.waterfall import Ground, probability, waterfall
from casework.reports.words import measure_name, minute, money, name_of, number, share
from ingest.texts import Language, say

TOLERANCE = 1e-4
"""How far the printed grounds may miss the stored probability before the paper says so."""


def grounds(ring: RingData, lang: Language) -> Section:
    """Return the waterfall, each measure with what was expected, and what could not be measured."""
    held = [
        Ground(
            sentence=_sentence(row, lang),
            bits=row["log2_bayes_factor"],
            prior=row["measure"] == "prior",
        )
        for row in ring.evidence
    ]
    total, found = sum(ground.bits for ground in held), probability(held)
    stored = float(ring.facts["probability"])
    sum_up = say("report.waterfall.sum", lang, sum=f"{total:+.1f}", probability=share(found))
    check = "adds_up" if held and abs(found - stored) <= TOLERANCE else "differs"
    values = {"sum": f"{total:+.2f}", "computed": share(found), "stored": share(stored)}
    blocks: list[Block] = []
    if held:
        blocks.append(
            Figure(
                name="waterfall",
                svg=waterfall(held, lang, sum_up=sum_up),
                caption=say("report.waterfall.caption", lang),
            )
        )
    blocks += [
        Text(text=say(f"report.waterfall.{check}", lang, **values)),
        _measures(ring, lang),
        Text(text=say("report.peers", lang, groups=number(ring.not_raised)), small=True),
    ]
    if ring.hangs_on:
        blocks.append(Text(text=say("report.hangs_on.title", lang)))
        blocks.append(Points(items=tuple(_hangs_on(row, lang) for row in ring.hangs_on)))
    blocks.append(Text(text=say("report.missing.title", lang)))
    blocks.append(Points(items=tuple(_missing(ring, lang))))
    return Section(title=say("report.section.grounds", lang), blocks=tuple(blocks))


def loss(ring: RingData, lang: Language) -> Section:
    """Return the range of the loss, how it was computed, and what is not in it."""
    facts = ring.facts
    rows = tuple(
        Fact(
            name=say(f"report.fact.{name}", lang),
            value=money(facts[name], lang),
            source=f"rings.{name}",
        )
        for name in ("loss_low", "loss_mid", "loss_high")
    )
    sums = []
    for why, some in by_why(ring.settlements).items():
        fund = sum((row["fund"] or Decimal(0) for row in some), Decimal(0))
        fee = sum((row["total"] or Decimal(0) for row in some), Decimal(0))
        sums.append(
            (name_of("why", why, lang), number(len(some)), money(fee, lang), money(fund, lang))
        )
    grid = Grid(
        columns=(
            Column(name=say("report.column.why", lang), width=2),
            Column(name=say("report.column.settlements", lang), align="right"),
            Column(name=say("report.column.fee", lang), width=1.4, align="right"),
            Column(name=say("report.column.fund", lang), width=1.4, align="right"),
        ),
        rows=tuple(sums),
        source="ring_settlements.why; settlements.net_sum, net_fund",
    )
    return Section(
        title=say("report.section.loss", lang),
        blocks=(
            Facts(rows=rows),
            Text(text=say("report.loss.method", lang)),
            grid,
            Text(text=say("report.loss.left_out", lang)),
        ),
    )


def claims(ring: RingData, names: Mapping[str, str], lang: Language) -> Section:
    """Return every settlement the ring rests on, with why it counts and the hash of its row."""
    columns = ("n", "setl_id", "settled_at", "person", "place", "fund", "why", "row_hash")
    widths = (0.7, 2.1, 2.1, 1.1, 1.5, 1.0, 1.8, 1.9)
    right = {"n", "fund"}
    grid = Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                align="right" if name in right else "left",
                code=name not in ("n", "fund", "why"),
            )
            for name, width in zip(columns, widths, strict=True)
        ),
        rows=tuple(
            (
                str(n),
                row["setl_id"],
                minute(row["settled_at"]),
                names.get(row["person"] or "", row["person"] or "–"),
                row["place"] or "–",
                f"{row['fund']:,.2f}",
                name_of("why", row["why"], lang),
                row["row_hash"][:HASH_SHOWN],
            )
            for n, row in enumerate(ring.settlements, 1)
        ),
        source="settlements.setl_id, setl_time, fixmedins_code, net_fund; persons.person_id; "
        "ring_settlements.why",
    )
    hint = say("report.claims.hint", lang, settlements=number(len(ring.settlements)))
    return Section(
        title=say("report.section.claims", lang), blocks=(Text(text=hint, small=True), grid)
    )


def explanations(ring: RingData, lang: Language) -> Section:
    """Return the honest explanations that were tested, those that could not be tested first."""
    order = ("not_testable", "explains", "partly", "refuted")
    rows = sorted(ring.honest, key=lambda row: (order.index(row["verdict"]), row["explanation"]))
    names = ("explanation", "verdict", "share", "sentence")
    widths = (1.6, 1.0, 0.8, 3.6)
    grid = Grid(
        columns=tuple(
            Column(name=say(f"report.column.{name}", lang), width=width)
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (
                say(f"honest.name.{row['explanation']}", lang),
                name_of("verdict", row["verdict"], lang),
                "–" if row["verdict"] == "not_testable" else share(row["share_explained"]),
                row[f"sentence_{lang}"] or "–",
            )
            for row in rows
        ),
        source=f"ring_honest_tests.explanation, verdict, share_explained, sentence_{lang}",
    )
    none: Block = Text(text=say("report.honest.none", lang))
    return Section(
        title=say("report.section.honest", lang),
        blocks=(grid if rows else none, Text(text=say("report.honest.hint", lang), small=True)),
    )


def _measures(ring: RingData, lang: Language) -> Grid:
    names = ("measure", "sentence", "observed", "expected", "bits")
    widths = (1.7, 4.0, 0.9, 0.9, 0.9)
    right = {"observed", "expected", "bits"}
    return Grid(
        columns=tuple(
            Column(
                name=say(f"report.column.{name}", lang),
                width=width,
                align="right" if name in right else "left",
                code=name == "measure",
            )
            for name, width in zip(names, widths, strict=True)
        ),
        rows=tuple(
            (
                row["measure"],
                _sentence(row, lang),
                number(row["observed"]),
                number(row["expected"]),
                f"{row['log2_bayes_factor']:+.2f}".replace("-", "−"),
            )
            for row in ring.evidence
        ),
        source=f"ring_evidence.measure, observed, expected, log2_bayes_factor, sentence_{lang}",
    )


def _sentence(row: Row, lang: Language) -> str:
    return row[f"sentence_{lang}"] or str(row["measure"])


def _hangs_on(row: Row, lang: Language) -> str:
    falls = {"before": share(row["probability"]), "after": share(row["probability_without"])}
    if row["entity_type"] == "evidence":
        name = measure_name(row["entity"], lang)
        return say("report.hangs_on.evidence", lang, name=name, **falls)
    kind = name_of("entity", row["entity_type"], lang)
    told = {"kind": kind, "entity": row["entity"], "share": share(row["share"])}
    return say("report.hangs_on.sentence", lang, **told, **falls)


def _missing(ring: RingData, lang: Language) -> list[str]:
    """Return what the data did not hold, in words; each is said even where there is none."""
    manifest, between = ring.manifest, "、" if lang == "zh" else ", "
    proxies = sum(bool(row["proxy"]) for row in ring.settlements)
    flags = sorted(
        {(flag.table, flag.field, flag.reason, flag.rows) for flag in manifest.flags}, key=str
    )
    told = [
        say("report.missing.tables", lang, names=between.join(manifest.missing_tables) or "0"),
        say("report.missing.measures", lang, names=between.join(ring.run["measures_off"]) or "0"),
        say(
            "report.missing.explanations",
            lang,
            names=between.join(
                say(f"honest.name.{name}", lang) for name in ring.run["explanations_off"]
            )
            or "0",
        ),
        say(
            "report.missing.proxies", lang, some=number(proxies), all=number(len(ring.settlements))
        ),
        say(
            "report.missing.clocks",
            lang,
            places=between.join(p["place"] for p in ring.places if p["day_precision"]) or "0",
        ),
    ]
    told += [
        say(
            "report.missing.flag",
            lang,
            field=f"{table}.{field}",
            reason=name_of("flag", reason, lang),
            rows=number(rows),
        )
        for table, field, reason, rows in flags
    ]
    return told
