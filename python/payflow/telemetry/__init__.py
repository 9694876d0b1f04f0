"""Logs, metrics and traces: what the processes say of themselves."""
