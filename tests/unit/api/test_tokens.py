"""Access tokens: whatever is not exactly what was issued is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from payflow.api.auth.keys import SigningKeys, fresh_key
from payflow.api.auth.tokens import ALGORITHM, AUDIENCE, ISSUER, LEEWAY_S, REQUIRED, AccessTokens
from payflow.api.routing import ProblemError
from payflow.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

NOW_S = 1_790_000_000
TTL_S = 600


class Clock:
    def __init__(self) -> None:
        self.now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys() -> SigningKeys:
    return SigningKeys.parse(fresh_key())


@pytest.fixture
def tokens(keys: SigningKeys, clock: Clock) -> AccessTokens:
    return AccessTokens(keys, TTL_S, clock)


@pytest.fixture
def forge(keys: SigningKeys) -> Callable[..., str]:
    """Sign whatever claims with our own key: only what the claims say is wrong then."""

    def sign(
        changes: dict[str, Any] | None = None, header: dict[str, Any] | None = None, without: str = ""
    ) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "user",
            "sid": "session",
            "jti": "one",
            "iat": NOW_S,
            "nbf": NOW_S,
            "exp": NOW_S + TTL_S,
            **(changes or {}),
        }
        claims.pop(without, None)
        key = keys.derived("access-token")[keys.signing_id]
        return jwt.encode(
            claims, key, algorithm=ALGORITHM, headers={"kid": keys.signing_id, **(header or {})}
        )

    return sign


def code_of(tokens: AccessTokens, token: str, scheme: str = "Bearer") -> str | None:
    """Give the code that a token is refused with, or None."""
    try:
        tokens.verify(f"{scheme} {token}".encode("latin-1"))
    except ProblemError as error:
        return error.problem.code
    return None


def test_what_was_issued_is_good_until_it_expires(tokens: AccessTokens, clock: Clock) -> None:
    token = tokens.issue("user", "session")
    claims = tokens.verify(f"bearer {token}".encode())
    assert (claims.user_id, claims.session_id) == ("user", "session")
    clock.now_s += TTL_S + LEEWAY_S - 1
    assert code_of(tokens, token) is None
    clock.now_s += 1
    assert code_of(tokens, token) == "token_expired"


def test_a_token_that_was_good_a_moment_ago_expires_all_the_same_in_another_process(
    keys: SigningKeys, clock: Clock
) -> None:
    token = AccessTokens(keys, TTL_S, clock).issue("user", "session")
    clock.now_s += TTL_S + LEEWAY_S
    assert code_of(AccessTokens(keys, TTL_S, clock), token) == "token_expired"


@pytest.mark.parametrize("claim", REQUIRED)
def test_a_token_that_lacks_a_claim_is_refused(
    tokens: AccessTokens, forge: Callable[..., str], claim: str
) -> None:
    assert code_of(tokens, forge()) is None
    assert code_of(tokens, forge(without=claim)) == "unauthorized"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"aud": "another-api"}, id="audience"),
        pytest.param({"aud": ["payflow-api-too"]}, id="audiences"),
        pytest.param({"iss": "another"}, id="issuer"),
        pytest.param({"nbf": NOW_S + LEEWAY_S + 1}, id="not-yet"),
        pytest.param({"iat": NOW_S + LEEWAY_S + 1}, id="issued-later"),
        pytest.param({"exp": "soon"}, id="no-number"),
    ],
)
def test_a_token_that_we_signed_for_something_else_is_refused(
    tokens: AccessTokens, forge: Callable[..., str], changes: dict[str, Any]
) -> None:
    assert code_of(tokens, forge(changes)) == "unauthorized"


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS384", "HS512", "RS256", ""])
def test_a_token_of_another_algorithm_is_refused(
    tokens: AccessTokens, keys: SigningKeys, algorithm: str
) -> None:
    _, payload, _ = tokens.issue("user", "session").split(".")
    header = encoded(json.dumps({"alg": algorithm, "kid": keys.signing_id}).encode())
    key = keys.derived("access-token")[keys.signing_id]
    signed = encoded(hmac.digest(key, f"{header}.{payload}".encode(), hashlib.sha256))
    for signature in ("", signed):
        assert code_of(tokens, f"{header}.{payload}.{signature}") == "unauthorized"


def test_the_key_is_ours_to_choose(tokens: AccessTokens, forge: Callable[..., str]) -> None:
    for header in ({"kid": "unknown"}, {"kid": ""}, {"kid": "../../etc/passwd"}):
        assert code_of(tokens, forge(header=header)) == "unauthorized"
    # Hints where to fetch a key are not even looked at: the signature is checked with our own.
    stranger = jwt.encode(
        jwt.decode(forge(), options={"verify_signature": False}),
        "a" * 32,
        algorithm=ALGORITHM,
        headers={"jku": "https://evil.example/keys", "jwk": {"kty": "oct", "k": "YQ"}},
    )
    assert code_of(tokens, stranger) == "unauthorized"


def test_another_spelling_of_a_good_signature_is_refused(tokens: AccessTokens) -> None:
    token = tokens.issue("user", "session")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(token[-1])
    # 32 bytes leave two bits of the last character unused: three more spellings decode to the same bytes.
    others = [token[:-1] + alphabet[(last & ~3) | bits] for bits in range(4) if (last & ~3) | bits != last]
    plain = token.rsplit(".", 1)[1]
    assert {base64.urlsafe_b64decode(other.rsplit(".", 1)[1] + "=") for other in others} == {
        base64.urlsafe_b64decode(plain + "=")
    }
    for other in (*others, f"{token}=", f"{token}\n", token.replace(".", ". ")):
        assert code_of(tokens, other) == "unauthorized", other
    assert code_of(tokens, token) is None


@pytest.mark.parametrize(
    "header",
    [None, b"", b"Bearer", b"Bearer ", b"Basic YTpi", b"Bearer a.b", b"Bearer \xff.\xff.\xff", b"x" * 5_000],
)
def test_a_header_that_holds_no_token_is_refused(tokens: AccessTokens, header: bytes | None) -> None:
    with pytest.raises(ProblemError) as refused:
        tokens.verify(header)
    assert refused.value.problem.code == "unauthorized"


def test_keys_are_changed_without_signing_anybody_out(clock: Clock) -> None:
    old, new = fresh_key(), fresh_key()
    before = AccessTokens(SigningKeys.parse(old), TTL_S, clock)
    both = AccessTokens(SigningKeys.parse(f"{new},{old}"), TTL_S, clock)
    after = AccessTokens(SigningKeys.parse(new), TTL_S, clock)
    assert code_of(both, before.issue("user", "session")) is None
    assert code_of(after, both.issue("user", "session")) is None
    assert code_of(after, before.issue("user", "session")) == "unauthorized"


@pytest.mark.parametrize(
    "text",
    [None, "", "k1", "k1:", "k1:c2hvcnQ=", "k 1:" + "A" * 44, "k1:" + "A" * 44 + ",", "k1:" + "*" * 44],
    ids=["unset", "empty", "no-key", "empty-key", "short", "id", "comma", "no-base64"],
)
def test_a_key_that_is_missing_or_weak_stops_the_start_without_being_printed(text: str | None) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        SigningKeys.parse(text)
    assert "PAYFLOW_API_SIGNING_KEYS" in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_two_keys_may_not_share_an_id() -> None:
    key = fresh_key()
    with pytest.raises(SettingsInvalid):
        SigningKeys.parse(f"{key},{key}")
