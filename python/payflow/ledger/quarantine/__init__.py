"""What waits and what was refused: dead letters and parked facts, for operators and for the sweeper."""

from payflow.ledger.quarantine.edits import record_edit
from payflow.ledger.quarantine.exits import Linked, discard_fact, link_fact
from payflow.ledger.quarantine.letters import (
    NEXT_STEPS,
    Action,
    Letter,
    LetterBody,
    LetterCount,
    LetterFilter,
    LetterPage,
    count_letters,
    count_up_to,
    ids_of,
    list_letters,
    list_letters_back,
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
    count_parked,
    list_parked,
    list_parked_back,
    overdue_facts,
    payload_of,
)
from payflow.ledger.quarantine.rehearsal import Foreseen, Moved, Rehearsal, rehearse
from payflow.ledger.quarantine.rejudging import rejudge_changed

__all__ = [
    "NEXT_STEPS",
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
    "count_parked",
    "count_up_to",
    "discard_fact",
    "ids_of",
    "link_fact",
    "list_letters",
    "list_letters_back",
    "list_parked",
    "list_parked_back",
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
