"""The addresses at which an OpenAI-compatible server accepts chats and lists its models.

A configured address is either a base, such as `https://api.openai.com/v1`, or an endpoint, such as an Azure
deployment's `…/chat/completions?api-version=2024-10-21`, which is used exactly as it is.

A base without a version is ambiguous: most servers have `/v1`, some do not. It is added to a bare host, but not to an
address with a path. If the server does not know that address, the other one is tried.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from chatgrid_tui.dialects.addresses import with_scheme

_CHAT: Final = "/chat/completions"
_ENDPOINT: Final = re.compile(r"(/chat/completions|/invocations)\Z")
"""The ends of endpoints. Databricks calls a served model at `/serving-endpoints/NAME/invocations`."""
_VERSION: Final = re.compile(r"/v\d+\w*(/|\Z)")
_UNVERSIONED_HOSTS: Final = frozenset({"api.perplexity.ai"})
"""Services whose documented endpoint directly follows the host."""
_OTHER_BASES: Final = {"openrouter.ai": "/api/v1"}
"""Hosts with a base that cannot be guessed."""
_GUESSED_PATHS: Final = ("", "/", "/v1", "/api")
_NAMED_IN_PATH: Final = re.compile(r"/(?:deployments|serving-endpoints)/([^/]+)/(?:chat/completions|invocations)\Z")
_SAYS_NOTHING: Final = frozenset(
    {"api", "openai", "inference", "models", "serving-endpoints", "llm", "ai", "chat", "compat", "proxy"}
)
"""Parts of paths that do not name an assistant."""


class Endpoints(NamedTuple):
    """The addresses of one server. `other_…` is tried if the server does not know the first; it may be empty.
    `models` is empty if the server lists no models.
    """

    chat: str
    models: str = ""
    other_chat: str = ""
    other_models: str = ""


def endpoints(address: str) -> Endpoints:
    """Return the addresses derived from a configured one."""
    address = with_scheme(address)
    parts = _split(address)
    if is_endpoint(address):
        base = _base_of(address, parts)
        return Endpoints(address, f"{base}/models" if base else "")
    base = re.sub(r"/models\Z", "", address)
    versioned = f"{base}/v1"
    if _VERSION.search(parts.path):
        return Endpoints(base + _CHAT, f"{base}/models")
    first, other = (base, versioned) if _has_no_version(parts) else (versioned, base)
    return Endpoints(first + _CHAT, f"{first}/models", other + _CHAT, f"{other}/models")


def is_endpoint(address: str) -> bool:
    """Return whether an address is an endpoint."""
    return _ENDPOINT.search(_split(address).path.rstrip("/")) is not None


def base_url(address: str) -> str:
    """Return the complete address for a configuration: a base with its version, or an endpoint that cannot be derived
    from a base.
    """
    address = with_scheme(address)
    parts = _split(address)
    if is_endpoint(address):
        return _base_of(address, parts) or address
    if parts.hostname in _OTHER_BASES and parts.path in _GUESSED_PATHS:
        return urlunsplit((parts.scheme, parts.netloc, _OTHER_BASES[parts.hostname], "", ""))
    return endpoints(address).chat.removesuffix(_CHAT)


def model_in(address: str) -> str:
    """Return the model or assistant that the path of an endpoint names, or an empty string."""
    path = _split(address).path.rstrip("/")
    if found := _NAMED_IN_PATH.search(path):
        return unquote(found[1])
    last = _ENDPOINT.sub("", path).rpartition("/")[2]
    return "" if last.lower() in _SAYS_NOTHING or _VERSION.search(f"/{last}") else unquote(last)


def _base_of(address: str, parts: SplitResult) -> str:
    """Return the base of an endpoint that is derived from a base, or an empty string for any other."""
    usual = address.endswith(_CHAT) and _VERSION.search(parts.path) and not parts.query
    return address.removesuffix(_CHAT) if usual else ""


def _has_no_version(parts: SplitResult) -> bool:
    return bool(parts.path.strip("/")) or parts.hostname in _UNVERSIONED_HOSTS


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # reported elsewhere
        return SplitResult("", "", "", "", "")
