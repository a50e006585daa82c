"""Headers that every answer carries, and the gate of a server that needs a token."""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse

from zonnekaart.api.errors import error_answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


def content_security_policy(host: str = "") -> str:
    """
    Return what a page may load.

    Parameters
    ----------
    host : str
        Origin of an outside background, such as ``https://tiles.example``; empty for none.
    """
    outside = f" {host}" if host else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "worker-src 'self' blob:",
            f"img-src 'self' data: blob:{outside}",
            # Plot writes style attributes into the SVG it draws.
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self'",
            f"connect-src 'self'{outside}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


CONTENT_SECURITY_POLICY = content_security_policy()

HEADERS: tuple[tuple[str, str], ...] = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"),
)
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS]

TOKEN_COOKIE = "zonnekaart_token"  # noqa: S105 - the cookie's name, not its value
_OPEN_PATHS = frozenset({"/healthz"})


class SecurityHeaders:
    """Adds `HEADERS` to every answer; plain ASGI, because tiles are many and small."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                named = {name for name, _ in given}
                # The page with an outside background brings a policy of its own.
                ours = [pair for pair in _RAW_HEADERS if pair[0] not in named]
                message["headers"] = [*given, *ours]
            await send(message)

        await self._app(scope, receive, with_headers)


class TokenGate:
    """
    Asks for the token on a server that listens beyond this machine.

    A program sends ``Authorization: Bearer <token>``. A person opens ``/?token=<token>`` once:
    the gate puts it in a cookie that scripts cannot read and takes it out of the address.

    Parameters
    ----------
    app : ASGIApp
        What is behind the gate.
    token : str
        The secret.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        headers = {name: value for name, value in scope["headers"]}  # noqa: C416 - bytes pairs
        if self._right(_bearer(headers)) or self._right(_cookie(headers)):
            await self._app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and self._right(asked.encode()):
            welcome = RedirectResponse("/", status_code=303)
            welcome.set_cookie(
                TOKEN_COOKIE,
                asked,
                httponly=True,
                samesite="strict",
                secure=scope.get("scheme") == "https",
            )
            await welcome(scope, receive, send)
            return
        await error_answer(401)(scope, receive, send)

    def _right(self, given: bytes) -> bool:
        return hmac.compare_digest(given, self._token)


def _bearer(headers: dict[bytes, bytes]) -> bytes:
    kind, _, value = headers.get(b"authorization", b"").partition(b" ")
    return value.strip() if kind.lower() == b"bearer" else b""


def _cookie(headers: dict[bytes, bytes]) -> bytes:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return b""
    found = jar.get(TOKEN_COOKIE)
    return found.value.encode() if found else b""
