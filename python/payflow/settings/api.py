"""The knobs of the API process."""

from dataclasses import dataclass
from typing import Literal

from payflow.settings.knob import knob


@dataclass(frozen=True)
class Api:
    """The API and the console."""

    host: str = knob("127.0.0.1", "Address that the API listens on.")
    port: int = knob(8080, "Port of the API.", special="0: any free port", minimum=0, maximum=65_535)
    public_url: str | None = knob(
        None,
        "Where browsers find the console; links in mails and sign-in providers lead there.",
        special="unset: http on the API's own host and port",
    )
    signing_keys: str | None = knob(
        None,
        "Keys that sign tokens, cursors and cookies: `id:base64` of 32 bytes or more, separated by commas; "
        "the first one signs, all are accepted.",
        special="unset: `payflow up` makes one and keeps it in its data directory",
        secret=True,
    )
    admin_password: str | None = knob(
        None,
        "Password of admin@payflow.local, whom the first `payflow up` creates.",
        special="unset: one is made, and kept in the data directory",
        secret=True,
    )
    pool_size: int = knob(10, "Database connections of one API process.", minimum=1, maximum=256)
    replica_dsn: str | None = knob(
        None,
        "URL of a read replica for lists and pages; never used for what decides.",
        special="unset: everything is read from the primary",
    )
    replica_lag_max_s: float = knob(
        5.0, "For so long after a write a user reads from the primary.", minimum=0, maximum=300
    )
    statement_timeout_ms: int = knob(
        1_500, "Longest time for one statement of a page; exports take longer.", minimum=100, maximum=60_000
    )
    connect_timeout_ms: int = knob(
        1_000, "Longest time to get a database connection.", minimum=50, maximum=60_000
    )
    request_timeout_s: float = knob(10.0, "Longest time for one call.", minimum=0.5, maximum=600)
    shutdown_timeout_s: float = knob(
        20.0, "Time to finish calls under way when the process is told to stop.", minimum=0.1, maximum=600
    )
    body_max_kib: int = knob(256, "Largest body of a request.", minimum=1, maximum=16_384)
    cache_ttl_s: int = knob(
        30, "How long lists are kept for whoever asked.", special="0: never", minimum=0, maximum=300
    )
    cors_origins: str | None = knob(
        None,
        "Other origins whose pages may call the API, separated by commas.",
        special="unset: none; the console has the API's own origin",
    )
    trusted_proxies: str | None = knob(
        None,
        "Networks of proxies that are believed about the client's address, such as 10.0.0.0/8,fd00::/8.",
        special="unset: the address is that of the connection",
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded", "x-real-ip"] = knob(
        "x-forwarded-for",
        "The header that trusted proxies set.",
        choices=("x-forwarded-for", "forwarded", "x-real-ip"),
    )
    metrics_networks: str = knob(
        "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
        "Networks that may read /metrics of the API; others are told that there is no such page.",
    )
    requests_address_max: int = knob(
        6_000, "Calls from one address in a minute.", special="0: no bound", minimum=0, maximum=10_000_000
    )
    requests_principal_max: int = knob(
        3_000, "Calls of one user in a minute.", special="0: no bound", minimum=0, maximum=10_000_000
    )

    google_client_id: str | None = knob(
        None, "Client id for signing in with Google.", special="unset: Google is not offered"
    )
    google_client_secret: str | None = knob(
        None, "Secret that belongs to it.", special="unset: Google is not offered", secret=True
    )
    google_issuer: str = knob(
        "https://accounts.google.com", "OpenID provider that is asked; another one only for tests."
    )


@dataclass(frozen=True)
class SignIn:
    """Signing in to the API and the console."""

    access_token_ttl_s: int = knob(600, "How long an access token lives.", minimum=30, maximum=3_600)
    session_idle_max_s: int = knob(
        604_800, "How long a session lasts that is not used.", minimum=300, maximum=7_776_000
    )
    session_age_max_s: int = knob(
        2_592_000,
        "How long a session lasts at most; then one signs in again.",
        minimum=300,
        maximum=31_536_000,
    )
    password_length_min: int = knob(12, "Fewest characters of a password.", minimum=8, maximum=64)
    password_threads: int = knob(
        2, "Passwords that are hashed side by side; each takes 46 MiB.", minimum=1, maximum=32
    )
    password_queue_max: int = knob(
        32, "Sign-ins that wait for a thread; more are refused.", minimum=1, maximum=10_000
    )
    failures_max: int = knob(
        5, "Failed sign-ins for one account from one address or known device.", minimum=1, maximum=1_000
    )
    failures_account_max: int = knob(
        50, "Failed sign-ins for one account from all unknown devices.", minimum=1, maximum=100_000
    )
    failures_address_max: int = knob(
        100, "Failed sign-ins from one address, for any account.", minimum=1, maximum=100_000
    )
    failures_window_s: int = knob(900, "How long failed sign-ins count.", minimum=10, maximum=86_400)
    invitation_ttl_s: int = knob(
        259_200, "How long an invitation can be accepted.", minimum=60, maximum=2_592_000
    )
    reset_ttl_s: int = knob(
        1_800, "How long a link that resets a password works.", minimum=60, maximum=86_400
    )
    mail_url: str | None = knob(
        None,
        "How mails with links are sent: smtp://user:password@host:587, smtps://... or print: to show them.",
        special="unset: no mail is sent; administrators hand links on",
    )
    mail_from: str = knob("PayFlow <payflow@localhost>", "Sender of these mails.")
