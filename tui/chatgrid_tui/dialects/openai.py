"""Every server that speaks OpenAI's chat completions: Ollama, llama.cpp, vLLM, LM Studio, OpenRouter, OpenAI.

Source: the OpenAI API reference, chat and models, and the servers' own documents if they differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from chatgrid_tui.dialects.addresses import with_scheme
from chatgrid_tui.dialects.completions import OpenAIMeaning
from chatgrid_tui.dialects.dialect import BEARER, Dialect, shown
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Board, Page, Provider
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.text import mend_surrogates

_VERSION: Final = re.compile(r"/v\d+\w*(/|\Z)")


def _base_url(address: str) -> str:
    base = re.sub(r"(/chat/completions|/models)\Z", "", with_scheme(address))
    return base if _VERSION.search(base) else f"{base}/v1"


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
    return Request("POST", f"{_base_url(provider.base_url)}/chat/completions", body, (("Accept", accept),))


def _simpler(request: Request, failure: Failure) -> Request | None:
    """Leave out `stream_options`: some servers refuse what they do not know, and name it."""
    if request.body is None or "stream_options" not in request.body or failure.status not in (400, 422):
        return None
    if "stream_options" not in f"{failure.message} {failure.field}":
        return None
    body = {name: value for name, value in request.body.items() if name != "stream_options"}
    return replace(request, body=body)


def _boards(provider: Provider, cursor: str | None) -> Request:
    return Request("GET", f"{_base_url(provider.base_url)}/models")


def _read_boards(payload: Json) -> Page[Board]:
    models = filter(None, map(_model, _listed(payload)))
    return Page(tuple(models))


def _listed(payload: Json) -> Sequence[Json]:
    """Return what a listing holds: under `data`, under `models` (Ollama, LM Studio), or a bare list (Together)."""
    if isinstance(payload, Mapping):
        lists = (payload.get(name) for name in ("data", "models"))
        payload = next((value for value in lists if isinstance(value, list) and value), [])
    return payload if isinstance(payload, list) else []


def _model(item: Json) -> Board | None:
    """Return one model of a listing, which may be just its name; None if it has none."""
    if isinstance(item, Mapping):
        name = shown(item, "id", "model", "name", "key")
        return Board(name, name, shown(item, "owned_by")) if name else None
    return Board(mend_surrogates(item), mend_surrogates(item)) if isinstance(item, str) and item else None


DIALECT = Dialect(
    kind="openai",
    name="OpenAI-compatible",
    wire="sse",
    base_url=_base_url,
    key_header=BEARER,
    message=_message,
    meaning=OpenAIMeaning,
    boards=_boards,
    read_boards=_read_boards,
    resend="safe",  # the server remembers nothing
    simpler=_simpler,
)
