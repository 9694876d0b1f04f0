"""Every error that PayFlow raises on purpose, each leaf with its fate.

    PayFlowError
    ├── ConfigurationError                 stop    the process cannot do its work as it is set up
    │   ├── SettingsInvalid                stop    one or more settings break their rule
    │   └── DependencyMissing              stop    a tool, library or server that must be there is not
    ├── MalformedEvent                     reject  a body that is no payment event, and never will be
    ├── StoreError
    │   ├── StoreUnavailable               retry   the database or the cache does not answer
    │   ├── StoreRefused                   retry   the database refused a batch: split it and retry
    │   └── StoreOutdated                  stop    the schema is not the one that this release was built for
    └── QueueError
        ├── QueueUnavailable               retry   the queue does not answer, or throttles
        └── QueueMissing                   stop    the queue does not exist, or may not be used

The fate is what happens to the work in hand, and it is decided here rather than where the error is caught:

* ``retry``: nothing is wrong with the message. It goes back to the queue and comes again.
* ``reject``: no retry can help. The message goes to the dead-letter queue with the reason.
* ``stop``: no message can be handled. The process says why and ends.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ConfigurationError",
    "DependencyMissing",
    "Fate",
    "MalformedEvent",
    "PayFlowError",
    "QueueError",
    "QueueMissing",
    "QueueUnavailable",
    "SettingsInvalid",
    "StoreError",
    "StoreOutdated",
    "StoreRefused",
    "StoreUnavailable",
]


class Fate(StrEnum):
    """What happens to the work in hand when an error ends it."""

    RETRY = "retry"
    REJECT = "reject"
    STOP = "stop"


class PayFlowError(Exception):
    """Root of the tree. Only leaves are raised; each leaf has a ``fate``."""

    fate: ClassVar[Fate]


class ConfigurationError(PayFlowError):
    """The process cannot do its work as it is set up."""

    fate = Fate.STOP


class SettingsInvalid(ConfigurationError):  # noqa: N818 - named for what is wrong, like its siblings
    """One or more settings break their rule. All of them are listed, so that one start finds all mistakes.

    ``problems`` has one text for each: the setting, its rule and the fix.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class DependencyMissing(ConfigurationError):  # noqa: N818
    """A tool, library or server that must be there is not. The text says which, and how to get it."""


class MalformedEvent(PayFlowError):  # noqa: N818
    """A body that is no payment event, and never will be.

    ``reason`` is a stable slug, ``path`` the JSON path at fault (``$.amount.value``), ``rule`` a text that
    names the field, the rule and the fix.
    """

    fate = Fate.REJECT

    def __init__(self, reason: str, path: str, rule: str) -> None:
        self.reason = reason
        self.path = path
        self.rule = rule
        super().__init__(f"{reason} at {path}: {rule}")


class StoreError(PayFlowError):
    """PostgreSQL or Redis could not do what was asked."""


class StoreUnavailable(StoreError):  # noqa: N818
    """The database or the cache does not answer. Stop receiving and try later."""

    fate = Fate.RETRY


class StoreRefused(StoreError):  # noqa: N818
    """The database refused a batch for what is in it.

    The pipeline splits the batch until the culprit stands alone; that one then waits in the queue like any
    failure of a single message.
    """

    fate = Fate.RETRY


class StoreOutdated(StoreError):  # noqa: N818
    """The schema is not this release's. The text names both versions and the command to run."""

    fate = Fate.STOP


class QueueError(PayFlowError):
    """SQS could not do what was asked."""


class QueueUnavailable(QueueError):  # noqa: N818
    """The queue does not answer, or throttles."""

    fate = Fate.RETRY


class QueueMissing(QueueError):  # noqa: N818
    """The queue does not exist, or may not be used with these credentials. The text names the queue."""

    fate = Fate.STOP
