"""The knobs of runtime control: how a worker learns its orders, and what it holds back by them."""

from dataclasses import dataclass

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Fleet:
    """Orders to the whole fleet of workers, and what each says of itself."""

    poll_interval_s: float = knob(
        5.0,
        "How often a worker looks for orders in the database; Redis tells it of them at once.",
        minimum=0.1,
        maximum=300,
    )
    heartbeat_interval_s: float = knob(
        3.0,
        "How often a worker says that it is there; silent for five of these, it counts as dead.",
        minimum=0.2,
        maximum=60,
    )
    merchant_held_max: int = knob(
        2_000,
        "Events of merchants over their rate that wait in hand, half of PAYFLOW_QUEUE_IN_FLIGHT_MAX at most.",
        special="0: they go back to the queue at once",
        minimum=0,
        maximum=60_000,
    )
    merchant_hold_max_s: float = knob(
        10.0,
        "How long such an event waits in hand; then it goes back to the queue.",
        special="0: it goes back at once",
        minimum=0,
        maximum=3_600,
    )
