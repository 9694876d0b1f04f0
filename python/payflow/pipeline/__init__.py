"""The one place where the stages meet."""

from payflow.pipeline.attempts import RedisAttempts
from payflow.pipeline.deferral import Deferral
from payflow.pipeline.lane import Lane
from payflow.pipeline.outcomes import Outcomes
from payflow.pipeline.pipeline import Pipeline, Stages
from payflow.pipeline.retry import RetryPolicy
from payflow.pipeline.slots import Slots
from payflow.pipeline.throttle import Throttle, ThrottleOptions

__all__ = [
    "Deferral",
    "Lane",
    "Outcomes",
    "Pipeline",
    "RedisAttempts",
    "RetryPolicy",
    "Slots",
    "Stages",
    "Throttle",
    "ThrottleOptions",
]
