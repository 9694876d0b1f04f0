"""Who calls: signing in, sessions, access tokens, and what sessions may do at this moment."""
