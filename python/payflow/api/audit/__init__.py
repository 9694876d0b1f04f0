"""The audit trail: searched, read, noted in and exported; never changed."""
