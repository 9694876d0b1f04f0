"""The knobs of commands."""

from dataclasses import dataclass

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Commands:
    """What operators ask of payments, on its way to those who carry it out."""

    queue_name: str | None = knob(
        None,
        "Name of the SQS queue that commands are sent to.",
        special="unset: commands are refused; `payflow up` names one",
    )
    answer_timeout_s: float = knob(
        900.0,
        "How long a command may stay without an answer before its operation becomes unknown.",
        minimum=1,
        maximum=604_800,
    )
    retry_delay_max_s: float = knob(
        60.0,
        "Longest delay before a send that could not be confirmed is tried again.",
        minimum=1,
        maximum=3_600,
    )
    interval_s: float = knob(
        1.0,
        "How often the outbox is looked at; this process's own commands go at once.",
        minimum=0.05,
        maximum=60,
    )
