"""Every server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, OpenAI.

Source: the OpenAI API reference, chat and models, and the servers' own documentation where it differs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.capabilities import Mocking, RelativeRequest, distinct
from chatgrid_tui.dialects.dialect import BEARER, Dialect, Nouns, SentAlong, items, shown
from chatgrid_tui.dialects.error_payloads import is_unknown_address
from chatgrid_tui.dialects.openai_mapper import OpenAIMapper
from chatgrid_tui.dialects.openai_settings import OPTIONS, PRESETS, read_pasted, recognise
from chatgrid_tui.dialects.options import key_header_option
from chatgrid_tui.model.json import Json, JsonObject
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.text import mend_surrogates

_KEY_HEADERS: Final = (BEARER, "api-key", "x-api-key")
"""Azure uses the second."""
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


def _message(outgoing: Outgoing) -> Request:
    provider = outgoing.provider
    said: list[Json] = [{"role": earlier.role, "content": earlier.content} for earlier in outgoing.history]
    if provider.system:
        said.insert(0, {"role": "system", "content": provider.system})
    said.append({"role": "user", "content": outgoing.text})
    body: dict[str, Json] = {**dict(provider.parameters), "model": outgoing.board, "messages": said}
    body["stream"] = outgoing.stream
    if outgoing.stream:
        body["stream_options"] = {"include_usage": True}
    accept = "text/event-stream" if outgoing.stream else "application/json"
    at = endpoints(provider.base_url)
    return Request("POST", at.chat, body, (("Accept", accept),), other_url=at.other_chat)


def _message_in(body: JsonObject) -> str:
    """Return the newest text of the user, whose parts are joined if it has several."""
    newest = next((said for said in reversed(items(body, "messages")) if said.get("role") == "user"), {})
    return shown(newest, "content") or "".join(shown(part, "text") for part in items(newest, "content"))


def _simpler(request: Request, status: int, body: bytes) -> Request | None:
    """Try the other address if this one is unknown. Leave out `stream_options` if a refusal mentions it. If the
    refusal only repeats the request, this costs one more request, which stores nothing.
    """
    if request.other_url and is_unknown_address(status, body):
        return replace(request, url=request.other_url, other_url="")
    if request.body is None or "stream_options" not in request.body or not 400 <= status < 500:
        return None
    if not any(name in body for name in (b"stream_options", b"include_usage")):
        return None
    return replace(request, body={name: value for name, value in request.body.items() if name != "stream_options"})


def _mocked(request: RelativeRequest, recorded: Sequence[RelativeRequest], new_id: str) -> Json:
    """Return the models that were talked to."""
    if request[:2] != ("GET", "/models"):
        return None
    models = distinct([shown(earlier.body, "model") for earlier in recorded])
    return {"object": "list", "data": [{"id": model, "object": "model"} for model in models]}


def _boards(provider: Provider, cursor: str | None) -> Request | None:
    at = endpoints(provider.base_url)
    return Request("GET", at.models, other_url=at.other_models) if at.models else None


def _own_board(provider: Provider) -> Board | None:
    name = model_in(provider.base_url) if is_endpoint(provider.base_url) else ""
    return Board(name, name) if name else None


def _key_trial(provider: Provider) -> Request | None:
    """Return an empty request for an endpoint, which lists nothing. It is refused after the key is checked."""
    at = endpoints(provider.base_url)
    return None if at.models else Request("POST", at.chat, {})


def _read_boards(payload: Json) -> Page[Board]:
    models = filter(None, map(_model, _listed(payload)))
    return Page(tuple(models))


def _listed(payload: Json) -> Sequence[Json]:
    """Return the items of a listing: under `data`, under `models` (Ollama, LM Studio), or a bare list (Together)."""
    if isinstance(payload, Mapping):
        lists = (payload.get(name) for name in ("data", "models"))
        payload = next((value for value in lists if isinstance(value, list) and value), [])
    return payload if isinstance(payload, list) else []


def _model(item: Json) -> Board | None:
    """Return a model of a listing, which may be only its name, or None if it has no name."""
    if isinstance(item, Mapping):
        name = shown(item, "id", "model", "name", "key")
        return Board(name, name, shown(item, "owned_by")) if name else None
    return Board(mend_surrogates(item), mend_surrogates(item)) if isinstance(item, str) and item else None


def _is_answer(payload: Json) -> bool:
    """Return whether JSON can be a list of models or a completion. Some servers send a list without an object."""
    if isinstance(payload, Mapping):
        return not {"data", "models", "choices"}.isdisjoint(payload)
    return isinstance(payload, list)


def _is_listing(payload: Json) -> bool:
    models = payload.get("data") if isinstance(payload, Mapping) and payload.get("object") == "list" else None
    return isinstance(models, list) and all(
        isinstance(model, Mapping) and isinstance(model.get("id"), str) for model in models
    )


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


DIALECT = Dialect(
    kind="openai",
    name="OpenAI-compatible",
    wire="sse",
    base_url=base_url,
    message=_message,
    mapper=OpenAIMapper,
    resend="safe",  # the server stores nothing
    service="an OpenAI-compatible server",
    offered_as="any OpenAI API",
    nouns=Nouns("model", "models"),
    endpoints=re.compile(
        r"(/chat/completions|/completions|/responses|/embeddings|/models(/.*)?|/api/(chat|generate|tags))\Z"
    ),
    own_endpoints=re.compile(r"((/v1)?/chat/completions|/v1/(completions|embeddings))\Z"),
    is_endpoint=is_endpoint,
    address_hint="http://localhost:11434/v1",
    presets=PRESETS,
    key_headers=_KEY_HEADERS,
    key_trial=_key_trial,
    message_in=_message_in,
    simpler=_simpler,
    bubbles_are_choices=True,
    sent_along=lambda provider: SentAlong(None, each_time=True),
    boards=_boards,
    read_boards=_read_boards,
    own_board=_own_board,
    is_answer=_is_answer,
    is_listing=_is_listing,
    options=(key_header_option(_KEY_HEADERS), *OPTIONS),
    recognise=recognise,
    read_pasted=read_pasted,
    mocking=Mocking(answer=_mocked),
)
