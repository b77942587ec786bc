"""The headers by which a browser lets a web page of another origin read an answer."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.http_server.messages import Headers, Request

_ALLOW_ORIGIN: Final = "access-control-allow-origin"


def with_cors(headers: Headers, request: Request) -> Headers:
    """Return the headers of an answer with which the browser of the requesting page may read it.

    The service's own permissions stay unchanged, except that "any origin" becomes that of the page.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return headers
    headers = tuple((name, value) for name, value in headers if (name.lower(), value.strip()) != (_ALLOW_ORIGIN, "*"))
    missing = {"Access-Control-Allow-Origin": origin}
    if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
        request_headers = request.headers
        missing["Access-Control-Allow-Methods"] = request_headers["access-control-request-method"]
        missing["Access-Control-Allow-Headers"] = request_headers.get("access-control-request-headers", "")
        if "access-control-request-private-network" in request_headers:
            missing["Access-Control-Allow-Private-Network"] = "true"
    names = {name.lower() for name, _ in headers}
    added = ((name, value) for name, value in missing.items() if value and name.lower() not in names)
    return (*headers, *added, ("Vary", "Origin"))
