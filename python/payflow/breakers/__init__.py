"""What is known of the servers that a worker leans on, and what holds work while one of them is away."""

from payflow.breakers.breaker import Breaker, BreakerState, ProbeDelays, State
from payflow.breakers.breakers import Breakers
from payflow.breakers.gate import Gate, GateOptions
from payflow.breakers.observed import Calls, ObservedBreaker

__all__ = [
    "Breaker",
    "BreakerState",
    "Breakers",
    "Calls",
    "Gate",
    "GateOptions",
    "ObservedBreaker",
    "ProbeDelays",
    "State",
]
