"""The portal on its own listener, put together of what it is given."""

from __future__ import annotations

import time
from functools import partial

from gateway.edge.admission import Admission
from gateway.edge.quiet_log import QuietLog
from gateway.edge.server import EdgeServer
from gateway.limits import EdgeLimits
from gateway.msh.later import Cause
from gateway.portal.portal import Portal
from gateway.portal.routes import ROUTES
from gateway.portal.server import PortalEndpoint


def portal_server(portal: Portal, limits: EdgeLimits) -> EdgeServer:
    """The listening side of a portal, with budgets of its own; nothing is started yet."""
    admission = Admission(limits, time.monotonic)
    quiet = QuietLog(portal.log, per_second=limits.log_lines_per_second, now=admission.now)
    endpoint = PortalEndpoint(portal, ROUTES, limits=limits, quiet=quiet, admission=admission)
    later = partial(portal.hub.retry_after.seconds, Cause.LOAD)
    return EdgeServer(endpoint, limits, quiet, admission=admission, later=later)
