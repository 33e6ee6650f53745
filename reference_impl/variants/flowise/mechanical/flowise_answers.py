"""One kind of Flowise's answers becomes a 500, an empty one, a hang, or another job's."""

from __future__ import annotations

import os

from starlette.middleware import Middleware

from reference_impl.common.altered import AlteredAnswers, Operation, alteration
from reference_impl.flowise.assembly import ServerAssembly

OPERATIONS = (
    Operation("predict", "POST", r"/api/v1/prediction/[^/]+", body=rb'(?!.*"streaming": ?true)'),
    Operation("stream", "POST", r"/api/v1/prediction/[^/]+", body=rb'.*"streaming": ?true'),
    Operation("cancel", "PUT", r"/api/v1/chatmessage/abort/.*"),
    Operation("messages", "GET", r"/api/v1/chatmessage/[^/]+"),
    Operation("dashboard", "GET", r"/admin/queues(/api/queues)?"),
)


def _behind(self: ServerAssembly) -> list[Middleware]:
    operation, form = alteration(os.environ.get("VARIANT_ALTERS", ""), OPERATIONS)
    return [Middleware(AlteredAnswers, operation=operation, form=form, known=OPERATIONS)]


def install() -> None:
    """Behind it."""
    ServerAssembly.middleware = _behind  # type: ignore[method-assign]
