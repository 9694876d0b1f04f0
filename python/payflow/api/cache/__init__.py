"""Redis as the API uses it: what it holds saves work, and losing it costs time and nothing else."""
