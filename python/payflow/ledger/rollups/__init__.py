"""What the dashboard shows, counted once by following the trail: cheap at any size of the tables."""

from payflow.ledger.rollups.roller import Rolled, RollOptions, record_lags, roll

__all__ = ["RollOptions", "Rolled", "record_lags", "roll"]
