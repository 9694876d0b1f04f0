"""Dead letters: listed, read, replayed in the background, and closed."""
