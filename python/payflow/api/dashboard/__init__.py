"""The dashboard: what happened over a window, read from what is counted already."""
