"""A service that echoes the key is not repeated: whatever the key, the kind, and the way it is sent."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

import pytest

from chatgrid_tui.cli.outcome import reply_json
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.dialects.response_parser import ResponseParser
from chatgrid_tui.engine.chain import transport_chain
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.exchange import Exchange
from chatgrid_tui.engine.har import write_har
from chatgrid_tui.engine.har_reader import read_har
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import read_recordings, write_recording
from chatgrid_tui.engine.request_export import as_curl, export_request
from chatgrid_tui.engine.transport import Credential
from chatgrid_tui.errors import ServiceProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.session.reply import Reply
from engine.raw import exchange
from fakes import FakeAnswer, FakeTransport

KEYS = (
    "hunter2-77",
    "sk-aa/bb+cc=16ch",
    "sk-live_0123456789abcdefghijklmnopqrstuv",
    "sk&16<ch\"ara'ct>ers\\x",
)
"""Of 10, 16 and 40 characters, and one that JSON, HTML and shells escape."""
Cut: TypeAlias = Callable[[str], list[str]]
CUTS: dict[str, Cut] = {
    "whole": lambda text: [text],
    "pieces": lambda text: [text[at : at + 7] for at in range(0, len(text), 7)],
    "tokens": list,
}


def _sse(payload: object, event: str = "") -> bytes:
    return (f"event: {event}\n" if event else "").encode() + b"data: " + json.dumps(payload).encode() + b"\n\n"


def _delta(kind: Kind, text: str) -> bytes:
    match kind:
        case "chatgrid":
            return _sse({"content": text}, "message.delta")
        case "widget":
            return json.dumps({"type": "token", "token": text}).encode() + b"\n"
        case "chatiq":
            return _sse({"choices": [{"delta": {"content": text}}]})
        case "openai":
            return _sse({"choices": [{"index": 0, "delta": {"content": text}}]})


def _end(kind: Kind, text: str) -> bytes:
    match kind:
        case "chatgrid":
            return _sse({"content": text, "id": "m"}, "message.complete")
        case "widget":
            return json.dumps({"type": "done", "message": text}).encode() + b"\n"
        case "chatiq" | "openai":
            return b"data: [DONE]\n\n"


async def _read(exchanged: Exchange) -> Reply:
    reply = Reply(0, "", datetime.now(UTC))
    async for chunk in exchanged.chunks():
        reply.apply_all(chunk.records, chunk.elapsed)
        assert_no_frame_shows(reply)
    return reply


def assert_no_frame_shows(reply: Reply) -> None:
    for key in KEYS:
        assert key not in "".join(bubble.text for bubble in reply.bubbles)


def _everything(kind: Kind, reply: Reply, recording: Recording) -> Iterator[str]:
    """Give all texts in which a key could be: what is shown, printed, kept, and what a recording says again."""
    yield reply_json(reply)
    yield str(reply.saved())
    yield from (text.text for text in (*reply.bubbles, *reply.reasoning.values()))
    yield from (f"{call.name} {call.arguments}" for call in reply.tool_calls.values())
    stored = write_recording(recording)
    yield stored.decode()
    body = read_recordings(stored)[0].body
    yield body.decode()
    har = write_har([recording])
    yield har.decode()
    assert read_har(har).recordings[0].body == body
    reading, again = ResponseParser(DIALECTS[kind]), Reply(0, "", datetime.now(UTC))
    again.apply_all([*reading.feed(body), *reading.end()])
    yield reply_json(again)
    yield from (text.text for text in (*again.bubbles, *again.reasoning.values()))


def _assert_nowhere(key: str, texts: Iterator[str]) -> None:
    for text in texts:
        for seen in (text, text.replace("\\/", "/"), text.replace("\\\\", "\\").replace('\\"', '"')):
            assert key not in seen


def _said(kind: Kind, key: str, answer: FakeAnswer) -> Exchange:
    return exchange("https://bots.example", FakeTransport(answer), kind=kind, key=_credential(key))


def _credential(key: str) -> Credential:
    return Credential("Authorization", "Bearer ", Secret(key))


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_key_in_the_text_is_nowhere(kind: Kind, cut: str) -> None:
    for key in KEYS:
        text = f"You sent s {key}, and again {key}{key[:4]}!"
        pieces = [*(_delta(kind, piece) for piece in CUTS[cut](text)), _end(kind, text)]
        for answer in (FakeAnswer(*pieces), FakeAnswer(b"".join(pieces))):
            exchanged = _said(kind, key, answer)
            reply = await _read(exchanged)
            assert (reply.state, reply.warnings) == ("finished", 0)
            assert reply.bubbles[0].text.startswith("You sent s [key ...")
            assert reply.bubbles[0].text.endswith(f"{key[:4]}!")
            _assert_nowhere(key, _everything(kind, reply, exchanged.recordings[-1]))


def _bodies(key: str) -> Iterator[tuple[str, Kind, FakeAnswer]]:
    """Give answers that hold a key in the other texts of a reply."""
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    yield (
        "escapes",
        "openai",
        FakeAnswer(b'data: {"choices":[{"delta":{"content":"' + escaped.encode() + b'"}}]}\n\n'),
    )
    letters = [json.dumps({"choices": [{"index": 0, "delta": {"reasoning": letter}}]}) for letter in key]
    yield "reasoning", "openai", FakeAnswer(*(f"data: {letter}\n\n".encode() for letter in letters))
    calls = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 1, "function": {"arguments": letter}}]}}]}
        for letter in key
    ]
    yield "tool call", "openai", FakeAnswer(*map(_sse, calls))
    choices = [{"choices": [{"index": index, "delta": {"content": letter}}]} for letter in key for index in (0, 1)]
    yield "two choices", "openai", FakeAnswer(*map(_sse, choices))
    lines = [f'data: {{"choices":[{{"delta":\ndata: {{"content":{json.dumps(letter)}}}}}]}}\n\n' for letter in key]
    yield "several lines an event", "openai", FakeAnswer(*(line.encode() for line in lines))
    for payload in (
        {"attachments": [{"type": "image", "url": f"https://x.example/{key}", "name": key}]},
        {"suggestions": [{"label": key, "payload": key}]},
        {"responses": [key]},
        {"conversationId": key},
        {"error": {"code": key, "message": f"Refused: {key}"}},
    ):
        text = json.dumps(payload)
        yield "plain", "chatiq", FakeAnswer(f"data: {text}\n\n".encode())
        yield "escaped", "chatiq", FakeAnswer(f"data: {text.replace(key, escaped)}\n\n".encode())
    usage = json.dumps({"choices": [], "model": key, "usage": {"note": key, key: 1}}).replace(key, escaped)
    yield "usage and model", "openai", FakeAnswer(f"data: {usage}\n\n".encode())
    reason = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": key}]}).replace(key, escaped)
    yield "finish reason", "openai", FakeAnswer(f"data: {reason}\n\n".encode())
    named = json.dumps({"id": key, "content": "Hello"}).replace(key, escaped)
    yield "id of the reply", "chatgrid", FakeAnswer(f"event: message.complete\ndata: {named}\n\n".encode())
    begun = _sse({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": key[:6]}}]}}]})
    yield "unfinished tool call", "openai", FakeAnswer(begun, b"data: [DONE]\n\n")
    error = {"content-type": "application/json", "x-echo": key, "set-cookie": "session=of-this-person"}
    yield "an error", "openai", FakeAnswer(json.dumps({"error": key}).encode(), status=401, headers=error)
    yield "a short text", "openai", FakeAnswer(f"Wrong key: {key}".encode(), status=401)
    yield "no reply", "openai", FakeAnswer(f"no reply {key}".encode())


@pytest.mark.parametrize("key", KEYS, ids=len)
async def test_a_key_in_any_other_text_is_nowhere(key: str) -> None:
    for name, kind, answer in _bodies(key):
        exchanged = _said(kind, key, answer)
        reply = await _read(exchanged)
        _assert_nowhere(key, _everything(kind, reply, exchanged.recordings[-1]))
        assert "of-this-person" not in write_recording(exchanged.recordings[-1]).decode(), name


@pytest.mark.parametrize("key", KEYS, ids=len)
async def test_a_key_in_other_spellings_is_nowhere(key: str) -> None:
    for spelt in (quote(key, safe=""), b64encode(f"user:{key}".encode()).decode(), b64encode(key.encode()).decode()):
        exchanged = _said("openai", key, FakeAnswer(_delta("openai", f"Basic {spelt} and"), _end("openai", "")))
        reply = await _read(exchanged)
        assert "[key ..." in reply.bubbles[0].text
        assert reply.bubbles[0].text.endswith(" and")


@pytest.mark.parametrize("key", KEYS, ids=len)
async def test_a_key_in_a_listing_or_its_refusal_is_nowhere(key: str) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in key)
    for spelling in (key, escaped):
        body = json.dumps({"data": [{"id": "KEY", "owned_by": "KEY"}]}).replace("KEY", spelling).encode()
        refusal = json.dumps({"error": {"message": "Wrong: KEY", "code": "KEY"}}).replace("KEY", spelling).encode()
        transport = FakeTransport(FakeAnswer(body), FakeAnswer(refusal, status=403))
        provider = Provider("p", "openai", "https://bots.example", headers=(("X-Gateway-Key", key),))
        client = Client(provider, transport, _no_key)
        assert key not in str(await client.boards())
        with pytest.raises(ServiceProblem) as refused:
            await client.boards()
        assert key not in f"{refused.value} {refused.value.failure}"


@pytest.mark.parametrize(
    "value", [KEYS[2], f"Token {KEYS[2]}", "tenant=9f8e7d6c5b4a3210", "eyJhbGciOi.eyJzdWIi", KEYS[3]]
)
async def test_a_header_value_like_a_key_is_masked(value: str) -> None:
    secret = value.split()[-1].removeprefix("tenant=")
    headers = (("X-Extra", value), ("X-Tenant", "restaurant-berlin-2024"), ("Referer", "https://a.example/?b=c&12"))
    answer = FakeAnswer(_delta("openai", f"{secret} of restaurant-berlin-2024"), _end("openai", ""))
    client = Client(Provider("p", "openai", "https://bots.example", headers=headers), FakeTransport(answer), _no_key)
    exchanged = await client.send(Outgoing(client.provider, "board", "Hello"))
    reply = await _read(exchanged)
    assert reply.bubbles[0].text.endswith("] of restaurant-berlin-2024")
    _assert_nowhere(secret, _everything("openai", reply, exchanged.recordings[-1]))
    command = as_curl(export_request(exchanged.recordings[-1], client.provider))
    assert '-H "X-Extra: $X_EXTRA"' in command
    assert "-H 'X-Tenant: restaurant-berlin-2024'" in command


async def _no_key() -> None:
    """Find no key."""


async def test_a_partial_key_is_held_back_until_it_differs() -> None:
    key = KEYS[2]
    pieces = [_delta("openai", piece) for piece in ("this is", " sk-", "ipped", " sk", "-live_012345")]
    texts = []
    exchanged = _said("openai", key, FakeAnswer(*pieces, _end("openai", "")))
    reply = Reply(0, "", datetime.now(UTC))
    async for chunk in exchanged.chunks():
        reply.apply_all(chunk.records, chunk.elapsed)
        texts.append(reply.bubbles[0].text)
    assert texts[:3] == ["this i", "this is ", "this is sk-ipped"]
    assert texts[-1] == "this is sk-ipped [key ...stuv]"  # most of the key came, and nothing else


async def test_recordings_keep_the_text_around_a_key_and_its_times() -> None:
    key = KEYS[0]
    exchanged = _said("openai", key, FakeAnswer(*(_delta("openai", letter) for letter in f"a {key} z")))
    await _read(exchanged)
    (again,) = read_recordings(write_recording(exchanged.recordings[-1]))
    assert again.read_count == len(f"a {key} z")
    assert again.reads[0].data == _delta("openai", "a")
    assert again.dropped == 0


async def test_keys_in_an_address_are_in_no_recording() -> None:
    request = Request("POST", "https://bots.example/chat?code=azure-function-key&api-version=1")
    recordings: list[Recording] = []
    async with transport_chain(FakeTransport(FakeAnswer()), recordings=recordings).open(request):
        stored = write_recording(recordings[0]) + write_har(recordings)
    assert b"azure-function-key" not in stored
    assert b"api-version=1" in stored
