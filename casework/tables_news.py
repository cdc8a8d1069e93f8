"""Tables of news for other systems: where it is sent, and each message."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import text as sql

from casework.tables import ID, NAME, TIME, metadata

news_addresses = Table(
    "news_addresses",
    metadata,
    Column("address_id", ID, primary_key=True),
    Column("client_id", ID, ForeignKey("api_clients.client_id"), nullable=False),
    Column("webhook", Text, nullable=False, comment="where news is sent"),
    Column("made_at", TIME, nullable=False, comment="only what is later is told"),
    Column("made_by", NAME, nullable=False),
    Column("removed_at", TIME),
    Column("removed_by", NAME),
    # A client has one address at a time.
    Index(
        "uq_news_addresses_client_id_kept",
        "client_id",
        unique=True,
        sqlite_where=sql("removed_at IS NULL"),
        postgresql_where=sql("removed_at IS NULL"),
    ),
)

news_deliveries = Table(
    "news_deliveries",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("address_id", ID, ForeignKey("news_addresses.address_id"), nullable=False),
    Column("source", String(8), nullable=False, comment="run or move"),
    Column("lead_id", ID, ForeignKey("leads.lead_id"), nullable=False),
    Column("number", Integer, nullable=False, comment="of the lead's history or its moves"),
    Column("made_at", TIME, nullable=False),
    Column("body", Text, nullable=False, comment="the JSON that is sent"),
    Column("tries", Integer, nullable=False),
    Column("last_error", Text),
    Column("delivered_at", TIME),
    Column("withdrawn_at", TIME, comment="the client lost the lead before it was sent"),
    # What a run or a person changed of a lead is told to an address once.
    Index("uq_news_deliveries_told", "address_id", "source", "lead_id", "number", unique=True),
)
