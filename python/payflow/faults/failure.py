"""The error of this package."""

from payflow.errors import Fate, PayFlowError


class FaultsFailed(PayFlowError):  # noqa: N818 - named for what is wrong, like its siblings
    """A fault could not be switched on or off: what makes it has ended, or refuses."""

    fate = Fate.STOP
