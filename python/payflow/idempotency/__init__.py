"""Marks in Redis that save work: which events are done already. PostgreSQL decides all the same."""

from payflow.idempotency.connection import connect, disconnect
from payflow.idempotency.seen_marks import SeenMarks, SeenOptions, SeenStats

__all__ = ["SeenMarks", "SeenOptions", "SeenStats", "connect", "disconnect"]
