"""Stories of payers who dispute a payment.

The outcome of a case and the movements of its money are told apart, as providers do: a case may be lost
although money came back in between. All facts of one case carry the same amount, or none does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payflow.workload.clock import Timestamps

if TYPE_CHECKING:
    from payflow.workload.draft import Draft

_CASE_WITH_AMOUNT_SHARE = 0.6
_ANSWER_MS = 7 * 24 * 3_600_000
"""How long the merchant has to answer a chargeback."""


class _Case:
    """One dispute over one capture."""

    __slots__ = ("_amount_minor", "_capture_id", "_case_id", "_draft", "_with_amount")

    def __init__(self, draft: Draft, capture_id: str, amount_minor: int) -> None:
        self._draft = draft
        self._capture_id = capture_id
        self._amount_minor = amount_minor
        self._case_id = draft.new_id("dispute")
        self._with_amount = draft.chance(_CASE_WITH_AMOUNT_SHARE)

    def tell(
        self, kind: str, stage: str, status: str, *, reason: str | None = None, due_at: str | None = None
    ) -> None:
        dispute = {"stage": stage, "status": status}
        if due_at is not None:
            dispute["due_at"] = due_at
        self._draft.add(
            f"dispute.{kind}",
            self._case_id,
            self._amount_minor if self._with_amount else None,
            parent_id=self._capture_id,
            reason=reason,
            dispute=dispute,
        )

    def move(self, direction: str, stage: str, status: str) -> None:
        self._draft.add(
            f"dispute.funds_{direction}",
            self._draft.new_id("movement"),
            self._amount_minor,
            parent_id=self._capture_id,
            dispute={"stage": stage, "status": status},
        )

    def open(self) -> None:
        """Open a chargeback: the money leaves at once."""
        due_at = Timestamps().write(self._draft.now_ms + _ANSWER_MS)
        self.tell("opened", "chargeback", "opened", reason="fraudulent", due_at=due_at)
        self.move("withdrawn", "chargeback", "opened")

    def defend(self, stage: str = "chargeback") -> None:
        self.tell("updated", stage, "under_review")

    def win(self, stage: str = "chargeback") -> None:
        self.tell("closed", stage, "won")
        self.move("reinstated", stage, "won")

    def lose(self, stage: str = "chargeback") -> None:
        self.tell("closed", stage, self._draft.random.choice(("lost", "lost", "accepted", "expired")))


def _case_of_whole(draft: Draft) -> _Case:
    """Pay, and dispute all of it or, now and then, a part."""
    capture_id = draft.paid()
    amount_minor = draft.part(draft.total_minor) if draft.chance(0.2) else draft.total_minor
    return _Case(draft, capture_id, amount_minor)


def dispute_inquiry(draft: Draft) -> None:
    """Ask before disputing: the inquiry ends quietly, or turns into a chargeback."""
    case = _case_of_whole(draft)
    case.tell("inquiry", "inquiry", "opened")
    if draft.chance(0.5):
        case.tell("updated", "inquiry", "under_review")
    if draft.chance(0.3):
        case.open()
    elif draft.chance(0.8):
        case.tell("closed", "inquiry", draft.random.choice(("won", "withdrawn", "expired")))


def dispute_open(draft: Draft) -> None:
    """Leave a chargeback undecided."""
    case = _case_of_whole(draft)
    case.open()
    if draft.chance(0.5):
        case.defend()


def dispute_won(draft: Draft) -> None:
    """Let the merchant win a chargeback, or the payer withdraw it."""
    case = _case_of_whole(draft)
    case.open()
    if draft.chance(0.15):
        case.tell("closed", "chargeback", "withdrawn")
        case.move("reinstated", "chargeback", "withdrawn")
        return
    case.defend()
    case.win()


def dispute_lost(draft: Draft) -> None:
    """Let the merchant lose a chargeback, accept it or leave it unanswered."""
    case = _case_of_whole(draft)
    case.open()
    if draft.chance(0.5):
        case.defend()
    case.lose()


def dispute_second_chargeback(draft: Draft) -> None:
    """Win a chargeback, and see it come back as pre-arbitration."""
    case = _case_of_whole(draft)
    case.open()
    case.defend()
    case.win()
    case.tell("updated", "pre_arbitration", "opened")
    case.move("withdrawn", "pre_arbitration", "opened")
    if draft.chance(0.7):
        case.lose("pre_arbitration")
    elif draft.chance(0.5):
        case.win("pre_arbitration")


def dispute_arbitration(draft: Draft) -> None:
    """Take a case all the way to the scheme's arbitration."""
    case = _case_of_whole(draft)
    case.open()
    case.defend()
    case.tell("updated", "pre_arbitration", "opened")
    case.defend("pre_arbitration")
    case.tell("updated", "arbitration", "opened")
    if draft.chance(0.5):
        case.win("arbitration")
    else:
        case.lose("arbitration")


def dispute_of_parts(draft: Draft) -> None:
    """Refund one part of a payment, and dispute the others in two cases."""
    capture_id = draft.paid()
    refund_minor, first_minor, second_minor = draft.split(draft.total_minor, 3)
    draft.refund(capture_id, refund_minor)
    first, second = _Case(draft, capture_id, first_minor), _Case(draft, capture_id, second_minor)
    first.open()
    second.open()
    first.lose()
    if draft.chance(0.5):
        second.win()
