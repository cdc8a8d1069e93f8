"""A small OIDC provider that really runs: discovery, keys, sign-in page, codes for tokens.

It issues RS256 ID tokens by the authorization code flow with PKCE, as an agency's own does; the
client is Authlib's, as in Streamlit's ``st.login``.
"""

import secrets
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Form, HTTPException, Query
from fastapi.responses import JSONResponse, RedirectResponse

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib announces what its next major version moves
    from authlib.common.errors import AuthlibBaseError
    from authlib.integrations.httpx_client import OAuth2Client
    from authlib.jose import JsonWebKey, jwt
    from authlib.oauth2.rfc7636 import create_s256_code_challenge
    from authlib.oidc.core import CodeIDToken

CLIENT, SECRET, BACK = "ringfence", "an invented secret", "http://127.0.0.1:9/oauth2callback"


class NotSignedIn(Exception):
    """The provider, or the client that checks its token, refused."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A running provider; ``codes`` are those not yet used, with what they were given for."""

    issuer: str
    key: Any
    codes: dict[str, dict[str, str]] = field(default_factory=dict)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def serve() -> Iterator[Provider]:
    """Run a provider on a free port of this machine's loopback."""
    config = uvicorn.Config(FastAPI(), host="127.0.0.1", port=0, log_level="error")
    socket = config.bind_socket()
    issuer = f"http://127.0.0.1:{socket.getsockname()[1]}"
    key = JsonWebKey.generate_key("RSA", 2048, {"kid": "k1"}, is_private=True)
    provider = Provider(issuer=issuer, key=key)
    config.app = _app(provider)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
        socket.close()


def signed_in(
    provider: Provider, subject: str, *, reuse: bool = False, other_key: bool = False
) -> dict[str, Any]:
    """Walk through the code flow as ``subject`` and return the claims of the checked ID token."""
    found = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    with OAuth2Client(
        CLIENT, SECRET, scope="openid", redirect_uri=BACK, code_challenge_method="S256"
    ) as client:
        url, state = client.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        back = httpx.get(f"{url}&{urlencode({'as': subject})}").headers["location"]
        assert parse_qs(urlsplit(back).query)["state"] == [state]
        try:
            for _ in range(2 if reuse else 1):
                token = client.fetch_token(
                    found["token_endpoint"], authorization_response=back, code_verifier=verifier
                )
            keys = httpx.get(found["jwks_uri"]).json()
            if other_key:
                forger = JsonWebKey.generate_key("RSA", 2048, {"kid": "k1"}, is_private=True)
                keys = {"keys": [forger.as_dict(is_private=False)]}
            claims = jwt.decode(
                token["id_token"],
                JsonWebKey.import_key_set(keys),
                claims_cls=CodeIDToken,
                claims_options={"iss": {"value": found["issuer"]}, "aud": {"value": CLIENT}},
                claims_params={"nonce": nonce},
            )
            claims.validate()
        except AuthlibBaseError as error:
            raise NotSignedIn(str(error)) from error
    return dict(claims)


def _app(provider: Provider) -> FastAPI:
    app = FastAPI()
    issuer = provider.issuer

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(is_private=False)]}

    @app.get("/authorize")
    def authorize(
        client_id: str,
        redirect_uri: str,
        state: str,
        nonce: str,
        code_challenge: str,
        code_challenge_method: str,
        subject: Annotated[str, Query(alias="as")],
    ) -> RedirectResponse:
        if (client_id, redirect_uri, code_challenge_method) != (CLIENT, BACK, "S256"):
            raise HTTPException(400, "invalid_request")
        code = secrets.token_urlsafe(24)
        provider.codes[code] = {"sub": subject, "nonce": nonce, "challenge": code_challenge}
        return RedirectResponse(f"{BACK}?{urlencode({'code': code, 'state': state})}")

    @app.post("/token")
    def token(code: Annotated[str, Form()], code_verifier: Annotated[str, Form()]) -> Any:
        held = provider.codes.pop(code, None)
        if held is None or create_s256_code_challenge(code_verifier) != held["challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        began = int(now().timestamp())
        claims = {"iss": issuer, "aud": CLIENT, "sub": held["sub"], "nonce": held["nonce"]}
        times = {"iat": began, "exp": began + 3600}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, {**claims, **times}, provider.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed.decode()}

    return app
