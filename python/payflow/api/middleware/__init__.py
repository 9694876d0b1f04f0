"""What every exchange goes through before and after the route table, each as plain ASGI."""
