"""Why commands are refused, in words, by the machine's reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from payflow.api.routing.problems import (
    AMOUNT_EXCEEDS_CAPTURABLE,
    AMOUNT_EXCEEDS_REFUNDABLE,
    PAYMENT_STATE_CONFLICT,
    Fault,
    ProblemError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payflow.api.transactions.shapes import CommandName, Sums

__all__ = ["NOT_CONNECTED", "Refusals", "explained", "refused"]

NOT_CONNECTED: Final = "commands have nowhere to go: set PAYFLOW_COMMANDS_QUEUE_NAME"


@dataclass(frozen=True)
class Refusals:
    """Which commands a payment takes now, and why not the others."""

    allowed: list[CommandName]
    reasons: dict[str, str]


def explained(
    weighed: Sequence[tuple[str, str | None]], sums: Sums, status: str, *, connected: bool
) -> Refusals:
    """Put the machine's verdicts on all commands into words."""
    reasons = {}
    for command, reason in weighed:
        if not connected:
            reasons[command] = NOT_CONNECTED
        elif reason is not None:
            reasons[command] = _words(command, reason, sums, status)
    allowed: list[CommandName] = [command for command, _ in weighed if command not in reasons]  # type: ignore[misc]
    return Refusals(allowed, reasons)


def refused(command: str, reason: str, sums: Sums, status: str, allowed: Sequence[str]) -> ProblemError:
    """Make the problem of a command that is refused."""
    problem = {
        "amount_exceeds_capturable": AMOUNT_EXCEEDS_CAPTURABLE,
        "amount_exceeds_refundable": AMOUNT_EXCEEDS_REFUNDABLE,
    }.get(reason, PAYMENT_STATE_CONFLICT)
    words = _words(command, reason, sums, status)
    faults = [] if problem is PAYMENT_STATE_CONFLICT else [Fault("/amount_minor", words)]
    return ProblemError(problem, detail=words, errors=faults, allowed_commands=list(allowed))


def _words(command: str, reason: str, sums: Sums, status: str) -> str:
    disputed = f"; {sums.disputed_minor} is withdrawn by disputes" if sums.disputed_minor > 0 else ""
    words: Mapping[str, str] = {
        "payment_not_created": "facts wait under this id, but nothing has created the payment yet",
        "status_forbids": f"a payment that is {status.replace('_', ' ')} takes no {command}",
        "payment_cancelled": "its cancellation was asked for: money may only go back",
        "nothing_capturable": "all that is authorized is captured, given back or held by commands under way",
        "nothing_refundable": f"all that was captured is refunded or held by refunds under way{disputed}",
        "amount_exceeds_capturable": f"at most {sums.capturable_minor} can be captured or voided now",
        "amount_exceeds_refundable": f"at most {sums.refundable_minor} can be refunded now{disputed}",
    }
    return words[reason]
