"""Tables of tips taken in from an extract, people to be called back, and points of risk."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from casework.tables import ID, NAME, TIME, metadata

DAY = String(10)

extract_tips = Table(
    "extract_tips",
    metadata,
    Column("source", NAME, primary_key=True, comment="tip_id of the clean table tips"),
    Column("tip_id", ID, ForeignKey("tips.tip_id"), nullable=False, unique=True),
    Column("at", TIME, nullable=False),
    Column("who", NAME, nullable=False),
)

call_backs = Table(
    "call_backs",
    metadata,
    Column("draw_id", ID, ForeignKey("draws.draw_id"), primary_key=True),
    Column("case_id", ID, ForeignKey("cases.case_id"), nullable=False, index=True),
)

call_back_people = Table(
    "call_back_people",
    metadata,
    Column("draw_id", ID, ForeignKey("call_backs.draw_id"), primary_key=True),
    Column("person", NAME, primary_key=True, comment="as in the rings: never a clear value"),
    Column("position", Integer, nullable=False, comment="from 1, in the order drawn"),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("result", String(16), comment="not_reached, reached, confirms or denies"),
    Column("words", Text, comment="what the person said, or how often nobody answered"),
    Column("changed_at", TIME),
    Column("changed_by", NAME),
)

risk_points = Table(
    "risk_points",
    metadata,
    Column("risk_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False, comment="from 1, one more with each change"),
    Column("unit", NAME, nullable=False),
    Column("post", NAME, nullable=False),
    Column("process", NAME, nullable=False),
    Column("risk", Text, nullable=False),
    Column("measure", Text, nullable=False, comment="how it is controlled; empty while open"),
    Column("owner", NAME, nullable=False, comment="who answers for the measure"),
    Column("grade", String(16), nullable=False, comment="high, middle or low"),
    Column("source", String(16), nullable=False, comment="control, lead or hand"),
    Column("source_key", NAME, comment="sheet and check, or the lead"),
    Column("state", String(16), nullable=False, comment="open or controlled"),
    Column("reviewed_on", DAY, nullable=False, comment="local day on which it was last looked at"),
    Column("made_at", TIME, nullable=False),
    Column("made_by", NAME, nullable=False),
    Column("changed_at", TIME, nullable=False),
    Column("changed_by", NAME, nullable=False),
    # What a sheet found is put into a unit's register once.
    Index("uq_risk_points_source", "unit", "source", "source_key", unique=True),
)
