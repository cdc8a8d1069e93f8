"""An agency at work: an imported extract, rings taken in as leads, an account for each officer."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow import parquet
from streamlit.testing.v1 import AppTest

from app.explorer.canvas import services
from app.explorer.cases import held
from app.explorer.launch import WORKSPACE
from casework.audit import entries
from casework.leads import take_in
from casework.ledger import Ledger, open_ledger, reading
from detectors.rings import CONTRACT
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.signed_in import arrive, hire, ran, token_of
from tests.casework.conftest import AWAY, Clock
from tests.casework.office import INES, IVO, LEO, LIN, SAM, SUE, Ring, officer, write_run
from tests.casework.people_extract import CROWD as CROWD
from tests.casework.people_extract import SECRETS as SECRETS
from tests.casework.people_extract import imported

PLAIN, SECOND, INSIDE = "R-plain", "R-second", "R-inside"
ANN, IDA = officer("ann", "analyst"), officer("ida", "investigator")
EVERYBODY = (ANN, INES, IVO, IDA, SUE, SAM, LIN, LEO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A workspace with its ledger, whose clock a test can set."""

    workspace: Workspace
    ledger: Ledger
    clock: Clock

    def token(self, name: str) -> str:
        """Sign somebody in by the agency, and return the token of the session."""
        return token_of(self.ledger, name)


def build(folder: Path, *, taken: bool = True) -> Path:
    """Import an extract of thirty people with three rings, make the accounts, take them in."""
    workspace = imported(folder)
    rings(workspace)
    with open_ledger(
        workspace, environ={}, clock=Clock(AWAY - timedelta(days=40, hours=1))
    ) as ledger:
        hire(ledger, *EVERYBODY)
        if taken:
            take_in(ledger, SUE)
    return workspace.root


def rings(workspace: Workspace, *, loss: str = "1000.00") -> None:
    """Leave a run with a large ring, one of much money, and one with agency staff."""
    name = write_run(
        workspace,
        Ring(ring_id=PLAIN, people=CROWD, loss=loss),
        Ring(ring_id=SECOND, kind="doctor_pharmacy", probability=0.6, loss="90000.00"),
        Ring(ring_id=INSIDE, kind="mixed", people=("p1",), staff={"S-9": "handler"}),
    )
    for table, schema in CONTRACT.items():
        path = workspace.runs / name / f"{table}.parquet"
        if not path.exists():
            parquet.write_table(schema.empty_table(), path)


@contextmanager
def opened(built: Path, root: Path) -> Iterator[Office]:
    """Copy the built workspace and open its ledger, forty days later."""
    shutil.copytree(built, root, symlinks=True)
    clock = Clock()
    workspace = Workspace(root)
    with open_ledger(workspace, environ={}, clock=clock) as ledger:
        yield Office(workspace=workspace, ledger=ledger, clock=clock)


@contextmanager
def explored(built: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Open the agency with the explorer on its ledger."""
    with opened(built, root) as found:
        monkeypatch.setattr(services, "ledger", lambda _: found.ledger)
        monkeypatch.setenv(WORKSPACE, str(root))
        held.forget()
        yield found
        held.forget()


def come(office: Office, name: str, screen: str = "cases", **query: str) -> AppTest:
    """Come to a page as somebody, in English."""
    held.forget()
    return arrive(screen, query=query, token=office.token(name))


def headings(page: AppTest) -> list[str]:
    return [one.value for one in page.subheader]


def words(page: AppTest) -> str:
    """Everything that the page says, as it was written before it was made safe for Markdown."""
    said = [
        one.value
        for kind in (page.markdown, page.caption, page.success, page.warning, page.error, page.info)
        for one in kind
    ]
    return re.sub(r"\\(.)", r"\1", "\n".join(map(str, said)))


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return ran(page)


def text(page: AppTest, key: str, value: str) -> None:
    fields = [*page.text_input, *page.text_area]
    next(one for one in fields if one.key == key).set_value(value)


def part(page: AppTest, name: str) -> AppTest:
    page.button_group(key="cases_part").set_value(name)
    return ran(page)


def tab(page: AppTest, name: str) -> AppTest:
    page.session_state["case_tab"] = say(f"cases.tab.{name}", "en")
    return ran(page)


def log_of(office: Office, start: str) -> list:
    """Return the rows of the audit log whose action begins so, lists left out."""
    with reading(office.ledger) as connection:
        return [
            one for one in entries(connection)
            if one.action.startswith(start) and not one.action.endswith("listed")
        ]  # fmt: skip


def shown_to_browser(page: AppTest) -> str:
    """Everything that this run sent to the browser."""
    frames = "\n".join(one.value.to_csv() for one in page.dataframe)
    boxes = "\n".join(str(one.proto) for one in [*page.selectbox, *page.button])
    return "\n".join([words(page), frames, boxes])
