"""The error of this package."""

from payflow.errors import Fate, PayFlowError


class BenchFailed(PayFlowError):  # noqa: N818 - named for what is wrong, like its siblings
    """A run whose figures would mean nothing: events were lost, or a part of it ended or stood still."""

    fate = Fate.STOP
