"""The API process: HTTP and WebSocket for operators and other systems, and the console's files."""
