"""Every knob once: where it is read, what it means, what it may be.

`load()` reads the environment (`PAYFLOW_*`), the TOML file that `PAYFLOW_CONFIG` names, and what a running
`payflow up` left in its data directory, in this order of precedence. It reads them once, and reports all
that is wrong with them at once.
"""

from payflow.settings.api import Api, SignIn
from payflow.settings.commands import Commands
from payflow.settings.fleet import Fleet
from payflow.settings.groups import (
    Data,
    Embedded,
    Events,
    Logging,
    Postgres,
    Queue,
    Redis,
    Rules,
    Settings,
    Worker,
)
from payflow.settings.knob import KnobSpec
from payflow.settings.load import Origin, load, load_with_origins, specs
from payflow.settings.stream import Stream
from payflow.settings.upkeep import Budget, Deferral, Sweeper

__all__ = [
    "Api",
    "Budget",
    "Commands",
    "Data",
    "Deferral",
    "Embedded",
    "Events",
    "Fleet",
    "KnobSpec",
    "Logging",
    "Origin",
    "Postgres",
    "Queue",
    "Redis",
    "Rules",
    "Settings",
    "SignIn",
    "Stream",
    "Sweeper",
    "Worker",
    "load",
    "load_with_origins",
    "specs",
]
