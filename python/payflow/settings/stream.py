"""The knobs of the stream."""

from dataclasses import dataclass

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Stream:
    """What browsers and others are told as it changes, over WebSockets."""

    connections_max: int = knob(500, "Connections of one API process.", minimum=1, maximum=100_000)
    connections_user_max: int = knob(
        20, "Connections of one user to one API process.", minimum=1, maximum=1_000
    )
    payments_per_s_max: int = knob(
        50,
        "Changed payments that are told in a second; where more change, each is told a little later.",
        minimum=1,
        maximum=5_000,
    )
