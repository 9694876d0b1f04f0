"""What waits and what was refused: dead letters and parked facts, for operators and for the sweeper."""

from payflow.ledger.quarantine.edits import record_edit
from payflow.ledger.quarantine.exits import Linked, discard_fact, link_fact
from payflow.ledger.quarantine.letters import (
    Action,
    Letter,
    LetterBody,
    LetterCount,
    LetterFilter,
    LetterPage,
    count_letters,
    list_letters,
    mark_letters,
    next_bodies,
    read_letter,
)
from payflow.ledger.quarantine.orphans import orphan_due
from payflow.ledger.quarantine.parked import (
    Overdue,
    Parked,
    ParkedFilter,
    ParkedPage,
    list_parked,
    overdue_facts,
    payload_of,
)
from payflow.ledger.quarantine.rehearsal import Foreseen, Moved, Rehearsal, rehearse
from payflow.ledger.quarantine.rejudging import rejudge_changed

__all__ = [
    "Action",
    "Foreseen",
    "Letter",
    "LetterBody",
    "LetterCount",
    "LetterFilter",
    "LetterPage",
    "Linked",
    "Moved",
    "Overdue",
    "Parked",
    "ParkedFilter",
    "ParkedPage",
    "Rehearsal",
    "count_letters",
    "discard_fact",
    "link_fact",
    "list_letters",
    "list_parked",
    "mark_letters",
    "next_bodies",
    "orphan_due",
    "overdue_facts",
    "payload_of",
    "read_letter",
    "record_edit",
    "rehearse",
    "rejudge_changed",
]
