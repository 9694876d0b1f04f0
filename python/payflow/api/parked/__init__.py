"""Parked facts: what waits, for what, and the two ways out."""
