"""How much of something is allowed in a time: calls by address and user, failed sign-ins."""
