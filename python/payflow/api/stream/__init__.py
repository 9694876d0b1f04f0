"""The stream: payments, alerts and figures as they change, over a WebSocket."""
