"""What each source declares, for the payment machine; the machine itself is Rust (rust/lifecycle)."""

from payflow.lifecycle.policies import policies_of

__all__ = ["policies_of"]
