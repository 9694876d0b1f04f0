"""Strikes: each lane's faults on the servers, proxies and workers of a site, begun and ended."""

from payflow.drill.strikes.crew_strikes import CrewStrikes
from payflow.drill.strikes.postgres_strikes import PostgresStrikes
from payflow.drill.strikes.queue_strikes import QueueStrikes
from payflow.drill.strikes.strike import Strikes
from payflow.drill.strikes.valkey_strikes import ValkeyStrikes

__all__ = ["CrewStrikes", "PostgresStrikes", "QueueStrikes", "Strikes", "ValkeyStrikes"]
