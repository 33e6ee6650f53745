"""What makes a page of every error: as gateways and frameworks have them, and no JSON."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = (
    b"<!DOCTYPE html><html><head><title>%d</title></head><body><h1>Something went wrong</h1>"
    b"<p>Reference: finished, cancelled, success, {}.</p></body></html>"
)


class ErrorPages:
    """Answers 4xx and 5xx with HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        body = b""

        async def page(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                body = PAGE % message["status"] if message["status"] >= 400 else b""
                if body:
                    headers = [
                        (b"content-type", b"text/html; charset=utf-8"),
                        (b"content-length", str(len(body)).encode()),
                    ]
                    message = {**message, "headers": headers}
                await send(message)
            elif not body:
                await send(message)
            elif not message.get("more_body", False):
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, page)
