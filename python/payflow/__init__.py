"""PayFlow applies payment events from SQS exactly once, keeps an audit trail and raises alerts."""
