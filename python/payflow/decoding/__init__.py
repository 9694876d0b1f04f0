"""Bytes to payment events. Whatever the bytes are, each body ends as an event or as a reason."""

from payflow.decoding.decoder import Decoded, Decoder
from payflow.decoding.malformed import Malformed, Reason

__all__ = ["Decoded", "Decoder", "Malformed", "Reason"]
