"""The two long tables: settlements and their fee lines."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingest.simulate.catalogue import DRUGS, Basket
from ingest.simulate.clock import DAY
from ingest.simulate.events import Events
from ingest.simulate.identifiers import Codes, numbers, trace_codes
from ingest.simulate.places import PlaceKind
from ingest.simulate.plant import Claims
from ingest.simulate.pricing import Lines, Rows
from ingest.simulate.world import World
from ingest.simulate.write import coded, date, moment, money, spans

Ints = NDArray[np.int64]
_CERTS = pa.array(["", "01", "02", "03"])
_CHANNELS = pa.array(["01", "02", "03", "04"])
_OPERATORS = pa.array(["", "1", "2", "3"])
_DISEASES = pa.array([f"{'EIJKMN'[i % 6]}{10 + i * 7 % 89:02d}.{i % 10}00" for i in range(90)])
_DIALYSIS_DISEASE = 5


def settlements(
    world: World, codes: Codes, events: Events, claims: Claims, rows: Rows
) -> Iterator[dict[str, pa.Array]]:
    """Yield the settlements in the order of time."""
    kinds = np.array([world.catalogue.recipes[basket].med_type for basket in Basket])
    person_division = numbers(world.people.division)
    place_division = numbers(world.places.division)
    dev_known = np.array(world.places.kiosk)
    for a, b in spans(len(rows)):
        event = rows.event[a:b]
        person, place = events.person[event], events.place[event]
        cert, device, clerk = events.cert[event], events.device[event], events.clerk[event]
        institution = world.places.kind[place] != PlaceKind.PHARMACY
        med, claim = kinds[events.basket[event]], events.claim[event]
        med = np.where(institution & (med == 41), 11, np.where(institution, med, 41))
        manual = claim >= 0
        mixed = (person.astype(np.int64) * 48_271 + rows.event[a:b] * 69_621) % 2_147_483_647
        begin, end, staying = _stay(events, claims, event, med, rows.time[a:b])
        operator = np.where(manual | (clerk >= 0), 1, 0)
        operator = np.where(
            (device >= 0) & dev_known[np.maximum(device, 0)] & (clerk < 0), 2, operator
        )
        original, refunded = rows.original[a:b], rows.refunded[a:b]
        disease = np.where(institution, _disease(world, events, event, mixed), -1)
        yield {
            "setl_id": numbers(codes.settlement[a:b]),
            "init_setl_id": coded(
                numbers(codes.settlement[np.maximum(original, 0)]),
                np.where(original >= 0, np.arange(b - a), -1),
            ),
            "psn_no": coded(codes.person, person),
            "ssc_cardno": coded(codes.card, np.where((cert == 3) & ~manual, person, -1)),
            "mdtrt_cert_type": coded(_CERTS, cert),
            "ec_chnl": coded(_CHANNELS, np.where(cert == 1, mixed % 4, -1)),
            "fixmedins_code": coded(codes.place, place),
            "dev_no": coded(codes.device, device),
            "opter_id": coded(codes.staff, clerk),
            "opter_type": coded(_OPERATORS, np.where(operator > 0, operator, -1)),
            "dr_code": coded(codes.doctor, events.doctor[event]),
            "med_type": numbers(med),
            "setl_type": numbers(np.where(manual, 1, 2)),
            "setl_time": moment(rows.time[a:b]),
            "begndate": date(begin, staying),
            "enddate": date(end, staying),
            "medfee_sumamt": money(rows.fee[a:b]),
            "fund_pay_sumamt": money(rows.fund[a:b]),
            "acct_pay": money(rows.account[a:b]),
            "acct_mulaid_pay": money(rows.family[a:b]),
            "psn_cash_pay": money(rows.cash[a:b]),
            "crov_old_balc": money(rows.before[a:b]),
            "crov_new_balc": money(rows.after[a:b]),
            "insu_admdvs": coded(person_division, person),
            "mdtrtarea_admvs": coded(place_division, place),
            "refd_setl_flag": pa.array(((original >= 0) | (refunded > 0)).astype(np.int8)),
            "vali_flag": pa.array(np.ones(b - a, np.int8)),
            "dise_no": coded(_DISEASES, disease),
        }


def fee_lines(
    world: World, codes: Codes, events: Events, lines: Lines, rows: Rows
) -> Iterator[dict[str, pa.Array]]:
    """Yield the lines of every settlement that is no refund, in the same order."""
    shown = np.flatnonzero((rows.original < 0) & (events.claim[rows.event] < 0))
    whole = (events.refund[rows.event] == 1) & (rows.original < 0)
    total = int(lines.first[-1])
    for a, b in spans(len(shown)):
        row = shown[a:b]
        count = np.diff(lines.first)[rows.event[row]]
        of = np.repeat(row, count)
        event = rows.event[of]
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        line = lines.first[event] + within
        code, place = lines.code[line].astype(np.int64), events.place[event].astype(np.int64)
        mixed = (line * 48_271 + events.person[event].astype(np.int64) * 7_919) % 2_147_483_647
        drug = code < DRUGS
        institution = world.places.kind[place] != PlaceKind.PHARMACY
        box = events.box[event]
        split = drug & institution & (mixed % 100 < 2) & (box < 0)
        pack = total + 50_000_000 + (place * DRUGS + code) * 60 + rows.time[of] // DAY // 7
        serial = np.where(split, pack, line)
        given = (box >= 0) & drug & (events.drug[event] == code)
        serial = np.where(given, total + box, serial)
        traced = drug & (given | (mixed // 100 % 100 >= 7)) & (events.basket[event] != Basket.EMPTY)
        amount = lines.count[line].astype(np.int64) * lines.price_fen[line]
        trace = trace_codes(codes, np.where(drug, code, 0), serial)
        prescribed = (events.basket[event] == Basket.PRESCRIPTION) & (events.doctor[event] >= 0)
        yield {
            "setl_id": numbers(codes.settlement[of]),
            "feedetl_sn": numbers(within + 1),
            "med_list_codg": coded(codes.billing, code),
            "cnt": pa.array(lines.count[line].astype(np.float64)),
            "pric": money(lines.price_fen[line].astype(np.int64)),
            "det_item_fee_sumamt": money(amount),
            "bilg_dr_codg": coded(codes.doctor, events.doctor[event]),
            "fee_ocur_time": moment(rows.time[of] - np.where(events.stay[event] > 0, DAY, 0)),
            "drug_trac_codg": coded(trace, np.where(traced, np.arange(len(line)), -1)),
            "trdn_flag": pa.array((split & traced).astype(np.int8)),
            "rx_circ_flag": pa.array(prescribed.astype(np.int8)),
            "sel_retn_flag": pa.array(whole[of].astype(np.int8)),
        }


def stays(world: World, codes: Codes, events: Events, mixed: Ints) -> Iterator[dict[str, pa.Array]]:
    """Yield the visits of inpatients with their beds; ``mixed`` numbers them."""
    at = np.flatnonzero((events.stay > 0) & (events.claim < 0))
    end = events.time[at]
    begin = end - (events.stay[at].astype(np.int64) - 1) * DAY - np.minimum(end % DAY, 3_600 * 3)
    order = np.lexsort((begin, events.place[at]))
    place = events.place[at].astype(np.int64)
    new = np.concatenate([[True], place[order][1:] != place[order][:-1]])[: len(order)]
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - start
    bed = np.where(events.bed[at] >= 0, events.bed[at], rank % 240)
    beds = pa.array([f"{1 + i // 24:02d}-{i % 24 + 1:02d}" for i in range(240)])
    wards = pa.array([f"A{3 + i:02d}" for i in range(10)])
    disease = _disease(world, events, at, mixed[: len(at)])
    for a, b in spans(len(at)):
        row = at[a:b]
        yield {
            "mdtrt_id": numbers(7 * 10**15 + mixed[a:b]),
            "psn_no": coded(codes.person, events.person[row]),
            "fixmedins_code": coded(codes.place, place[a:b]),
            "begntime": moment(begin[a:b]),
            "endtime": moment(end[a:b]),
            "atddr_no": coded(codes.doctor, events.doctor[row]),
            "adm_dept_codg": coded(wards, bed[a:b] // 24),
            "adm_bed": coded(beds, bed[a:b]),
            "dscg_maindiag_code": coded(_DISEASES, disease[a:b]),
        }


def _stay(
    events: Events, claims: Claims, event: Ints, med: Ints, time: Ints
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return first day, last day and whether the settlement is of a stay."""
    day = time // DAY
    begin = day - np.maximum(events.stay[event].astype(np.int64) - 1, 0)
    end = day.copy()
    claim = events.claim[event]
    at = np.flatnonzero(claim >= 0)
    if len(at):
        registered = claims.registered[claim[at]]
        end[at] = registered // DAY - 6 - registered % 23
        begin[at] = end[at] - 2 - registered % 9
    return begin, end, (med == 21) & ((events.stay[event] > 0) | (claim >= 0))


def _disease(world: World, events: Events, event: Ints, mixed: Ints) -> Ints:
    """Return the disease: chronic ones keep theirs, dialysis has one."""
    person = events.person[event]
    basket = events.basket[event]
    own = world.people.drugs[person, 0].astype(np.int64) % 30
    lasting = world.people.chronic[person] & (basket != Basket.HOSPITAL)
    disease = np.where(lasting, own, mixed % 90)
    return np.where(basket == Basket.DIALYSIS, _DIALYSIS_DISEASE, disease)
