"""The fleet: who works, what is ordered, and ordering it."""
