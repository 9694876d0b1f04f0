"""Benchmarks of the API: one question a module, on a database of a known size."""
