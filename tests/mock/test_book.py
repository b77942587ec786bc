"""Which recording answers a request, how the two differ, and which recordings cannot be served."""

from __future__ import annotations

import pytest

from chatgrid_tui.engine.recording import Head
from chatgrid_tui.http_server.messages import Request as Asked
from chatgrid_tui.mock.book import Book, book_of
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.request import Request
from mock.recorded import asked, message, recording, unanswered

CHAT = "/v1/chat/completions"


def chat(text: str, **more: Json) -> dict[str, Json]:
    """Return a recorded body that sends a message to an OpenAI-compatible server."""
    return {**(message("openai", text).body or {}), **more}


def book_for(*texts: str, loop: bool = False) -> Book:
    """Return a book with a recording for each message."""
    return book_of([recording(message("openai", text)) for text in texts], loop=loop)


def taken(book: Book, *texts: str) -> list[tuple[int, bool]]:
    """Return the recordings that answer some messages, and whether they answered before."""
    matches = [book.take(asked(CHAT, chat(text))) for text in texts]
    return [(0 if match.entry is None else match.entry.number, match.repeated) for match in matches]


@pytest.mark.parametrize(
    ("recorded", "loop", "messages", "numbers"),
    [
        ("ab", False, "abab", [1, 2, -1, -2]),
        ("ab", False, "ba", [2, 1]),
        ("aab", False, "aaaab", [1, 2, -2, -2, 3]),
        ("aab", True, "aaaab", [1, 2, -1, -2, 3]),
        ("ab", False, "xyz", [1, 2, -2]),
        ("ab", True, "xyz", [1, 2, -1]),
    ],
)
def test_the_message_chooses_then_the_order(recorded: str, loop: bool, messages: str, numbers: list[int]) -> None:
    """Negative numbers are recordings that answered before."""
    book = book_for(*recorded, loop=loop)
    assert taken(book, *messages) == [(abs(number), number < 0) for number in numbers]


def test_other_paths_and_methods_are_not_answered() -> None:
    book = book_for("a")
    for request in (
        asked("/v1/models", method="GET"),
        asked(CHAT, method="GET"),
        asked("/v2/chat/completions", chat("a")),
    ):
        assert book.take(request).entry is None
    assert not book.is_served


def test_a_request_without_a_message_takes_no_recording() -> None:
    """The form tries keys with it."""
    match = book_for("a").take(asked(CHAT, {}))
    assert (match.entry, match.lacks_message) == (None, True)


@pytest.mark.parametrize(
    ("request_", "differences"),
    [
        (asked(CHAT, chat("Hello")), ()),
        (asked(CHAT, chat("Hello"), headers={"accept": "text/event-stream", "user-agent": "curl"}), ()),
        (asked(CHAT, chat("Bye")), ("body messages[0].content",)),
        (asked(CHAT, chat("Hello", model=7, temperature=0)), ("body model, temperature is new",)),
        (asked(CHAT, chat("Hello", stream=1)), ("body stream",)),
        (asked(CHAT, {"messages": chat("Hello")["messages"]}), ("body model is missing, stream is missing, ",)),
        (asked(f"{CHAT}?a=1&b=2", chat("Hello")), ("query a, b",)),
        (asked(CHAT, chat("Hello"), headers={"accept": "*/*"}), ("header accept",)),
        (asked(CHAT, chat("Hello", **{f"\x1b[3{n}m": n for n in range(9)})), (" and more",)),
    ],
)
def test_differences_are_named_by_their_place(request_: Asked, differences: tuple[str, ...]) -> None:
    found = book_for("Hello").take(request_).differences
    assert found is not None
    assert len(found) == len(differences)
    assert all(part in difference for part, difference in zip(differences, found, strict=True))
    assert "\x1b" not in "".join(found)


def test_a_body_that_cannot_be_read_is_answered_all_the_same() -> None:
    book = book_for("a", "b", "c")
    requests = (
        Asked("POST", CHAT, {"accept": "text/event-stream"}, too_large=True),
        asked(CHAT, raw=b"{"),
        asked(CHAT, raw=b"[]"),
    )
    matches = [book.take(request) for request in requests]
    assert [match.differences for match in matches] == [
        ("body too large",),
        ("body is no JSON",),
        ("body is no JSON object",),
    ]


@pytest.mark.parametrize("raw", [b"not JSON", b"[1]", b"\xff", b'{"a":' * 100_000, b"[" * 2000 + b"]" * 2000])
def test_a_body_may_be_anything(raw: bytes) -> None:
    recorded = recording(Request("POST", "https://llm.example/v1/chat/completions"))
    match = book_of([recorded]).take(asked(CHAT, raw=raw))
    assert match.entry is not None
    assert len(match.differences or ()) == 1 + bool(match.differences and "header" in match.differences[0])


def test_keys_are_not_compared() -> None:
    recorded = Request("POST", "https://llm.example/v1/chat?key=[key ...1234]&a=1", {"user": "me [key ...1234]"})
    match = book_of([recording(recorded)]).take(asked("/v1/chat?key=mine&a=1", {"user": "another"}))
    assert match.differences == ()


def test_deeply_nested_bodies_are_compared() -> None:
    deep: Json = "x"
    for _ in range(900):
        deep = [deep]
    book = book_of([recording(Request("POST", "https://llm.example/v1/chat/completions", {"a": deep}))])
    assert book.take(asked(CHAT, {"a": deep})).differences == ()
    assert book.take(asked(CHAT, {"a": [deep]})).differences == (f"body a{'[0]' * 15}",)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("chatgrid", "/v1/boards/b/chats/another/messages"),
        ("chatiq", "/api/chat"),
        ("widget", "/site/v1/chat/stream"),
        ("openai", CHAT),
    ],
)
def test_the_ids_of_conversations_do_not_count(kind: str, path: str) -> None:
    book = book_of([recording(message(kind, conversation="recorded"), kind=kind)])
    match = book.take(
        asked(path, message(kind, conversation="another").body, headers=dict(lower(message(kind).headers)))
    )
    assert match.differences == ()


def lower(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return headers with their names in lower case."""
    return [(name.lower(), value) for name, value in headers]


def test_a_conversation_that_is_not_continued_differs() -> None:
    body = dict(message("chatiq").body or {}, conversation_id=None)
    match = book_of([recording(message("chatiq"), kind="chatiq")]).take(asked("/api/chat", body))
    assert match.differences == ("body conversation_id",)


def test_a_captured_body_answers_any_message() -> None:
    """It has no request to compare with."""
    book = book_of([recording(Request("POST", ""), kind="chatgrid")])
    path = "/chatgrid/v1/boards/b/chats"
    assert [mount.path for mount in book.mounts] == ["/chatgrid/v1"]
    assert book.take(asked(path, {})).entry is None
    match = book.take(asked(f"{path}/7/messages", {"content": "Hi"}))
    assert (match.entry is not None, match.differences) == (True, None)


def test_what_cannot_be_served_is_said() -> None:
    lost = unanswered(message("openai"), None)
    lost.finish(0.0, "reset", Failure("network", "refused"))
    strange = recording(message("openai"))
    strange.head = Head(0.0, 99, {})
    hostile = recording(
        message("openai"), headers={"x-a": "1\r\nx-b: 2", "bad name": "x", "x-\x1b[31m": "y", "ok": "Zürich ", "": ""}
    )
    long = recording(message("openai"), (0.0, b"data"))
    long.dropped = 1200
    book = book_of([lost, strange, hostile, long])
    assert [entry.number for entry in book.entries] == [1, 3, 4]
    assert book.notes == [
        "Recording 1: there was no connection (refused). The mock resets it.",
        "Recording 2 is left out: 99 is no status of an answer.",
        "Recording 4 lacks the last 1,200 bytes of its body; it is cut there.",
        "Recording 3: the header x-a cannot be sent.",
        "Recording 3: the header bad name cannot be sent.",
        "Recording 3: the header x-�[31m cannot be sent.",
        "Recording 3: the header without a name cannot be sent.",
    ]
    assert book.entries[1].headers.headers == (("ok", "Zürich"),)


def test_headers_of_the_connection_are_not_sent() -> None:
    headers = {
        "content-type": "text/html",
        "content-length": "7",
        "transfer-encoding": "chunked",
        "date": "yesterday",
        "content-encoding": "gzip",
        "connection": "close",
        "alt-svc": 'h3=":443"',
        "retry-after": "20",
    }
    sent = book_of([recording(message("openai"), headers=headers)]).entries[0].headers
    assert sent.now(0.0) == (("content-type", "text/html"), ("retry-after", "20"))


def test_a_wait_until_a_date_is_as_long_as_it_was() -> None:
    headers = {"retry-after": "Mon, 02 Nov 2026 10:00:30 GMT", "date": "Mon, 02 Nov 2026 10:00:00 GMT"}
    sent = book_of([recording(message("openai"), headers=headers)]).entries[0].headers
    assert sent.now(0.0) == (("retry-after", "Thu, 01 Jan 1970 00:00:30 GMT"),)


def test_landmarks_of_a_reply() -> None:
    reads = [
        (0.1, b'data: {"choices":[]}\n\n'),
        (0.2, b"data: {not JSON\n\n"),
        (0.3, b"data: [DONE]\n\n"),
        (0.4, b": ping\n\n"),
    ]
    book = book_of([recording(message("openai"), *reads)])
    assert book.entries[0].landmarks == (2, 1)


def test_an_unknown_kind_is_served_at_its_own_path() -> None:
    book = book_of([recording(Request("POST", "https://bots.example/talk?x=1", {"q": "Hi"}), kind="other")])
    match = book.take(asked("/talk?x=1", {"q": "Hi"}))
    assert match.differences == ()
