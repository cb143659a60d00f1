"""What a service counts for Prometheus: requests by route, events in and out, what waits. Never anybody's data."""

import time
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.backbone.republishing import RepublishJob
from shared.backbone.status import BackboneStatus
from shared.runtime.logs import logger

# Whatever a client calls its method, it is no name for a line of figures.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READY = "kith_ready", "Whether nothing is in the way of its work"
_log = logger(__name__)
_UNLOGGED = ("/assets/", "/health/", "/metrics")  # asked every few seconds, by machines
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Figures:
    """One registry per app, so that four apps in one process keep their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        requests, seconds = "kith_http_requests", "kith_http_seconds"
        where = ["method", "route"]
        self._requests = Counter(requests, "Requests answered", [*where, "status"], registry=self._registry)
        self._seconds = Histogram(seconds, "Time to answer", where, buckets=_SECONDS, registry=self._registry)
        self._standing = _Standing()
        self._registry.register(self._standing)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the route's template, never the path itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self, status: BackboneStatus | None, jobs: Sequence[RepublishJob] = ()) -> bytes:
        """Prometheus' text; with no status, the store is down and that is said."""
        self._standing.status, self._standing.jobs = status, jobs
        return generate_latest(self._registry)


class _Standing(Collector):
    """The backbone's standing as metrics; asked for anew with each scrape."""

    def __init__(self) -> None:
        self.status: BackboneStatus | None = None
        self.jobs: Sequence[RepublishJob] = ()

    def collect(self) -> Iterator[Metric]:
        status = self.status
        yield GaugeMetricFamily("kith_store_up", "Whether the store answers", value=float(status is not None))
        if status is None:
            yield GaugeMetricFamily(*_READY, value=0.0)
        else:
            yield CounterMetricFamily("kith_events_sent", "Events published since the start", value=status.sent)
            yield from _gauges(status)
            left = sum(job.total - job.sent for job in self.jobs if job.done_at is None)
            yield GaugeMetricFamily("kith_republish_left", "Events still to be sent again", value=left)
            yield _rebuilds(status)
            yield from _streams(status)


def _gauges(status: BackboneStatus) -> Iterator[Metric]:
    shown = {
        _READY[0]: (_READY[1], not status.troubles),
        "kith_relay_active": ("Whether this process is the one that publishes", status.relay_active),
        "kith_relay_turned_seconds": ("Since the relay's last good turn", status.relay_turned_s),
        "kith_outbox_depth": ("Events recorded and not yet published", status.outbox_depth),
        "kith_outbox_age_seconds": ("Age of the oldest of these", status.outbox_age_s),
        "kith_parked": ("Events that need an operator", status.parked),
        "kith_retrying": ("Events being tried again", status.retrying),
        "kith_waiting": ("Events behind one of their key", status.waiting),
        "kith_early": ("Events that wait for what was said before them and has not come", status.early),
        "kith_timers_due": ("Timers that are due", status.timers_due),
    }
    for name, (words, value) in shown.items():
        yield GaugeMetricFamily(name, words, value=float(value))


def _rebuilds(status: BackboneStatus) -> Metric:
    left = GaugeMetricFamily("kith_rebuild_left", "Records still to be heard anew", labels=["projection"])
    for each in status.rebuilds:
        left.add_metric([each.name], each.total - each.done if each.running else 0)
    return left


def _streams(status: BackboneStatus) -> Iterator[Metric]:
    heard = CounterMetricFamily(
        "kith_events_heard", "Events heard, by what became of them", labels=["stream", "outcome"]
    )
    lag = GaugeMetricFamily("kith_consumer_lag", "Records not yet read", labels=["stream"])
    stopped = GaugeMetricFamily("kith_consumer_stopped", "Whether too much failed in a row", labels=["stream"])
    lost = GaugeMetricFamily("kith_consumer_lost", "Whether the broker lost what is to be read", labels=["stream"])
    stuck = GaugeMetricFamily("kith_consumer_stuck_seconds", "Standing still with something to read", labels=["stream"])
    for stream in status.streams:
        for outcome, count in stream.counts.items():
            heard.add_metric([stream.stream, outcome], count)
        if stream.lag is not None:
            lag.add_metric([stream.stream], stream.lag)
        stopped.add_metric([stream.stream], stream.stopped)
        lost.add_metric([stream.stream], bool(stream.lost_ground))
        stuck.add_metric([stream.stream], stream.stuck_s)
    yield from (heard, lag, stopped, lost, stuck)


class CountRequests:
    """ASGI middleware: counts and logs each answer under its route's template, which names nobody."""

    def __init__(self, app: ASGIApp, *, figures: Figures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            seconds = time.perf_counter() - began
            self._figures.answered(method, route, status, seconds)
            if not any(part in route for part in _UNLOGGED):
                _log.info("answered", method=method, route=route, status=status, ms=round(1000 * seconds))
