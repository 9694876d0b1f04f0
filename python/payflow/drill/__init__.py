"""`payflow drill`: a known workload, faults from a seed, quiet, and the proof that the books are right."""
