"""Request bodies, read defensively: what a client sends wrong is a 4xx, never a 500."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

PRECONDITION_FAILED = 412


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    raw = await request.body()
    try:
        value = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise HTTPException(400, "The body is not JSON") from None
    if not isinstance(value, dict):
        raise HTTPException(400, "The body is not a JSON object")
    return value


def required_text(body: dict[str, Any], name: str) -> str:
    """A field that must be there and be text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise HTTPException(PRECONDITION_FAILED, f"{name} is required")
    return value


def optional_text(body: dict[str, Any], name: str) -> str | None:
    """A field that may be there, and then is text."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise HTTPException(400, f"{name} is not text")
    return value or None
