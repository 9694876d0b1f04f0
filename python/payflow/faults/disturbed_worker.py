"""`payflow worker` with two faults more: its event loop can be blocked, and its clock be stepped.

`python -m payflow.faults.disturbed_worker ORDERS`; SIGUSR2 has it do what the JSON file ORDERS says.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from payflow.errors import QueueError, StoreError

if TYPE_CHECKING:
    from types import FrameType


UNREACHABLE: Final = 3
"""Exit code of a worker that can't start because a server is away; as `payflow worker` has it."""
FAULT: Final = 70


class Orders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be asked of it."""

    block_s: float = 0.0
    """Keep the event loop, and the interpreter with it, busy for so long."""
    clock_offset_s: float = 0.0
    """How far the clock is off from now on."""


def give_orders(path: Path, orders: Orders) -> None:
    """Write orders down whole, so that they are never read by half; SIGUSR2 makes them hold."""
    fresh = path.with_suffix(".fresh")
    fresh.write_bytes(msgspec.json.encode(orders))
    fresh.replace(path)


class Disturbance:
    """Takes orders in the signal's handler, which runs in the thread of the event loop."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._clock_offset = timedelta()

    def listen(self) -> None:
        """Take SIGUSR2 from now on."""
        signal.signal(signal.SIGUSR2, self._obey)

    def now(self) -> datetime:
        """Give the time in UTC, as far off as ordered."""
        return datetime.now(UTC) + self._clock_offset

    def _obey(self, _number: int, _frame: FrameType | None) -> None:
        orders = msgspec.json.decode(self._orders.read_bytes(), type=Orders)
        self._clock_offset = timedelta(seconds=orders.clock_offset_s)
        ends_s = time.monotonic() + orders.block_s
        while time.monotonic() < ends_s:
            pass


def main() -> int:
    """Run the worker until a signal; its figures go to standard output."""
    disturbance = Disturbance(Path(sys.argv[1]))
    disturbance.listen()
    from payflow.settings import load  # noqa: PLC0415
    from payflow.telemetry.logs import configure  # noqa: PLC0415
    from payflow.worker import run_worker  # noqa: PLC0415

    settings = load()
    configure(settings.logging.level, settings.logging.format)
    try:
        return run_worker(settings, status="json", clock=disturbance.now)
    except (StoreError, QueueError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREACHABLE
    except Exception:  # noqa: BLE001 - the code tells a fault of ours from an unclean stop
        traceback.print_exc()
        return FAULT


if __name__ == "__main__":
    sys.exit(main())
