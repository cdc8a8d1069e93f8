"""An office over the sample county: an account for each role, and how a page is opened as one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from app.explorer.canvas import services
from app.explorer.launch import WORKSPACE
from casework.accounts_clients import add_client
from casework.cases import open_case
from casework.informants import Informant
from casework.leads import assign_lead, list_leads, take_in
from casework.ledger import Ledger, open_ledger
from casework.news import set_address
from casework.reveals import masked, reveal
from casework.rights import ROLES, Officer
from casework.tips import list_tips, register_tip
from ingest.texts import Language
from ingest.workspace import Workspace
from tests.app import sample
from tests.app.signed_in import ADMIN, AGENCY, arrive, hire, ran, token_of

__all__ = ["ADMIN", "AGENCY", "ran"]

UNIT, DISCIPLINE, DESK = "u1", "discipline", "hotline desk"
UNITS = {"liaison": DISCIPLINE, "informant_desk": DESK}
PERSON, CLEAR_NAME = sample.POOL_PEOPLE[0], "张三丰"


def build(root: Path) -> Workspace:
    """Make the county, an account for each role, linked to an agency, and the leads of its run."""
    space = sample.build(root)
    _years(space)
    _named(space)
    with open_ledger(space, environ={}) as ledger:
        hire(ledger, *(who(role) for role in ROLES))
    return space


def looked_at(ledger: Ledger) -> str:
    """Let an investigator open a case of the pool and see a name; return the case."""
    supervisor, investigator = who("supervisor"), who("investigator")
    take_in(ledger, supervisor)
    lead = next(one for one in list_leads(ledger, supervisor) if one.ring_id == sample.POOL)
    lead = assign_lead(
        ledger, supervisor, lead.lead_id, to=[investigator.name], revision=lead.revision
    )
    case = open_case(ledger, investigator, {lead.lead_id: lead.revision}, title="invented").case_id
    masked(ledger, ledger.workspace, investigator, case=case)
    shown = reveal(
        ledger, ledger.workspace, investigator, case=case, subject=("person", PERSON),
        fields="identity", reason="contact", text="to be heard",
    )  # fmt: skip
    assert shown.values == {"psn_name": (CLEAR_NAME,)}
    return case


def who(role: str) -> Officer:
    """Return the officer of a role's account."""
    name = role.replace("_", "-")
    return Officer(name=name, role=role, unit=UNITS.get(role, UNIT))  # type: ignore[arg-type]


def taken(ledger: Ledger) -> None:
    """Let the desk take two tips, one of them long ago, and a system be told of leads."""
    desk, today = who("informant_desk"), date.today()
    for days, summary in ((90, "Cards are said to lie in a drawer."), (0, "The same, once more.")):
        register_tip(
            ledger, desk, unit=UNIT, channel="letter", received=today - timedelta(days=days),
            summary=summary, telling="in their words", informant=Informant(name=CLEAR_NAME),
            entities=[("place", "P33010000001"), ("device", "T-1")],
        )  # fmt: skip
    add_client(ledger, ADMIN, name="platform", role="analyst", unit=UNIT)
    set_address(ledger, ADMIN, "platform", webhook="https://example.test/hook")


def tip_of(ledger: Ledger) -> str:
    """Return the tip that presses most."""
    return list_tips(ledger, who("informant_desk"))[0].tip_id


@contextmanager
def opened(space: Workspace) -> Iterator[Workspace]:
    """Let pages work on a county, and on none afterwards."""
    services.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(WORKSPACE, str(space.root))
        yield space
    services.forget()


def come(role: str, screen: str, lang: Language = "en", **query: str) -> AppTest:
    """Come to a page as the officer of a role, signed in by the agency."""
    with open_ledger(Workspace(Path(os.environ[WORKSPACE])), environ={}) as ledger:
        token = token_of(ledger, who(role).name)
    return arrive(screen, lang, query, token=token)


def press(page: AppTest, label: str) -> AppTest:
    """Press the button of that label."""
    (found,) = [one for one in page.button if one.label == label]
    found.click()
    return ran(page)


def choose(page: AppTest, table: str, key: str | None) -> AppTest:
    """Choose a row of a table by its key, as a click on it does."""
    page.session_state[f"{table}_chosen"] = key
    return ran(page)


def words(page: AppTest) -> str:
    """Return everything that a page says."""
    kinds = (
        "subheader", "markdown", "caption", "info", "warning", "error", "success", "code", "text",
    )  # fmt: skip
    told = [str(one.value) for kind in kinds for one in getattr(page, kind)]
    told += [str(one.label) for kind in ("button", "metric", "expander") for one in page.get(kind)]
    return "\n".join(told).replace("\\", "")


def _years(space: Workspace) -> None:
    """Give the years around today a calendar, so that the tests hold in later years too."""
    folder = space.root / "calendar"
    folder.mkdir()
    for year in range(date.today().year - 1, date.today().year + 2):
        text = f'year = {year}\nsource = "invented"\nwork = []\noff = []\n'
        (folder / f"{year}.toml").write_text(text, "utf-8")


def _named(space: Workspace) -> None:
    """Put a name behind the pseudonym of one member of the pool, as the import keeps it."""
    persons = pq.read_table(space.table("persons"), columns=["psn_no", "psn_name"]).to_pylist()
    (hidden,) = [one["psn_name"] for one in persons if one["psn_no"] == PERSON]
    folder = space.root / ".imports" / sample.IMPORT / "restricted"
    folder.mkdir(exist_ok=True)
    clear = {"kind": ["name"], "pseudonym": [hidden], "value": [CLEAR_NAME]}
    pq.write_table(pa.table(clear), folder / "clear.parquet")
