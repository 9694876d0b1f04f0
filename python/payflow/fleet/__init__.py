"""Runtime control: what the fleet is asked to do, how workers learn of it, what they say."""

from payflow.fleet.announcing import Announcement, BreakerTold, announce, forget
from payflow.fleet.channel import Channel, FleetKeys
from payflow.fleet.orders import Duty, FleetState, Limits, OrderRefused, Orders
from payflow.fleet.reading import Fleet, Worker, read_fleet
from payflow.fleet.record import Ordered, change_limits, order, read_orders, set_limits

__all__ = [
    "Announcement",
    "BreakerTold",
    "Channel",
    "Duty",
    "Fleet",
    "FleetKeys",
    "FleetState",
    "Limits",
    "OrderRefused",
    "Ordered",
    "Orders",
    "Worker",
    "announce",
    "change_limits",
    "forget",
    "order",
    "read_fleet",
    "read_orders",
    "set_limits",
]
