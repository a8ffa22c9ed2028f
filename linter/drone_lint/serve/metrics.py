"""Counts for Prometheus, in its text format 0.0.4."""

from __future__ import annotations

from collections import Counter

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds."""


class Metrics:
    """What a server did since it started."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0
        self._timed = 0
        self._restarts = 0

    def request(self, outcome: str, seconds: float) -> None:
        """Count a request by its outcome (`pass`, `error`, `block`, `skip`, `refused`, ...)."""
        self._requests[outcome] += 1
        self._seconds += seconds
        self._timed += 1
        for bound in _BUCKETS:
            if seconds <= bound:
                self._buckets[bound] += 1

    def restart(self) -> None:
        """Count a worker that was replaced."""
        self._restarts += 1

    def text(self) -> str:
        """All counts."""
        name = "drone_lint_request_seconds"
        lines = ["# HELP drone_lint_requests_total Requests by outcome.", "# TYPE drone_lint_requests_total counter"]
        lines += [f'drone_lint_requests_total{{outcome="{key}"}} {number}' for key, number in sorted(self._requests.items())]
        lines += [f"# HELP {name} Time from request to answer.", f"# TYPE {name} histogram"]
        lines += [f'{name}_bucket{{le="{bound:g}"}} {self._buckets[bound]}' for bound in _BUCKETS]
        lines += [f'{name}_bucket{{le="+Inf"}} {self._timed}', f"{name}_sum {self._seconds:.6f}", f"{name}_count {self._timed}"]
        lines += ["# HELP drone_lint_worker_restarts_total Workers that were replaced.", "# TYPE drone_lint_worker_restarts_total counter"]
        return "\n".join([*lines, f"drone_lint_worker_restarts_total {self._restarts}", ""])
