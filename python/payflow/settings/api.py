"""The knobs of the API process."""

from dataclasses import dataclass

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Api:
    """The API and the console."""

    host: str = knob("127.0.0.1", "Address that the API listens on.")
    port: int = knob(8080, "Port of the API.", special="0: any free port", minimum=0, maximum=65_535)
    signing_keys: str | None = knob(
        None,
        "Keys that sign tokens, cursors and cookies: `id:base64` of 32 bytes or more, separated by commas; "
        "the first one signs, all are accepted.",
        special="unset: `payflow up` makes one and keeps it in its data directory",
        secret=True,
    )
    pool_size: int = knob(10, "Database connections of one API process.", minimum=1, maximum=256)
    statement_timeout_ms: int = knob(
        1_500, "Longest time for one statement of a page; exports take longer.", minimum=100, maximum=60_000
    )
    connect_timeout_ms: int = knob(
        400, "Longest time to get a database connection.", minimum=50, maximum=60_000
    )
    request_timeout_s: float = knob(10.0, "Longest time for one call.", minimum=0.5, maximum=600)
    body_max_kib: int = knob(256, "Largest body of a request.", minimum=1, maximum=16_384)
