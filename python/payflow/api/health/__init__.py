"""How the API and the servers that it needs are."""
