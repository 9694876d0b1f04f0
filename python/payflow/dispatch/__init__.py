"""Sends commands from the outbox to the queue of those who carry them out."""

from payflow.dispatch.dispatcher import Dispatched, Dispatcher, DispatchOptions, Send

__all__ = ["DispatchOptions", "Dispatched", "Dispatcher", "Send"]
