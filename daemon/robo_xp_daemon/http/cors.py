"""Pages of other origins: which may ask from a browser, none unless the configuration says so."""

from __future__ import annotations

from collections.abc import Callable, Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
_HEADERS = "Authorization, Content-Type"
_AN_HOUR = "3600"


def for_other_origins(origins: Callable[[], Collection[str]]) -> Middleware:
    """What tells browsers that these origins may ask; who asks needs a token as everybody does.

    A browser asks first whether it may, and without a token: that alone is answered to all, in
    words that an origin which is not among them cannot use.
    """

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin", "")
        if origin not in origins():
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            allowed = {
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _HEADERS,
                "Access-Control-Max-Age": _AN_HOUR,
            }
            return web.Response(status=204, headers={**_of(origin), **allowed})
        response = await handler(request)
        response.headers.update(_of(origin))
        return response

    return answer


def _of(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", "Server": "robo-xp"}
