"""Faults on purpose: what networks and queues do to their users now and then, on demand.

A proxy stands before a server and delays, freezes, cuts, tears and refuses; the local SQS server has switches
of its own. `payflow drill`, `payflow bench` and the scenario tests use both.
"""

from payflow.faults.failure import FaultsFailed
from payflow.faults.full_disk import WAL_SEGMENT_BYTES, limit_file_size
from payflow.faults.local_queue import LocalQueue, QueueStats
from payflow.faults.places import proxied_postgres, proxied_redis, proxied_sqs
from payflow.faults.proxy import FaultProxy, Proxied
from payflow.faults.switches import Counts, Switches

__all__ = [
    "WAL_SEGMENT_BYTES",
    "Counts",
    "FaultProxy",
    "FaultsFailed",
    "LocalQueue",
    "Proxied",
    "QueueStats",
    "Switches",
    "limit_file_size",
    "proxied_postgres",
    "proxied_redis",
    "proxied_sqs",
]
