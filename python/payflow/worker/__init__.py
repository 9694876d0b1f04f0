"""The worker process: wiring, signals, status."""

from payflow.worker.run import run_worker

__all__ = ["run_worker"]
