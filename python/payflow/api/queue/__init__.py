"""What waits in the queue, as SQS tells it."""
