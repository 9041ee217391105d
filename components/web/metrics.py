"""Prometheus metrics of the house, by the official client, on a port of their own: loopback by default, off at 0."""

import logging
from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from components.hosting.house import House, house
from models.settings import settings

log = logging.getLogger(__name__)


class Endpoint(Protocol):
    """The server of the metrics, as far as we use it."""

    def shutdown(self) -> None:
        """End it."""


class HouseCollector:
    """Asked at each scrape; reads what the house has measured in its last second."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """The metrics, named by Prometheus' conventions: base units, `_total` for counters."""
        house = self._house
        sessions = GaugeMetricFamily("limelight_sessions", "Open sessions by page.", labels=["page"])
        cameras = GaugeMetricFamily("limelight_cameras", "Cameras that are on, by page.", labels=["page"])
        for page, (here, on) in house.attendance.per_page().items():
            sessions.add_metric([page or "home"], here)
            cameras.add_metric([page or "home"], on)
        yield from (sessions, cameras)
        yield GaugeMetricFamily("limelight_camera_line", "Sessions in line for a camera.", house.admission.counts()[1])
        yield GaugeMetricFamily(
            "limelight_level", "How far streams are stepped down: 0 full … 4 photo mode.", int(house.governor.level)
        )
        events = CounterMetricFamily("limelight_events", "Events since the start, by kind.", labels=["kind"])
        for kind, count in house.events.counts().items():
            events.add_metric([kind], count)
        yield events
        yield from self._engines()
        yield from self._models()
        if (sample := house.meter.newest) is not None:
            yield GaugeMetricFamily("limelight_cpu_ratio", "This process's share of all cores.", sample.cpu)
            if sample.loop_lag_s is not None:
                yield GaugeMetricFamily("limelight_loop_lag_seconds", "How late the event loop is.", sample.loop_lag_s)

    def _engines(self) -> Iterator[Metric]:
        streams = GaugeMetricFamily("limelight_engine_streams", "Streams of a model's engine.", labels=["model"])
        rate = GaugeMetricFamily("limelight_inferences_per_second", "Inferences per second.", labels=["model"])
        age = GaugeMetricFamily(
            "limelight_result_age_seconds", "Age of results when finished.", labels=["model", "quantile"]
        )
        for name, numbers in self._house.meter.per_engine().items():
            streams.add_metric([name], numbers.streams)
            rate.add_metric([name], numbers.inferences_per_s)
            for quantile, value in (("0.5", numbers.age_p50_s), ("0.95", numbers.age_p95_s)):
                if value is not None:
                    age.add_metric([name, quantile], value)
        yield from (streams, rate, age)

    def _models(self) -> Iterator[Metric]:
        size = GaugeMetricFamily("limelight_model_bytes", "Memory of a loaded model.", labels=["model"])
        uses = CounterMetricFamily("limelight_model_uses", "How often a model was asked for.", labels=["model"])
        models = self._house.sources.get("models", dict)()
        for name, stats in models.items():
            if stats["uses"]:
                size.add_metric([name], stats["bytes"])
                uses.add_metric([name], stats["uses"])
        yield from (size, uses)


def registry(of: House) -> CollectorRegistry:
    """The house's metrics, and those of the process and the interpreter."""
    registry = CollectorRegistry()
    registry.register(HouseCollector(of))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return registry


def serve() -> Endpoint | None:
    """Serve them as the settings say; None when off, or when the port can't be had, which the log then says."""
    address, port = settings().metrics_address, settings().metrics_port
    if not port:
        return None
    try:
        server, _ = start_http_server(port, address, registry(house()))
    except OSError as error:
        log.error("no metrics: %s:%s cannot be served (%s); set LIMELIGHT_METRICS_PORT", address, port, error.strerror)
        return None
    return server
