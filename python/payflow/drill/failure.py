"""The error of this package."""

from payflow.errors import Fate, PayFlowError


class DrillFailed(PayFlowError):  # noqa: N818 - named for what is wrong, like its siblings
    """A drill that could not go on: a worker ended by itself, or the queue was never emptied."""

    fate = Fate.STOP
