"""A worker as one of a fleet: it learns what is ordered, does it, and says so."""

from payflow.worker.fleet.enrolment import Enrolment
from payflow.worker.fleet.membership import FleetFigures, FleetOptions, Membership, Surroundings
from payflow.worker.fleet.obeying import Levers

__all__ = ["Enrolment", "FleetFigures", "FleetOptions", "Levers", "Membership", "Surroundings"]
