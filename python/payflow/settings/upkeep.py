"""The knobs of what a worker looks after beside its events."""

from dataclasses import dataclass

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Budget:
    """What SQS lets one queue have in flight, and how much of it may be used for waiting."""

    in_flight_limit: int = knob(
        120_000,
        "Messages that the queue may have in flight: received, and neither deleted nor visible again.",
        minimum=10,
        maximum=10_000_000,
    )
    share: float = knob(
        0.5,
        "Part of that limit beyond which long waits of failed messages are spent in the database.",
        special="0: always; 1: only when nothing is left",
        minimum=0,
        maximum=1,
    )
    long_wait_min_s: float = knob(
        30.0, "Shorter waits are always spent in the queue.", minimum=0, maximum=43_200
    )
    interval_s: float = knob(
        10.0, "How often each worker asks SQS how much is in flight.", minimum=0.05, maximum=60
    )
    deadline_s: float = knob(5.0, "Longest time for that call.", minimum=0.1, maximum=60)


@dataclass(frozen=True)
class Deferral:
    """Messages that wait in the database; one worker of the fleet sends them back when they are due."""

    interval_s: float = knob(1.0, "How often due messages are looked for.", minimum=0.05, maximum=3_600)
    batch_size: int = knob(500, "Messages that are sent back at a time.", minimum=1, maximum=10_000)
    election_interval_s: float = knob(
        10.0,
        "How often a worker tries to become the one that sends them back.",
        minimum=0.05,
        maximum=3_600,
    )


@dataclass(frozen=True)
class Sweeper:
    """One worker of the fleet looks after parked facts and after what SQS dead-lettered by itself."""

    interval_s: float = knob(
        60.0,
        "Pause between two passes, and between two tries to become the sweeper.",
        minimum=0.05,
        maximum=86_400,
    )
    batch_size: int = knob(
        200, "Facts or payments of one transaction; a pass has 50 of each kind.", minimum=1, maximum=10_000
    )
    warn_age_s: float = knob(
        3_600.0, "Parked facts that have waited for longer are warned of.", minimum=1, maximum=31_536_000
    )
    dead_letters_max: int = knob(
        1_000, "Messages of the dead-letter queue that one pass looks at.", minimum=10, maximum=100_000
    )
    # SQS hides a message for 12 hours at most.
    dead_letters_hidden_s: int = knob(
        900,
        "How long dead letters that a pass looked at stay hidden, so that the next calls come to others.",
        minimum=1,
        maximum=43_200,
    )
