"""Alerts: listed, made by hand, and worked on until they are resolved."""
