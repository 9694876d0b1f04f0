"""What each source declares, for the payment machine; the machine itself is Rust (rust/lifecycle)."""

from payflow.lifecycle.policies import declarations, policies_of

__all__ = ["declarations", "policies_of"]
