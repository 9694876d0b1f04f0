"""`payflow bench`: measures the pipeline from the queue to the commit, on servers of its own."""

from payflow.bench.failure import BenchFailed
from payflow.bench.options import AddedLatency, LatencyOptions, OutageOptions, PipelineOptions, Setup

__all__ = ["AddedLatency", "BenchFailed", "LatencyOptions", "OutageOptions", "PipelineOptions", "Setup"]
