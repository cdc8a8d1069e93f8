"""An extract of thirty people, imported: one of them and one of the staff with clear values."""

from pathlib import Path

from ingest.workspace import Workspace
from tests.ingest.extracts import load, settlement, write_extract

SECRETS = ("张三丰", "990101196803034019", "13912341234", "澄江县一镇第0村37457号", "钱多多")
CROWD = tuple(f"p{n}" for n in range(1, 31))


def imported(folder: Path) -> Workspace:
    """Import the extract into a workspace in the folder, as an agency does, and return it."""
    people = [
        {"psn_no": key, "psn_name": "李四", "certno": f"9901011990010{n:02d}123", "mob": ""}
        for n, key in enumerate(CROWD, start=10)
    ]
    people[0] |= {"psn_name": SECRETS[0], "certno": SECRETS[1], "mob": SECRETS[2]}
    people[0] |= {"live_addr": SECRETS[3]}
    staff = [{"staff_id": "S-9", "name": SECRETS[4], "org": "agency", "mob": SECRETS[2]}]
    paid = [settlement(n, psn_no=key) for n, key in enumerate(CROWD)]
    extract = write_extract(folder / "extract", settlements=paid, persons=people, staff=staff)
    return load(extract, folder / "county")[1]
