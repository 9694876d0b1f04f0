"""The error of this package."""

from payflow.errors import ConfigurationError, Fate


class EmbeddedFailed(ConfigurationError):  # noqa: N818 - named for what is wrong, like its siblings
    """An embedded server or its data directory can't be used.

    Attributes:
        problem: what is wrong, in one sentence.
        next_step: what the operator can do about it.

    """

    fate = Fate.STOP

    def __init__(self, problem: str, next_step: str) -> None:
        self.problem = problem
        self.next_step = next_step
        super().__init__(f"{problem}\nNext: {next_step}")
