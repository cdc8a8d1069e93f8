"""The calls of the API, each a service of casework on behalf of a client."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer

from app.api.forms import (
    DraftOut,
    LeadOut,
    OutcomeIn,
    Problem,
    TipIn,
    TipOut,
    draft_out,
    lead_out,
    tip_out,
)
from app.api.rates import Rates
from casework.accounts_clients import UnknownClient, client_of, note_call
from casework.audit import Actor
from casework.decisions import propose_outcome
from casework.informants import Informant
from casework.leads import list_leads, read_lead
from casework.ledger import Ledger
from casework.rights import NotFound, Officer, Refused
from casework.subjects import Stale
from casework.tips import read_tip, register_tip
from ingest.errors import RingfenceError

OPEN_DOCUMENT = "/v1/openapi.json"
LARGEST = 1_000_000
"""Bytes that a call may have."""

STRANGERS_PER_MINUTE = 30
"""Calls without a known token that are answered, and written down, in a minute."""

_Next = Callable[[Request], Awaitable[Response]]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (401, 404, 409, 413, 422, 429)
}


def make_api(ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> FastAPI:
    """Return the API over an open ledger; ``clock`` counts seconds for the rates."""
    api = FastAPI(
        title="Ringfence",
        version="1",
        summary="Read leads; hand in tips, and outcomes that a person approves.",
        openapi_url=OPEN_DOCUMENT,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(HTTPBearer(auto_error=False))],
        responses=_ANSWERS,
    )
    _guard(api, ledger, Rates(clock))
    _errors(api)
    _leads(api, ledger)
    _tips(api, ledger)
    return api


def _officer(request: Request) -> Officer:
    """Return as whom a call acts; the guard has put it there."""
    found = request.state.officer
    assert isinstance(found, Officer)  # noqa: S101 - narrows what the guard left
    return found


Acting = Annotated[Officer, Depends(_officer)]


def _leads(api: FastAPI, ledger: Ledger) -> None:
    @api.get("/v1/leads")
    def leads(officer: Acting, state: str | None = None) -> list[LeadOut]:
        """List the leads of the client's unit: largest probability × loss first."""
        found = list_leads(ledger, officer)
        return [lead_out(lead) for lead in found if state in (None, lead.state)]

    @api.get("/v1/leads/{lead_id}")
    def lead(officer: Acting, lead_id: str) -> LeadOut:
        """Read one lead."""
        return lead_out(read_lead(ledger, officer, lead_id, purpose="api")[0])

    @api.post("/v1/leads/{lead_id}/outcome", status_code=201)
    def outcome(officer: Acting, lead_id: str, form: OutcomeIn) -> DraftOut:
        """Hand in what a check came to, as a draft that a person approves."""
        draft = propose_outcome(
            ledger,
            officer,
            lead_id,
            move="judge",
            choice=form.outcome,
            explanation=form.explanation,
            reason=form.reason,
            revision=form.revision,
        )
        return draft_out(draft)


def _tips(api: FastAPI, ledger: Ledger) -> None:
    @api.post("/v1/tips", status_code=201)
    def register(officer: Acting, form: TipIn) -> TipOut:
        """Hand in a tip; who told it goes to the informant desk alone."""
        tip = register_tip(
            ledger,
            officer,
            unit=form.unit,
            channel=form.channel,
            received=form.received,
            summary=form.summary,
            telling=form.telling,
            informant=Informant(**form.informant.model_dump()) if form.informant else None,
            entities=[(entity.type, entity.key) for entity in form.entities],
            concerned=form.concerned,
        )
        return tip_out(tip)

    @api.get("/v1/tips/{tip_id}")
    def tip(officer: Acting, tip_id: str) -> TipOut:
        """Read how a tip stands."""
        return tip_out(read_tip(ledger, officer, tip_id))


def _guard(api: FastAPI, ledger: Ledger, rates: Rates) -> None:
    """Let in who has a token and calls left; every call is a row of the audit log."""

    @api.middleware("http")
    async def guard(request: Request, call: _Next) -> Response:
        if request.url.path == OPEN_DOCUMENT:
            return await call(request)
        try:
            client, officer = await run_in_threadpool(client_of, ledger, _token(request))
        except UnknownClient as error:
            return await _stranger(ledger, rates, error)
        seconds = rates.wait(client.client_id, client.per_minute)
        if seconds is not None:
            if rates.first(client.client_id):
                await _note(ledger, officer, "client.limited", client.client_id, request, 429)
            return _too_many(seconds)
        if _too_large(request):
            answer: Response = _problem(413, f"A call has at most {LARGEST:,} bytes: send less.")
        else:
            request.state.officer = officer
            answer = await call(request)
        await _note(ledger, officer, "client.called", client.client_id, request, answer.status_code)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _errors(api: FastAPI) -> None:
    """Say what went wrong in one sentence, never with what was told or who told it."""

    @api.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        wrong = [f"{_field(one)}: {one['type']}" for one in error.errors()]
        return _problem(422, f"The call has wrong fields ({'; '.join(wrong[:20])}).")

    @api.exception_handler(404)
    async def missing(*_: object) -> Response:
        return _problem(404, f"No such call: see {OPEN_DOCUMENT}.")

    @api.exception_handler(405)
    async def another_method(*_: object) -> Response:
        return _problem(405, f"No such call with this method: see {OPEN_DOCUMENT}.")

    @api.exception_handler(RingfenceError)
    async def refused(_: Request, error: RingfenceError) -> Response:
        if isinstance(error, NotFound):
            return _problem(404, str(error))
        if isinstance(error, Stale):
            return _problem(409, str(error))
        if isinstance(error, Refused):
            return _problem(422, str(error))
        return _problem(503, "The ledger cannot be used at the moment: try again later.")


def _field(error: Mapping[str, Any]) -> str:
    """Return which field is wrong; an unknown one is not named, as its name was sent."""
    place = [*map(str, error["loc"])]
    return ".".join([*place[:-1], "?"] if error["type"] == "extra_forbidden" else place)


async def _stranger(ledger: Ledger, rates: Rates, error: UnknownClient) -> Response:
    seconds = rates.wait("", STRANGERS_PER_MINUTE)
    if seconds is not None:
        return _too_many(seconds)
    nobody = Actor(name="unknown", role="expert")
    await run_in_threadpool(note_call, ledger, nobody, "client.refused", "unknown")
    answer = _problem(401, str(error))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _note(
    ledger: Ledger, officer: Officer, action: str, client: str, request: Request, status: int
) -> None:
    route = request.scope.get("route")
    path = getattr(route, "path", "-")  # the pattern: what was sent stays out of the log
    await run_in_threadpool(
        note_call, ledger, officer, action, client, method=request.method, path=path, status=status
    )


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _too_large(request: Request) -> bool:
    """Whether a call is too large, or does not say how large it is."""
    said = request.headers.get("content-length")
    if said is None:
        return "transfer-encoding" in request.headers
    return not said.isdecimal() or int(said) > LARGEST


def _too_many(seconds: float) -> Response:
    whole = int(seconds) + 1
    answer = _problem(429, f"Too many calls: wait {whole} seconds.")
    answer.headers["Retry-After"] = str(whole)
    return answer


def _problem(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers={"Cache-Control": "no-store"})
