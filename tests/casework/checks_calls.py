"""How tips of an extract, call-backs, points of risk and letters are called on a subject."""

from sqlalchemy import Connection, insert

from casework import call_backs, letters, risk_points, tips_extract
from casework.issuing import Wanted
from casework.ledger import Ledger
from casework.rights import Officer
from casework.risk_points import Entry
from casework.tables import draws
from casework.tables_checks import call_back_people
from casework.tables_checks import call_backs as call_table
from casework.tables_checks import risk_points as point_table
from tests.casework.past_rights import Calls, past_rights

LISTS = {"risk_points.list_points": "W"}
WITHOUT_SUBJECT = {
    "tips_extract.count_waiting",
    "tips_extract.take_in_extract",
    "risk_points.add_point",
}
OF_INSIDERS = {"risk_points.list_points", "risk_points.change_point"}
LETTERS = "GW"
ENTRY = Entry(post="p", process="p", risk="r", measure="", owner="o", grade="low")


def checks_calls(ledger: Ledger, who: Officer, number: str) -> Calls:
    """Return the calls; one that gets past its rights and then lacks something went through."""
    case, drawn, point = (f"{letter}-{number}" for letter in "KGW")
    plain: Calls = {
        "tips_extract.count_waiting": lambda: tips_extract.count_waiting(ledger, who),
        "tips_extract.take_in_extract": lambda: tips_extract.take_in_extract(ledger, who, unit="u"),
        "call_backs.draw_people": lambda: call_backs.draw_people(
            ledger, who, case, wanted=1, purpose="p"
        ),
        "call_backs.list_call_backs": lambda: call_backs.list_call_backs(ledger, who, case),
        "call_backs.note_result": lambda: call_backs.note_result(
            ledger, who, drawn, "p1", result="denies", words="w", revision=1
        ),
        "risk_points.add_point": lambda: risk_points.add_point(ledger, who, ENTRY),
        "risk_points.list_points": lambda: [
            one.risk_id for one in risk_points.list_points(ledger, who)
        ],
        "risk_points.change_point": lambda: risk_points.change_point(
            ledger, who, point, ENTRY, state="open", revision=1
        ),
        "letters.letter_areas": lambda: letters.letter_areas(ledger, who, case),
        "letters.issue_letter": lambda: letters.issue_letter(
            ledger, who, case, Wanted(language="en")
        ),
    }
    return past_rights(plain)


def plant_checks(connection: Connection, number: str, unit: str, at: str) -> None:
    """Put a call-back beside the case of a place, and a point of risk."""
    drawn, by = f"G-{number}", {"at": at, "who": "somebody"}
    connection.execute(
        insert(draws),
        {
            **{"draw_id": drawn, "unit": unit, "kind": "call_back", "purpose": "p", "pool": "{}"},
            **{"excluded": "{}", "wanted": 1, "seed": "s", "drawn": '["p1"]', **by},
        },
    )
    connection.execute(insert(call_table), {"draw_id": drawn, "case_id": f"K-{number}"})
    person = {"draw_id": drawn, "person": "p1", "position": 1, "revision": 1}
    connection.execute(insert(call_back_people), person)
    connection.execute(
        insert(point_table),
        {
            **{"risk_id": f"W-{number}", "revision": 1, "unit": unit, "post": "p"},
            **{"process": "p", "risk": "r", "measure": "", "owner": "o", "grade": "low"},
            **{"source": "hand", "state": "open", "reviewed_on": "2026-03-02"},
            **{"made_at": at, "made_by": "s", "changed_at": at, "changed_by": "s"},
        },
    )
