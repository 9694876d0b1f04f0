"""PostgreSQL, Valkey and an SQS-compatible server as child processes, in one data directory."""

from payflow.embedded.data_directory import DataDirectory
from payflow.embedded.failure import EmbeddedFailed
from payflow.embedded.postgres import EmbeddedPostgres, PostgresTuning
from payflow.embedded.server import EmbeddedServer
from payflow.embedded.sqs import EmbeddedSqs
from payflow.embedded.stack import Stack
from payflow.embedded.valkey import EmbeddedValkey

__all__ = [
    "DataDirectory",
    "EmbeddedFailed",
    "EmbeddedPostgres",
    "EmbeddedServer",
    "EmbeddedSqs",
    "EmbeddedValkey",
    "PostgresTuning",
    "Stack",
]
