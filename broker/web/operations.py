"""What the operator's machines ask: is it alive, is it ready, how is it, and how much does it do.

`/healthz` answers while the process lives; `/readyz` only while the store answers; `/status.json` says which
configuration is in force and whether a newer one was refused; `/metrics` counts, by service or by provider, never by both.
"""

import os
import time
from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from werkzeug.wrappers import Response as AnyResponse

from broker.parties import Provider
from broker.ports import ProviderPort, StoreUnavailable
from broker.web.rooms import Current

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUESTS = Counter("passerelle_requests_total", "Answers given", ("endpoint", "status"))
SECONDS = Histogram(
    "passerelle_request_seconds",
    "Time to answer",
    ("endpoint",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6),
)
RELEASES = Counter("passerelle_releases_total", "Logins released", ("service",))
PROOFS = Counter("passerelle_provider_answers_total", "Answers of providers", ("provider", "outcome"))
CHECKS = Counter("passerelle_data_checks_total", "Tokens checked", ("data_provider", "active"))
PROBLEMS = Counter("passerelle_problems_total", "Problems met, by code", ("code",))
_BEGAN = "passerelle.began"  # where a request's environ says since when it is answered


def blueprint(current: Current) -> Blueprint:
    """The operator's addresses."""
    operations = Blueprint("operations", __name__)

    @operations.get("/healthz")
    def alive() -> AnyResponse:
        return Response("ok\n", mimetype="text/plain")

    @operations.get("/readyz")
    def ready() -> AnyResponse:
        try:
            (rooms := current()).vault.store.ping()
        except StoreUnavailable:
            return Response("the store does not answer\n", 503, mimetype="text/plain")
        return Response("\n".join(("ready", *rooms.warnings, "")), mimetype="text/plain")

    @operations.get("/status.json")
    def status() -> AnyResponse:
        rooms = current()
        return jsonify(
            status="WARNING" if rooms.warnings else "UP",
            warning="; ".join(rooms.warnings),
            configuration=rooms.settings.fingerprint,
            services=len(rooms.parties.services),
            providers=[_account(one, rooms.providers[one.id]) for one in rooms.parties.choosable()],
            countries=[{"code": code, "active": port.missing() is None} for code, port in sorted(rooms.countries.items())],
        )

    @operations.get("/metrics")
    def metrics() -> AnyResponse:
        return Response(_collected(), content_type=CONTENT_TYPE_LATEST)

    return operations


def _account(provider: Provider, port: ProviderPort) -> dict[str, Any]:
    """As this process knows it: `down_since` is Unix seconds."""
    outage = port.outage
    return {"id": provider.id, "active": provider.active, "down_since": outage.since if outage else None}


def _collected() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def measure(app: Flask) -> None:
    """Count and time every answer of this app."""

    app.wsgi_app = partial(_begin, app.wsgi_app)  # type: ignore[method-assign]

    @app.after_request
    def count(response: AnyResponse) -> AnyResponse:
        answers, seconds = _meters(request.endpoint or "none", response.status_code)
        answers.inc()
        seconds.observe(time.perf_counter() - request.environ[_BEGAN])
        return response


def _begin(app: "WSGIApplication", environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    environ[_BEGAN] = time.perf_counter()
    return app(environ, start)


@cache
def _meters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    """To find them by their labels costs more than to count."""
    return REQUESTS.labels(endpoint, status), SECONDS.labels(endpoint)
