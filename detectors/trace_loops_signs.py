"""What is measured about a trace loop, and the honest reason that is tested."""

from dataclasses import dataclass, replace

import ibis
import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table
from numpy.typing import NDArray

from detectors.candidates import HELD, OTHERS, Sign
from detectors.columns import clean, keep, on_list, resale_listed
from detectors.tallies import dense, seen
from ingest.workspace import Workspace

Floats = NDArray[np.float64]

SIGNS: tuple[Sign, ...] = (
    Sign(name="loop_boxes", unit="boxes", score="log2_ratio"),
    Sign(name="loop_back_share", unit="share", score="difference"),
    Sign(name="loop_per_seller", unit="boxes", score="log2_ratio"),
    Sign(name="loop_return_spread", unit="days", score="log2_ratio", rising=False),
    Sign(name="loop_places", unit="places", score="observed"),
    Sign(name="loop_resale", unit="share", score="difference"),
    Sign(name="loop_overbuying", unit="boxes", score="log2_ratio"),
    Sign(name="loop_same_drug", unit="share", score="difference"),
    Sign(name="loop_clerk", unit="share", score="difference"),
)
HONEST = ("code_errors",)
MOST_PAIRED = 1_000  # boxes of one group whose intervals are compared with each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Loops:
    """Tables about the parts.

    ``sales``: one row a box settled at their places; ``bought``: one of their drugs settled
    anywhere; ``again``: one of any code met twice.
    ``inside``: gid and the steps of boxes within a part; ``sellers``: gid, psn_no, ``back`` and
    ``bought`` (boxes), for the members.
    """

    backend: Backend
    workspace: Workspace
    sales: Table
    bought: Table
    again: Table
    inside: Table
    sellers: Table | None = None

    def tally(self) -> Table:
        """Return for each first settler of a part: boxes come back, boxes bought there.

        Only boxes of the part's drugs at its feeding places count as bought.
        """
        back = self.inside.group_by(["gid", psn_no := "first_psn_no"]).aggregate(
            back=self.inside.code.nunique()
        )
        back = back.rename(psn_no=psn_no)
        bought = self.feeding().join(back.select("gid", "psn_no"), ["gid", "psn_no"])
        bought = bought.group_by(["gid", "psn_no"]).aggregate(bought=bought.count())
        both = back.left_join(bought, ["gid", "psn_no"])
        return both.select("gid", "psn_no", "back", bought=both.bought.fill_null(0))

    def feeding(self) -> Table:
        """Return every box of a part's drugs settled at one of its feeding places, with gid."""
        places = self.inside.select("gid", place="first_place").distinct()
        drugs = self.inside.select("gid", drug="first_drug").distinct()
        return self.sales.join(places, "place").semi_join(drugs, ["gid", "drug"])

    def of(self, sellers: pa.Table, number: pa.Table) -> "Loops":
        """Return the parts that have ``sellers``, renumbered by ``number`` (gid, to)."""
        made = self.backend.create_table("trace_number", number, overwrite=True)
        inside = self.inside.join(made, "gid")
        inside = keep(self.backend, "trace_of", inside.mutate(gid=inside.to).drop("to"))
        members = self.backend.create_table("trace_sellers", sellers, overwrite=True)
        return replace(self, inside=inside, sellers=members)

    @property
    def members(self) -> Table:
        """The sellers; an error where there are none yet."""
        if self.sellers is None:
            raise ValueError("Loops has no sellers yet; call 'of' first.")
        return self.sellers


def sales(lines: Table, live: Table) -> Table:
    """Return one row for each box in a live settlement, split packs and returns left out.

    ``lines`` all carry a code and are few: this is the one place that groups them by code.
    """
    back = (lines.sel_retn_flag.fill_null(0) == 1) | (lines.cnt.fill_null(1.0) < 0)
    sold = lines.group_by(code=lines.drug_trac_codg, setl_id=lines.setl_id).aggregate(
        drug=lines.med_list_codg.min(),
        out=((lines.trdn_flag.fill_null(0) == 1) | back).any(),
    )
    return sold.filter(~sold.out).drop("out").join(live, "setl_id")


def signs(loops: Loops, expected: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Return every sign; ``expected`` is how many boxes each part would have by error."""
    count = len(expected)
    inside = loops.inside

    def of(table: Table | None) -> tuple[Floats, Floats]:
        return seen(loops.backend, table, count)

    n = inside.group_by("gid").aggregate(boxes=inside.count())
    (boxes,) = dense(loops.backend, n, count, "boxes")
    return {
        "loop_boxes": (boxes, np.round(expected, 9)),
        "loop_back_share": of(_back_share(loops)),
        "loop_per_seller": of(_per_seller(loops)),
        "loop_return_spread": _return_spread(loops, count),
        "loop_places": of(_places(loops)),
        "loop_resale": of(_resale(loops)),
        "loop_overbuying": of(_overbuying(loops)),
        "loop_same_drug": of(_same_drug(loops)),
        "loop_clerk": of(_clerk(loops)),
    }


def others(loops: Loops) -> pa.Table:
    """Return the places: "feeds" where boxes leave, "receives" where they arrive, "place" both."""
    inside = loops.inside
    out = inside.group_by(["gid", "first_place"]).aggregate(fed=inside.count())
    back = inside.group_by(["gid", "place"]).aggregate(got=inside.count())
    both = out.rename(place="first_place").outer_join(back, ["gid", "place"])
    both = both.select(
        gid=ibis.coalesce(both.gid, both.gid_right),
        entity_id=ibis.coalesce(both.place, both.place_right),
        fed=both.fed.fill_null(0),
        got=both.got.fill_null(0),
    )
    total = (both.fed + both.got).cast("float64")
    role = ibis.cases(
        (both.got * 10 <= both.fed, "feeds"), (both.fed * 10 <= both.got, "receives"), else_="place"
    )
    rows = both.select(
        gid=both.gid.cast("int64"),
        entity_type=ibis.literal("place"),
        entity_id=both.entity_id,
        role=role,
        weight=(total / total.sum().over(ibis.window(group_by="gid"))).round(9),
    )
    return loops.backend.to_pyarrow(rows.order_by(["gid", "entity_id"])).cast(OTHERS)


def held(loops: Loops) -> pa.Table:
    """Return both settlements of every box that came back, and the sellers' other boxes there.

    The boxes of people who are no members are part of the trade: the place settled them again.
    """
    inside = loops.inside
    sure = inside.select("gid", setl_id="first_setl_id").union(inside.select("gid", "setl_id"))
    rest = loops.feeding().semi_join(loops.members, ["gid", "psn_no"]).select("gid", "setl_id")
    every = sure.mutate(certain=True).union(rest.mutate(certain=False))
    rows = every.group_by(["gid", "setl_id"]).aggregate(certain=every.certain.any())
    return loops.backend.to_pyarrow(rows.order_by(["gid", "setl_id"])).cast(HELD)


def explained(loops: Loops, per_seller: tuple[Floats, Floats]) -> Floats:
    """Return the share of boxes that a misread or a clone explains as well.

    Such is a code that names two drugs, was also sold in parts, was met at three places or more
    times than the part has places, or that came back on the very day it was sold. Where the boxes
    that came back are spread over the customers as a random draw would spread them, nobody brings
    them: a cloned batch explains them all.
    """
    codes = loops.inside.select("code").distinct()
    met = loops.again.semi_join(codes, "code")
    known = met.group_by("code").aggregate(drugs=met.drug.nunique(), times=met.count())
    lines = clean(loops.backend, loops.workspace, "fee_list")
    split = lines.filter(lines.trdn_flag == 1).select(code="drug_trac_codg")
    split = split.semi_join(codes, "code")
    known = known.left_join(split.distinct().mutate(split=True), "code").select(
        "code", "drugs", "times", split=ibis._.split.fill_null(False)
    )
    inside = loops.inside.select("gid", "code", "day", "first_day", "first_place", "place")
    size = inside.select("gid", place="first_place").union(inside.select("gid", "place"))
    size = size.group_by("gid").aggregate(places=size.place.nunique())
    box = inside.join(known, "code").join(size, "gid")
    error = (
        (box.drugs > 1)
        | box.split
        | (box.day == box.first_day)
        | (box.times > ibis.greatest(box.places, 3))
    )
    box = box.mutate(error=error)
    each, usual = per_seller
    share = box.group_by("gid").aggregate(share=box.error.mean())
    (errors,) = dense(loops.backend, share, len(each), "share")
    return np.where(each <= usual, 1.0, errors)


def _back_share(loops: Loops) -> Table:
    """Share of the sellers' boxes that came back, against that of the places' other customers."""
    code = loops.inside.select("gid", "code", setl_id="first_setl_id", back=True)
    box = loops.feeding().left_join(code, ["gid", "code", "setl_id"])
    box = box.select("gid", "psn_no", back=box.back.fill_null(False))
    ours = box.semi_join(loops.members, ["gid", "psn_no"]).group_by("gid")
    rest = box.anti_join(loops.members, ["gid", "psn_no"]).group_by("gid")
    both = ours.aggregate(observed=ibis._.back.mean()).left_join(
        rest.aggregate(expected=ibis._.back.mean()), "gid"
    )
    return both.select("gid", "observed", expected=both.expected.fill_null(0.0))


def _per_seller(loops: Loops) -> Table:
    """Boxes that came back for each first settler, against a random draw of as many boxes."""
    inside = loops.inside
    met = inside.group_by("gid").aggregate(
        n=inside.code.nunique(), people=inside.first_psn_no.nunique()
    )
    here = loops.feeding().group_by(["gid", "psn_no"]).aggregate(b=ibis._.count())
    drugs = inside.select("gid", drug="first_drug").distinct()
    rest = loops.bought.join(drugs, "drug")
    rest = rest.anti_join(inside.select("gid", place="first_place"), ["gid", "place"])
    rest = rest.group_by(["gid", "psn_no", "place"]).aggregate(b=rest.count())
    people = drawn(met, here, rest)
    both = met.join(people, "gid")
    return both.select("gid", observed=both.n / both.people, expected=both.n / both.drawn)


def drawn(seen: Table, here: Table, elsewhere: Table) -> Table:
    """Return gid and ``drawn``, how many people ``n`` purchases picked at random would belong to.

    ``here`` are the purchases ``b`` of each customer of the places, ``elsewhere`` those of each
    customer of other places, for the same drugs. The larger answer counts, for where nearly all
    buyers of a drug are in the trade, a draw from the place's sales can only meet them.
    """
    size = here.group_by("gid").aggregate(size=here.b.sum()).join(seen.select("gid", "n"), "gid")
    size = size.select("gid", "n", f=(size.n / size["size"]).clip(upper=1.0))

    def met(bought: Table) -> Table:
        n = bought.group_by(["gid", "b"]).aggregate(k=bought.count())
        n = n.join(size, "gid")
        n = n.mutate(met=n.k * (1.0 - (1.0 - n.f) ** n.b.cast("float64")), all=n.k * n.f * n.b)
        n = n.group_by(["gid", "n"]).aggregate(met=n.met.sum(), all=n["all"].sum())
        return n.select("gid", drawn=(n.met / n["all"] * n.n).round(9))

    both = met(here).union(met(elsewhere))
    return both.group_by("gid").aggregate(drawn=both.drawn.max())


def _return_spread(loops: Loops, count: int) -> tuple[Floats, Floats]:
    """Middle half of the days a box was away, against boxes that return in no order."""
    rows = loops.backend.to_pyarrow(
        loops.inside.select("gid", "first_day", "day").order_by(["gid", "first_day", "day"])
    )
    gid, out, back = (rows[name].to_numpy().astype(np.int64) for name in rows.column_names)
    both = np.full((2, count), np.nan)
    for one in range(count):
        at = np.flatnonzero(gid == one)
        at = at[np.linspace(0, len(at) - 1, min(len(at), MOST_PAIRED)).astype(np.int64)]
        every = (back[at][:, None] - out[at][None, :]).ravel()
        for turn, days in enumerate((back[at] - out[at], every[every >= 0])):
            both[turn, one] = np.subtract(*np.percentile(days, (75, 25)))
    return both[0], both[1]


def _places(loops: Loops) -> Table:
    ends = loops.inside.select("gid", place="first_place").union(
        loops.inside.select("gid", "place")
    )
    return ends.group_by("gid").aggregate(observed=ends.place.nunique(), expected=ibis.literal(1.0))


def _resale(loops: Loops) -> Table | None:
    """Share of the boxes that are of resale-prone drugs, against all boxes of the places."""
    listed = resale_listed(loops.backend, loops.workspace)
    if listed is None:
        return None
    listed = listed.select("valid_from", "valid_to", drug="med_list_codg", listed=True)

    def marked(boxes: Table) -> Table:
        j = boxes.left_join(listed, "drug")
        return j.mutate(listed=j.listed.fill_null(False) & on_list(j.day, j.valid_from, j.valid_to))

    box = marked(loops.inside.select("gid", drug="first_drug", day="first_day"))
    ours = box.group_by("gid").aggregate(observed=box.listed.mean())
    places = loops.inside.select("gid", place="first_place").distinct()
    usual = marked(loops.sales.select("place", "drug", "day"))
    usual = usual.group_by("place").aggregate(n=usual.count(), hit=usual.listed.sum())
    usual = places.join(usual, "place").group_by("gid")
    return ours.join(usual.aggregate(expected=ibis._.hit.sum() / ibis._.n.sum()), "gid")


def _overbuying(loops: Loops) -> Table:
    """Boxes of the part's drugs a seller bought anywhere, against buyers of the same age."""
    drugs = loops.inside.select("gid", drug="first_drug").distinct()
    persons = clean(loops.backend, loops.workspace, "persons")
    age = persons.select("psn_no", decade=(persons.birth_year // 10).fill_null(0))
    box = loops.bought.select("psn_no", "drug").join(drugs, "drug")
    bought = box.group_by(["gid", "psn_no"]).aggregate(boxes=box.count()).join(age, "psn_no")
    ours = bought.semi_join(loops.members, ["gid", "psn_no"])
    rest = bought.anti_join(loops.members, ["gid", "psn_no"])
    peers = rest.group_by(["gid", "decade"]).aggregate(usual=rest.boxes.mean())
    ours = ours.left_join(peers, ["gid", "decade"]).select("gid", "boxes", "usual")
    ours = ours.filter(ours.usual.notnull())
    return ours.group_by("gid").aggregate(observed=ours.boxes.mean(), expected=ours.usual.mean())


def _same_drug(loops: Loops) -> Table:
    """Chance that two boxes that came back are of one drug, against any two boxes there."""
    box = loops.inside.select("gid", drug="first_drug")
    places = loops.inside.select("gid", place="first_place").distinct()
    usual = loops.sales.group_by(["place", "drug"]).aggregate(n=ibis._.count())
    usual = usual.join(places, "place").group_by(["gid", "drug"]).aggregate(n=ibis._.n.sum())
    ours = _twins(box.group_by(["gid", "drug"]).aggregate(n=box.count()), "observed")
    return ours.join(_twins(usual, "expected"), "gid")


def _twins(counts: Table, name: str) -> Table:
    n = counts.n.cast("float64")
    total = n.sum()
    same = ibis.ifelse(total > 1, (n * (n - 1)).sum() / (total * (total - 1)), 0.0)
    return counts.group_by("gid").aggregate(**{name: same})


def _clerk(loops: Loops) -> Table:
    """Share of second settlements by each receiving place's busiest clerk, against its usual."""
    got = loops.inside.filter(loops.inside.opter_id.notnull())
    n = got.group_by(["gid", "place", "opter_id"]).aggregate(n=got.count())
    sold = loops.sales.semi_join(got.select("place").distinct(), "place")
    sold = sold.filter(sold.opter_id.notnull())
    usual = sold.group_by(["place", "opter_id"]).aggregate(boxes=sold.count())
    usual = usual.mutate(
        share=usual.boxes / usual.boxes.sum().over(ibis.window(group_by="place")),
        choices=usual.boxes.count().over(ibis.window(group_by="place")),
    )
    n = n.join(usual.filter(usual.choices > 1), ["place", "opter_id"])
    best = ibis.row_number().over(
        ibis.window(group_by=["gid", "place"], order_by=[n.n.desc(), n.opter_id])
    )
    n = n.mutate(total=n.n.sum().over(ibis.window(group_by=["gid", "place"])), best=best)
    n = n.filter(n.best == 0)
    n = n.mutate(base=n.share * n.total)
    return n.group_by("gid").aggregate(
        observed=n.n.sum() / n.total.sum(), expected=n.base.sum() / n.total.sum()
    )
