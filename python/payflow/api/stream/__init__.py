"""What changes, told over WebSockets as it happens."""
