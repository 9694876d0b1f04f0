"""Signing in with Google: OAuth 2.0 with PKCE; the ID token's signature, audience and nonce are checked."""

from __future__ import annotations

import ipaddress
import secrets
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S: Final = 5.0
METADATA_TTL_S: Final = 3_600.0
LEEWAY_S: Final = 30
ALGORITHMS: Final = ("RS256", "ES256")
SCOPE: Final = "openid email profile"


class ProviderFailed(Exception):  # noqa: N818 - it tells what happened
    """The provider does not answer, or answers what can't be trusted."""


@dataclass(frozen=True)
class Attempt:
    """One try to sign in, which the browser keeps sealed in a cookie."""

    state: str
    nonce: str
    verifier: str
    goes_to: str


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is."""

    subject: str
    email: str
    email_verified: bool
    name: str


class Google:
    """An OpenID provider.

    Args:
        client_id: what the provider knows us by.
        client_secret: what we prove that with.
        issuer: its URL; its endpoints are found from there.
        clock_s: Unix time in seconds.

    """

    def __init__(
        self, client_id: str, client_secret: str, issuer: str, clock_s: Callable[[], float] = time.time
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._issuer = issuer.rstrip("/")
        self._clock_s = clock_s
        self._metadata: dict[str, Any] = {}
        self._metadata_until_s = 0.0

    async def start(self, redirect_url: str, goes_to: str) -> tuple[str, Attempt]:
        """Give the address to send the browser to, and what to remember of the attempt.

        Raises:
            ProviderFailed: the provider does not answer.

        """
        state, nonce, verifier = (secrets.token_urlsafe(size) for size in (24, 24, 48))
        attempt = Attempt(state, nonce, verifier, goes_to)
        metadata = await self._discovered()
        async with self._client(redirect_url) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
                prompt="select_account",
            )
        return str(url), attempt

    async def finish(self, redirect_url: str, code: str, attempt: Attempt) -> Identity:
        """Trade the code that the browser came back with for who it is.

        Raises:
            ProviderFailed: the provider does not answer, or what it says can't be trusted.

        """
        metadata = await self._discovered()
        try:
            async with self._client(redirect_url) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=attempt.verifier
                )
            async with httpx.AsyncClient(timeout=DEADLINE_S) as client:
                found = (await client.get(metadata["jwks_uri"])).raise_for_status().json()
            return self._identity(str(token["id_token"]), KeySet.import_key_set(found), attempt.nonce)
        except (httpx.HTTPError, JoseError, KeyError, ValueError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from error
        except Exception as error:
            # Authlib has errors of its own for what a provider refuses.
            if type(error).__module__.startswith("authlib"):
                raise ProviderFailed(str(error)) from error
            raise

    def _identity(self, id_token: str, keys: KeySet, nonce: str) -> Identity:
        claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
        issuers = [self._issuer, self._issuer.removeprefix("https://")]  # Google's older tokens leave it out
        jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock_s()),
            leeway=LEEWAY_S,
            iss={"essential": True, "values": issuers},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
            email={"essential": True},
        ).validate(claims)
        email = str(claims["email"]).strip().lower()
        return Identity(
            str(claims["sub"]), email, claims.get("email_verified") is True, str(claims.get("name", ""))
        )

    async def _discovered(self) -> dict[str, Any]:
        if self._clock_s() < self._metadata_until_s:
            return self._metadata
        try:
            async with httpx.AsyncClient(timeout=DEADLINE_S) as client:
                answer = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                found: dict[str, Any] = answer.raise_for_status().json()
            if found["issuer"].rstrip("/") != self._issuer:
                raise ProviderFailed(f"the provider calls itself {found['issuer']}, not {self._issuer}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _require_safe(found[name])
        except (httpx.HTTPError, KeyError, ValueError, AttributeError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from error
        self._metadata, self._metadata_until_s = found, self._clock_s() + METADATA_TTL_S
        return found

    def _client(self, redirect_url: str) -> Any:
        with warnings.catch_warnings():
            # It announces a package that its next major version will want instead of httpx.
            warnings.simplefilter("ignore")
            from authlib.integrations.httpx_client import AsyncOAuth2Client  # noqa: PLC0415

        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=redirect_url,
            code_challenge_method="S256",
            timeout=DEADLINE_S,
        )


def _require_safe(url: str) -> None:
    """Refuse an endpoint without TLS, unless it is on this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return
    try:
        loopback = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = parts.hostname == "localhost"
    if not loopback:
        raise ProviderFailed(f"{parts.hostname} is named without TLS")
