"""What goes over the wire; a field that is not named here does not."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from casework.decisions import Draft
from casework.leads import Lead
from casework.tips_holding import Tip

Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Form(BaseModel):
    """A form with exactly its fields."""

    model_config = ConfigDict(extra="forbid")


class LeadOut(Form):
    """A lead: a ring handed to people to check, a suspicion and no finding. Members are not told.

    Money in yuan, times local; ``present`` is false if the newest run no longer raises the ring.
    """

    lead_id: str
    ring_id: str
    revision: int
    unit: str
    state: str
    run: str
    present: bool
    outcome: str | None
    explanation: str | None
    case_id: str | None
    kind: str
    probability: float
    loss_low: Decimal
    loss_mid: Decimal
    loss_high: Decimal
    first_seen: str
    last_seen: str
    people: int
    places: int
    settlements: int
    changed_at: str


class OutcomeIn(Form):
    """What a check of a lead came to; it becomes a draft, which a person approves."""

    outcome: Literal["confirmed", "rejected", "look_alike"]
    explanation: Name | None = None
    reason: Text
    revision: Annotated[int, Field(ge=1)]


class DraftOut(Form):
    """A draft that waits for a person."""

    draft_id: str
    lead_id: str
    state: str
    at: str


class InformantIn(Form):
    """Who told something; it goes to the informant desk's own store and is never given back."""

    name: Annotated[str, Field(max_length=200)] = ""
    certificate: Annotated[str, Field(max_length=200)] = ""
    telephone: Annotated[str, Field(max_length=200)] = ""
    address: Annotated[str, Field(max_length=500)] = ""
    account: Annotated[str, Field(max_length=200)] = ""


class EntityIn(Form):
    """Whom or what a tip is about, by its key of the import."""

    type: Literal["person", "place", "staff", "doctor", "card", "device", "account"]
    key: Name


class TipIn(Form):
    """A tip; ``concerned`` are the units of agency staff it is about, absent if it is of none."""

    unit: Name
    channel: Literal["hotline", "letter", "visit", "online", "supervisor", "other_body"]
    received: date
    summary: Text
    telling: Text
    informant: InformantIn | None = None
    entities: Annotated[list[EntityIn], Field(max_length=1000)] = []
    concerned: Annotated[list[Name], Field(max_length=100)] | None = None


class TipOut(Form):
    """How a tip stands; neither what was told nor who told it."""

    tip_id: str
    revision: int
    unit: str
    state: str
    outcome: str | None
    received: date
    answered_on: date | None


class Problem(Form):
    """Why a call was not served; it never repeats what was told, or who told it."""

    error: str


def lead_out(lead: Lead) -> LeadOut:
    """Return what is told of a lead."""
    facts = {name: lead.facts[name] for name in LeadOut.model_fields if name in lead.facts}
    own = {name: getattr(lead, name) for name in LeadOut.model_fields if hasattr(lead, name)}
    return LeadOut(**own, **facts)


def draft_out(draft: Draft) -> DraftOut:
    """Return what is told of a draft."""
    return DraftOut(draft_id=draft.draft_id, lead_id=draft.subject, state=draft.state, at=draft.at)


def tip_out(tip: Tip) -> TipOut:
    """Return what is told of a tip."""
    return TipOut(**{name: getattr(tip, name) for name in TipOut.model_fields})
