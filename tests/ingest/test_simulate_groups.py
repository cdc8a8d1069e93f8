"""Each planted kind leaves the traces its detector looks for, each honest reason its own."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from ingest.simulate import PlantedHonest, PlantedRing, Truth, simulate

Row = dict[str, Any]
PERSONS, DAYS, SEED = 4_000, 200, 23


class County:
    """The extract as rows, joined by hand."""

    def __init__(self, folder: Path, truth: Truth) -> None:
        self.folder, self.truth = folder, truth
        self.rows = {row["setl_id"]: row for row in self.table("settlements")}
        self.lines: defaultdict[str, list[Row]] = defaultdict(list)
        for line in self.table("fee_list"):
            self.lines[line["setl_id"]].append(line)
        self.persons = {row["psn_no"]: row for row in self.table("persons")}
        self.resale = {row["med_list_codg"] for row in self.table("resale_drugs")}

    def table(self, name: str) -> list[Row]:
        rows: list[Row] = pyarrow.parquet.read_table(self.folder / f"{name}.parquet").to_pylist()
        return rows

    def rings(self, *kinds: str) -> Iterator[PlantedRing]:
        yield from (ring for ring in self.truth.rings if ring.kind in kinds)

    def honest(self, *types: str) -> Iterator[PlantedHonest]:
        yield from (group for group in self.truth.honest if group.type in types)

    def of(self, group: PlantedRing | PlantedHonest) -> list[Row]:
        rows = [self.rows[setl_id] for setl_id in group.settlements]
        return sorted(rows, key=lambda row: row["setl_time"])

    def resale_share(self, rows: Iterable[Row]) -> float:
        codes = [line["med_list_codg"] for row in rows for line in self.lines[row["setl_id"]]]
        return sum(code in self.resale for code in codes) / len(codes)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    folder = tmp_path_factory.mktemp("county") / "extract"
    truth = simulate(folder, persons=PERSONS, days=DAYS, seed=SEED, format="parquet")
    return County(folder, truth)


def _sessions(rows: list[Row], gap: timedelta) -> list[list[Row]]:
    """Rows at one place, cut where nobody came for longer than ``gap``."""
    sessions: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: (row["fixmedins_code"], row["setl_time"])):
        last = sessions[-1][-1] if sessions else None
        if (
            last is not None
            and last["fixmedins_code"] == row["fixmedins_code"]
            and timedelta(0) <= row["setl_time"] - last["setl_time"] <= gap
        ):
            sessions[-1].append(row)
        else:
            sessions.append([row])
    return sessions


def test_card_pools_are_stacks_swiped_within_minutes_again_and_again(county: County) -> None:
    for ring in county.rings("card_pool", "card_pool_rotating"):
        together = [
            session
            for session in _sessions(county.of(ring), timedelta(minutes=6))
            if len({row["psn_no"] for row in session}) >= 2
        ]
        assert len(together) >= 5, ring
        assert county.resale_share(county.of(ring)) > 0.3
        places = {row["fixmedins_code"] for row in county.of(ring)}
        assert (len(places) >= 2) == (ring.kind == "card_pool_rotating")


def test_pool_members_live_mostly_in_different_households(county: County) -> None:
    for ring in county.rings("card_pool", "card_pool_rotating"):
        addresses = {county.persons[person]["live_addr"] for person in ring.people}
        assert len(addresses) >= 0.6 * len(ring.people)


def test_induced_cohorts_come_in_teams_to_the_same_doctors(county: County) -> None:
    for ring in county.rings("induced_cohort"):
        rows = county.of(ring)
        assert {row["dr_code"] for row in rows} <= set(ring.doctors)
        assert len(ring.doctors) <= 3
        assert len({row["fixmedins_code"] for row in rows}) == 1
        assert len({row["setl_time"].date() for row in rows}) >= 6


def test_remote_credentials_are_far_people_with_one_drug(county: County) -> None:
    for ring in county.rings("remote_credential"):
        rows = county.of(ring)
        bought = Counter(row["mdtrt_cert_type"] for row in rows)
        assert bought["01"] == len(rows)
        assert all(row["insu_admdvs"] != row["mdtrtarea_admvs"] for row in rows)
        drugs = Counter(
            line["med_list_codg"] for row in rows for line in county.lines[row["setl_id"]]
        )
        assert drugs.most_common(1)[0][1] > 0.8 * len(rows)
        assert drugs.most_common(1)[0][0] in county.resale


def test_a_doctor_sends_patients_to_one_pharmacy(county: County) -> None:
    for ring in county.rings("doctor_pharmacy"):
        (pharmacy,) = (place for place in ring.places if place.startswith("P"))
        by_doctor = [row for row in county.rows.values() if row["dr_code"] == ring.doctors[0]]
        filled = [row for row in by_doctor if row["fixmedins_code"].startswith("P")]
        there = [row for row in filled if row["fixmedins_code"] == pharmacy]
        assert len(there) > 0.5 * len(filled)


def test_a_lent_licence_works_where_it_is_not_registered(county: County) -> None:
    sites = defaultdict(set)
    for row in county.table("practitioners"):
        sites[row["prac_psn_code"]].add(row["fixmedins_code"])
    for ring in county.rings("licence_lending"):
        used = {row["fixmedins_code"] for row in county.of(ring)}
        assert used.isdisjoint(sites[ring.doctors[0]])
    for group in county.honest("multi_site_doctor", "supervising_signature"):
        used = {
            row["fixmedins_code"] for row in county.of(group) if row["dr_code"] == group.doctors[0]
        }
        assert used <= sites[group.doctors[0]]
        assert len(sites[group.doctors[0]]) == 2


def test_fake_inpatients_share_days_and_beds(county: County) -> None:
    beds = {(row["psn_no"], row["endtime"]): row["adm_bed"] for row in county.table("mdtrt")}
    for ring in county.rings("fake_inpatient"):
        rows = county.of(ring)
        cohorts = defaultdict(list)
        for row in rows:
            cohorts[row["begndate"], row["enddate"]].append(row)
        repeated = [cohort for cohort in cohorts.values() if len(cohort) >= 3]
        assert len(repeated) >= 3
        used = Counter(beds[row["psn_no"], row["setl_time"]] for row in rows)
        assert len(used) < len(ring.people)


def test_insiders_pay_many_names_into_few_accounts(county: County) -> None:
    claims = {row["setl_id"]: row for row in county.table("manual_claims")}
    for ring in county.rings("insider_reimbursement"):
        own = [claims[setl_id] for setl_id in ring.settlements]
        assert {claim["crter_id"] for claim in own} <= set(ring.staff)
        assert {claim["bankacct"] for claim in own} == set(ring.accounts)
        assert len(ring.accounts) <= 5 < len(ring.people)
    for setl_id in claims:
        row = county.rows[setl_id]
        assert (row["setl_type"], row["dev_no"]) == ("1", None)
        assert row["setl_time"] == claims[setl_id]["rchk_time"]


def test_most_honest_claims_go_to_the_claimant(county: County) -> None:
    accused = {s for r in county.rings("insider_reimbursement") for s in r.settlements}
    name = {person: row["psn_name"] for person, row in county.persons.items()}
    claims = [row for row in county.table("manual_claims") if row["setl_id"] not in accused]
    own = [c["acctname"] == name[county.rows[c["setl_id"]]["psn_no"]] for c in claims]
    assert 0.75 < sum(own) / len(own) < 0.99


def test_resold_boxes_are_settled_at_two_places_of_the_loop(county: County) -> None:
    for ring in county.rings("trace_resale"):
        where = defaultdict(list)
        for setl_id in ring.settlements:
            for line in county.lines[setl_id]:
                if line["drug_trac_codg"]:
                    where[line["drug_trac_codg"]].append(county.rows[setl_id])
        twice = [rows for rows in where.values() if len(rows) == 2]
        assert len(twice) >= 5
        for rows in twice:
            assert rows[0]["fixmedins_code"] != rows[1]["fixmedins_code"]
            first, second = sorted(row["setl_time"] for row in rows)
            assert second - first > timedelta(days=3)
            assert {row["fixmedins_code"] for row in rows} <= set(ring.places)


def test_swipe_refund_cycles_at_one_terminal(county: County) -> None:
    for ring in county.rings("swipe_refund"):
        rows = county.of(ring)
        assert len({row["dev_no"] for row in rows}) == 1
        refunds = [row for row in rows if row["init_setl_id"]]
        assert len(refunds) >= 0.25 * len(rows)
        for refund in refunds:
            first = county.rows[refund["init_setl_id"]]
            assert refund["setl_time"] - first["setl_time"] < timedelta(minutes=15)
            assert first["medfee_sumamt"] == -refund["medfee_sumamt"]
            assert first["medfee_sumamt"] % 100 == 0


def test_a_misused_staff_number_is_on_two_terminals_or_off_duty(county: County) -> None:
    for ring in county.rings("staff_number_misuse"):
        own = set(ring.settlements)
        by_day: defaultdict[tuple[Any, bool], set[str]] = defaultdict(set)
        for setl_id, row in county.rows.items():
            if row["opter_id"] == ring.staff[0] and setl_id not in own:
                by_day[_half(row["setl_time"])].add(row["dev_no"])
        elsewhere = [
            row["dev_no"] not in by_day[_half(row["setl_time"])] for row in county.of(ring)
        ]
        assert sum(elsewhere) > 0.9 * len(elsewhere)


def _half(moment: datetime) -> tuple[Any, bool]:
    return moment.date(), moment.hour >= 13


def test_an_owner_circle_lives_with_the_staff_of_the_place(county: County) -> None:
    staff = {row["staff_id"]: row for row in county.table("staff")}
    for ring in county.rings("owner_circle"):
        homes = {staff[number]["live_addr"] for number in ring.staff}
        assert {county.persons[person]["live_addr"] for person in ring.people} <= homes
        assert {staff[number]["org"] for number in ring.staff} == set(ring.places)
        here = [r for r in county.rows.values() if r["fixmedins_code"] == ring.places[0]]
        theirs = [row for row in here if row["psn_no"] in ring.people]
        fund = sum(row["fund_pay_sumamt"] for row in here)
        assert sum(row["fund_pay_sumamt"] for row in theirs) > 0.1 * float(fund)


def test_treatments_keep_their_weekdays_and_items(county: County) -> None:
    for group in county.honest("dialysis"):
        rows = county.of(group)
        assert len({row["setl_time"].weekday() for row in rows}) == 3
        items = [{line["med_list_codg"] for line in county.lines[r["setl_id"]]} for r in rows]
        assert set.intersection(*items)


def test_honest_groups_share_what_explains_them(county: County) -> None:
    for group in county.honest("family", "one_buys_for_another", "nursing_home"):
        assert len({county.persons[person]["live_addr"] for person in group.people}) == 1
    for group in county.honest("school", "works_clinic", "village_doctor"):
        employers = Counter(county.persons[person]["emp_no"] for person in group.people)
        if group.type != "village_doctor":
            assert len(employers) == 1
        assert len({row["fixmedins_code"] for row in county.of(group)}) == 1
    for group in county.honest("health_check"):
        assert len({row["setl_time"].date() for row in county.of(group)}) == 1


def test_honest_groups_buy_little_that_is_resale_prone(county: County) -> None:
    for group in county.honest("family", "neighbours", "village_doctor", "chronic_day"):
        rows = county.of(group)
        if len(rows) >= 30:
            assert county.resale_share(rows) < 0.4, group.type


def test_people_of_rings_lead_an_ordinary_life_beside(county: County) -> None:
    settled = Counter(row["psn_no"] for row in county.rows.values())
    for ring in county.rings("card_pool", "induced_cohort", "trace_resale"):
        own = Counter(row["psn_no"] for row in county.of(ring))
        assert sum(settled[p] for p in ring.people) > sum(own[p] for p in ring.people)
