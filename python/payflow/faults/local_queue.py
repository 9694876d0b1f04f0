"""What the local SQS server says and takes under `/_payflow/`, past the SQS protocol."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import orjson

from payflow.faults.failure import FaultsFailed

_DEADLINE_S = 10.0
_OK = 200


@dataclass(frozen=True)
class QueueStats:
    """Counters since the server's start."""

    received: int
    deleted: int
    cpu_s: float
    calls: dict[str, int]

    def calls_since(self, before: QueueStats) -> dict[str, int]:
        """Give the calls by action since an earlier look."""
        counts = {name: count - before.calls.get(name, 0) for name, count in self.calls.items()}
        return {name: count for name, count in counts.items() if count}


class LocalQueue:
    """The administration of one local SQS server."""

    def __init__(self, endpoint: str) -> None:
        self._connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=_DEADLINE_S)

    def stats(self) -> QueueStats:
        """Read the counters.

        Raises:
            FaultsFailed: when the server refuses.

        """
        said = self._ask("GET", "stats")
        return QueueStats(
            received=said["messages_received"],
            deleted=said["messages_deleted"],
            cpu_s=said["process_cpu_s"],
            calls=said["calls"],
        )

    def turn(self, **switches: Any) -> None:
        """Put these fault switches in force (rust/localsqs/src/faults.rs); those that are not named are off.

        Raises:
            FaultsFailed: when the server refuses, with what is wrong.

        """
        self._ask("POST", "faults", orjson.dumps(switches))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        try:
            answer = self._exchange(method, path, body)
        except (ConnectionError, HTTPException):
            # The server closes connections that nobody used for minutes; all of this may be asked twice.
            self._connection.close()
            answer = self._exchange(method, path, body)
        content = answer.read()
        if answer.status != _OK:
            raise FaultsFailed(f"the local SQS server refused {path}: {content.decode(errors='replace')}")
        return orjson.loads(content)

    def _exchange(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        self._connection.request(method, f"/_payflow/{path}", body)
        return self._connection.getresponse()
