"""What a request must be like to be answered at all, and what browsers are told not to do with the answer.

The server listens on this machine only, but any page that a person visits can send requests to it. A name of another
host that an attacker has turned to 127.0.0.1 would even let that page read the answers: hence only the names of
this machine are served.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tmx.browse.metadata import REGISTRY, SWEEPS

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
METHODS = frozenset({"GET", "HEAD"})

EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'"
)
"""No script but ours, nothing from elsewhere."""

DATASETTE_PAGES = (f"/{REGISTRY}", f"/{SWEEPS}")
"""Where datasette's own pages are, which have scripts inside."""


def guarded(application: Application) -> Application:
    """Return an application that answers nobody but this machine, and changes nothing."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
        elif not _is_local(scope):
            await _refuse(send, 403, "tmx browse answers to localhost and 127.0.0.1 only\n")
        elif scope["method"] not in METHODS:
            await _refuse(send, 405, "tmx browse only reads\n")
        else:
            await application(scope, receive, _with_headers(send, str(scope["path"])))

    return guard


def _is_local(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and _without_port(hosts[0]) in LOOPBACK


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name.lower() if colon and port.isdigit() else host.lower()


def _with_headers(send: Send, path: str) -> Send:
    inside = " 'unsafe-inline'" if path.startswith(DATASETTE_PAGES) else ""
    policy = (b"content-security-policy", f"{POLICY}{inside}".encode())

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *EVERYWHERE, policy]}
        await send(message)

    return sending


async def _refuse(send: Send, status: int, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *EVERYWHERE]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})
