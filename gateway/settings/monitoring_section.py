"""The sections of whoever watches: where metrics and health are told, how long a hub that stops says so beforehand, and
where traces go.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.values import Hosts, Seconds, Section, Url


class MonitoringSection(Section):
    """Metrics (`/metrics`) and health (`/healthz`, `/readyz`), never on the listener of the AS4 endpoint."""

    host: Hosts = Field(
        ["127.0.0.1"],
        description="Address to listen on, or a list of them, in the clear: whoever reaches it reads how much traffic"
        " there is, and nothing of whom.",
    )
    port: int = Field(8445, ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = Field(
        0.0,
        description="How long a hub that was told to stop goes on as ever while `/readyz` says 503, so that a load"
        " balancer leaves it before it takes no connections; a second signal ends that.",
    )
    unready_after_refused_reload: bool = Field(
        True,
        description="Whether `/readyz` says 503 after a reload that was refused. Where all nodes read the same files,"
        " and none would be left, say false.",
    )


class TracesSection(Section):
    """Traces of exchanges, for a collector of OpenTelemetry; without this section there are none."""

    endpoint: Url = Field(
        description="Where the collector takes spans by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`."
    )
    fraction: Annotated[float, Field(gt=0, le=1, strict=False)] = Field(
        0.1, description="Part of the exchanges that is traced, drawn by chance."
    )
    timeout_seconds: Seconds = Field(5.0, description="Time for one delivery; what is not taken then is dropped.")
