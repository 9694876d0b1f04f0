"""Every problem that the API answers with: one registry, which catalogue and document list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["PROBLEMS", "Fault", "Problem", "ProblemError"]

CATALOGUE: Final = "/api/docs/problems"
"""The page that explains each code."""

PROBLEMS: Final[dict[str, Problem]] = {}
"""Every problem by its code."""


class Fault(Struct, frozen=True):
    """One thing that is wrong with a request: where, as a JSON pointer, and what would be right."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class Problem:
    """One kind of refusal (RFC 9457)."""

    code: str
    status: int
    title: str
    meaning: str
    """What has happened and what to do, for the catalogue."""

    @property
    def type(self) -> str:
        """The stable URI reference of this kind."""
        return f"{CATALOGUE}#{self.code}"


class ProblemError(Exception):
    """Ends a call with a problem.

    Args:
        problem: its kind.
        detail: what is wrong this time, in one sentence; the title without.
        errors: the faults in the request, if it has any.
        headers: headers of the answer.
        extra: more members of the body, such as ``allowed_commands``.

    """

    def __init__(
        self,
        problem: Problem,
        *,
        detail: str | None = None,
        errors: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.problem = problem
        self.detail = detail or problem.title
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra
        super().__init__(f"{problem.code}: {self.detail}")

    def body(self, correlation_id: str) -> dict[str, Any]:
        """Give the members of the answer's body."""
        found: dict[str, Any] = {
            "type": self.problem.type,
            "title": self.problem.title,
            "status": self.problem.status,
            "detail": self.detail,
            "code": self.problem.code,
            "correlation_id": correlation_id,
        }
        if self.errors:
            found["errors"] = self.errors
        return found | self.extra


def _problem(code: str, status: int, title: str, meaning: str) -> Problem:
    found = Problem(code, status, title, meaning)
    if PROBLEMS.setdefault(code, found) is not found:
        raise ValueError(f"{code}: this code is taken")
    return found


UNAUTHORIZED: Final = _problem(
    "unauthorized",
    401,
    "Sign in first",
    "The call carries no valid access token. Sign in and send `Authorization: Bearer ...`.",
)
TOKEN_EXPIRED: Final = _problem(
    "token_expired",
    401,
    "The access token has expired",
    "Access tokens live for minutes. Call `POST /api/v1/auth/refresh` and repeat the call with the new one.",
)
SESSION_REVOKED: Final = _problem(
    "session_revoked",
    401,
    "The session has ended",
    "The session was signed out, or the account was disabled. Sign in again.",
)
INVALID_CREDENTIALS: Final = _problem(
    "invalid_credentials",
    401,
    "E-mail or password is wrong",
    "The pair is not known. Whether the e-mail belongs to an account is not told.",
)
FORBIDDEN: Final = _problem(
    "forbidden",
    403,
    "Your role may not do this",
    "The detail names the role that is needed; an administrator can grant it.",
)
NOT_FOUND: Final = _problem(
    "not_found", 404, "There is no such thing", "Nothing is there under this address or id."
)
METHOD_NOT_ALLOWED: Final = _problem(
    "method_not_allowed",
    405,
    "This method is not offered here",
    "The address exists, for other methods. `Allow` names them.",
)
AUDIT_IMMUTABLE: Final = _problem(
    "audit_immutable",
    405,
    "The audit trail can't be changed",
    "Entries are only ever added. Record a correction as a note (`POST /api/v1/audit/notes`).",
)
INVALID_QUERY: Final = _problem(
    "invalid_query",
    400,
    "A query parameter is wrong",
    "A parameter is unknown, or its value breaks a rule; `errors` points to each. None is ever ignored.",
)
INVALID_JSON: Final = _problem(
    "invalid_json", 400, "The body is not JSON", "The body must be one JSON object in UTF-8."
)
INVALID_BODY: Final = _problem(
    "invalid_body",
    422,
    "A field of the body is wrong",
    "A field is unknown, missing, or breaks a rule; `errors` points to each. None is ever ignored.",
)
BODY_TOO_LARGE: Final = _problem(
    "body_too_large", 413, "The body is too large", "The detail names the limit. Send less at once."
)
UNSUPPORTED_MEDIA_TYPE: Final = _problem(
    "unsupported_media_type",
    415,
    "The body is of a type that is not read here",
    "Send `Content-Type: application/json`.",
)
IDEMPOTENCY_KEY_MISSING: Final = _problem(
    "idempotency_key_missing",
    400,
    "This call needs an idempotency key",
    "Send `Idempotency-Key`: 1 to 255 printable characters, new for each intent, the same for its retries.",
)
IDEMPOTENCY_KEY_REUSED: Final = _problem(
    "idempotency_key_reused",
    422,
    "The idempotency key belongs to another request",
    "The key was used with other content within the last 24 hours. Use a new key for a new intent.",
)
IDEMPOTENCY_IN_FLIGHT: Final = _problem(
    "idempotency_in_flight",
    409,
    "A request with this idempotency key is being worked on",
    "Wait a moment and send the same request again: it gets the first one's answer.",
)
PRECONDITION_REQUIRED: Final = _problem(
    "precondition_required",
    428,
    "Say which version you have seen",
    "Send `If-Match` with the `ETag` of what you mean to change.",
)
PRECONDITION_FAILED: Final = _problem(
    "precondition_failed",
    412,
    "It has changed since you saw it",
    "Somebody or something else changed it meanwhile. Read it again, and decide again.",
)
PAYMENT_STATE_CONFLICT: Final = _problem(
    "payment_state_conflict",
    409,
    "The payment's state does not allow this",
    "`allowed_commands` lists what its state allows now.",
)
AMOUNT_EXCEEDS_CAPTURABLE: Final = _problem(
    "amount_exceeds_capturable",
    422,
    "The amount is more than can be captured",
    "At most the authorized less the released, captured and pending money can be captured or voided.",
)
AMOUNT_EXCEEDS_REFUNDABLE: Final = _problem(
    "amount_exceeds_refundable",
    422,
    "The amount is more than can be refunded",
    "Captured, less refunded, less pending refunds, less disputed money is the most that can be refunded.",
)
RATE_LIMITED: Final = _problem(
    "rate_limited",
    429,
    "Too many requests",
    "`Retry-After` says when to go on; `RateLimit` and `RateLimit-Policy` say what is left of which budget.",
)
ACCOUNT_LOCKED: Final = _problem(
    "account_locked",
    429,
    "Too many failed sign-ins",
    "Wait as `Retry-After` says, sign in from a device that was used before, or reset the password.",
)
LINK_INVALID: Final = _problem(
    "link_invalid",
    410,
    "The link is not valid any more",
    "One-time links work once and for a limited time. Ask for a new one.",
)
RULE_INVALID: Final = _problem(
    "rule_invalid",
    422,
    "The condition does not compile",
    "`errors` has the position and the reason. docs/rules.md explains the language.",
)
ALERT_STATE_CONFLICT: Final = _problem(
    "alert_state_conflict",
    409,
    "The alert's state does not allow this",
    "Read the alert again: it was acknowledged, resolved or reopened meanwhile.",
)
CONFLICT: Final = _problem(
    "conflict", 409, "It contradicts what is there", "The detail says what is in the way."
)
STORE_UNAVAILABLE: Final = _problem(
    "store_unavailable",
    503,
    "A server that this needs does not answer",
    "Try again as `Retry-After` says; with the same idempotency key nothing is done twice.",
)
INTERNAL: Final = _problem(
    "internal",
    500,
    "PayFlow failed",
    "A fault in PayFlow itself. The correlation id finds it in the log.",
)
