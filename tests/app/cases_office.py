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

from app.explorer import session
from app.explorer.canvas import services
from app.explorer.cases import held
from app.explorer.launch import WORKSPACE
from app.explorer.screens import sign_in
from casework.audit import entries
from casework.leads import take_in
from casework.ledger import Ledger, open_ledger, reading
from detectors.rings import CONTRACT
from ingest.texts import say
from ingest.workspace import Workspace
from tests.app.signed_in import MAIN, hire, token_of
from tests.casework.conftest import AWAY, Clock
from tests.casework.office import (
    INES,
    IVO,
    LEO,
    LIN,
    SAM,
    SUE,
    Ring,
    officer,
    write_run,
)
from tests.ingest.extracts import load, settlement, write_extract

SECRETS = ("张三丰", "990101196803034019", "13912341234", "澄江县一镇第0村37457号", "钱多多")
CROWD = tuple(f"p{n}" for n in range(1, 31))
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
    people = [
        {"psn_no": key, "psn_name": "李四", "certno": f"9901011990010{n:02d}123", "mob": ""}
        for n, key in enumerate(CROWD, start=10)
    ]
    people[0] |= {"psn_name": SECRETS[0], "certno": SECRETS[1], "mob": SECRETS[2]}
    people[0] |= {"live_addr": SECRETS[3]}
    staff = [{"staff_id": "S-9", "name": SECRETS[4], "org": "agency", "mob": SECRETS[2]}]
    paid = [settlement(n, psn_no=key) for n, key in enumerate(CROWD)]
    extract = write_extract(folder / "extract", settlements=paid, persons=people, staff=staff)
    _, workspace = load(extract, folder / "county")
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
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.query_params["lang"] = "en"
    page.session_state[sign_in.TOKEN] = office.token(name)
    page.run()
    page.switch_page(f"screens/{screen}.py")
    for word, value in query.items():
        page.query_params[word] = value
    return drawn(page.run())


def drawn(page: AppTest) -> AppTest:
    """Return a page that was drawn without a fault."""
    assert not page.exception, page.exception
    assert session.FAILED not in page.session_state, [one.value for one in page.error]
    return page


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
    return drawn(page.run())


def text(page: AppTest, key: str, value: str) -> None:
    fields = [*page.text_input, *page.text_area]
    next(one for one in fields if one.key == key).set_value(value)


def part(page: AppTest, name: str) -> AppTest:
    page.button_group(key="cases_part").set_value(name)
    return drawn(page.run())


def tab(page: AppTest, name: str) -> AppTest:
    page.session_state["case_tab"] = say(f"cases.tab.{name}", "en")
    return drawn(page.run())


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
