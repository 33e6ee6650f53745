"""One kind of Langflow's answers becomes a 500, an empty one, a hang, or another job's."""

from __future__ import annotations

import os

from starlette.middleware import Middleware

from reference_impl.common.altered import AlteredAnswers, Operation, alteration
from reference_impl.langflow.assembly import Assembly

BUILD = r"/api/v1/build/(?P<job>[^/]+)"
OPERATIONS = (
    Operation("submit", "POST", rf"{BUILD}/flow", answers_with="job_id"),
    Operation("poll", "GET", rf"{BUILD}/events", query=r"event_delivery=polling"),
    Operation("stream", "GET", rf"{BUILD}/events", query=r"(?!.*event_delivery=polling)"),
    Operation("cancel", "POST", rf"{BUILD}/cancel"),
    Operation("monitor", "GET", r"/api/v1/monitor/job_queue"),
)


class VariantAssembly(Assembly):
    """Behind it."""

    def middleware(self) -> list[Middleware]:
        """What stands between clients and routes."""
        operation, form = alteration(os.environ.get("VARIANT_ALTERS", ""), OPERATIONS)
        return [Middleware(AlteredAnswers, operation=operation, form=form, known=OPERATIONS)]
