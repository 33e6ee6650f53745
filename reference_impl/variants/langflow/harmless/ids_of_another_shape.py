"""Jobs have ids that are no UUIDs: long, with capitals and whatever a path may hold unquoted."""

from __future__ import annotations

import secrets

from reference_impl.langflow.assembly import Assembly
from reference_impl.langflow.desk import BuildDesk


class OtherIds(BuildDesk):
    """Names jobs otherwise."""

    def new_id(self) -> str:
        """An ID that no other worker gives to a job."""
        return f"Build.{secrets.token_urlsafe(60)}~1"


class VariantAssembly(Assembly):
    """Runs builds at it."""

    desk_class = OtherIds
