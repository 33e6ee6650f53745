"""Request bodies, read defensively: what a client sends wrong is a 422, never a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    raw = await request.body()
    try:
        value = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise HTTPException(422, "The body is not JSON") from None
    if not isinstance(value, dict):
        raise HTTPException(422, "The body is not a JSON object")
    return value


async def form_body(request: Request) -> dict[str, str]:
    """The fields of a form."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        return {key: value for key, value in form.items() if isinstance(value, str)}
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def required_text(body: dict[str, Any], name: str) -> str:
    """A field that must be there and be text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise HTTPException(422, f"{name} is required")
    return value
