"""A service that echoes the key: whatever it sends, and however it is split, the key is removed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.chain import RedactingTransport
from chatgrid_tui.engine.key_mask import mask_of
from chatgrid_tui.engine.transport import Credential
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.request import Request
from fakes import FakeAnswer, FakeTransport, broken
from planted import PLANTED

SECRET = Secret(PLANTED)
MASK = b"[key ...9f3a]"
KEY = Credential("Authorization", "Bearer ", SECRET)
REQUEST = Request("GET", "https://bots.example/v1/models", None)


async def _body(*pieces: bytes, key: Credential | None = KEY) -> list[bytes]:
    transport = RedactingTransport(FakeTransport(FakeAnswer(*pieces)))
    async with transport.open(REQUEST, key) as answer:
        return [piece async for piece in answer.pieces()]


def test_the_mask_shows_the_last_four_letters() -> None:
    assert mask_of(SECRET) == MASK.decode()


async def test_the_key_is_masked_in_the_body_and_in_the_headers() -> None:
    said = FakeAnswer(b'{"error":"Wrong key ' + PLANTED.encode() + b'"}', headers={"x-echo": f"Bearer {PLANTED}"})
    async with RedactingTransport(FakeTransport(said)).open(REQUEST, KEY) as answer:
        assert answer.headers == {"x-echo": "Bearer [key ...9f3a]"}
        assert [piece async for piece in answer.pieces()] == [b'{"error":"Wrong key ' + MASK + b'"}']


@given(
    st.lists(st.sampled_from([PLANTED, PLANTED[:9], PLANTED[9:], "s", "sk-", "\n", "Hello "]), max_size=12), st.data()
)
async def test_however_it_is_cut(words: list[str], data: st.DataObject) -> None:
    body = "".join(words).encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=8)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    expected = body.replace(PLANTED.encode(), MASK)
    if expected.endswith(PLANTED[:9].encode()):  # most of a key, and then nothing
        expected = expected.removesuffix(PLANTED[:9].encode()) + MASK
    assert b"".join(await _body(*pieces)) == expected


async def test_text_that_cannot_become_the_key_is_passed_on_at_once() -> None:
    assert await _body(b"data: first\n\n", b"data: sk-plan", b"e\n\n") == [
        b"data: first\n\n", b"data: ", b"sk-plane\n\n",
    ]  # fmt: skip


async def test_a_key_with_slashes_in_any_spelling() -> None:
    key = Credential("Authorization", "Bearer ", Secret("abc/def/0123456789/9f3a"))
    assert await _body(rb'"abc/def/0123456789/9f3a" "abc\/def\/0123456789\/9f3a"', key=key) == [
        b'"' + MASK + b'" "' + MASK + b'"'
    ]


async def test_a_configured_header_that_is_a_key_is_masked_and_no_other() -> None:
    headers = (
        ("Accept", "text/event-stream"),
        ("X-Gateway-Token", f"Bearer {PLANTED}"),
        ("X-Title", "A name like any"),
    )
    request = Request("GET", "https://bots.example/v1/models", None, headers)
    said = FakeAnswer(f"text/event-stream {PLANTED} Any long name".encode(), headers={"x-echo": PLANTED})
    async with RedactingTransport(FakeTransport(said)).open(request, None) as answer:
        assert answer.headers == {"x-echo": MASK.decode()}
        assert [piece async for piece in answer.pieces()] == [b"text/event-stream " + MASK + b" Any long name"]


async def test_short_keys_are_not_masked() -> None:
    assert await _body(b"an EMPTY glass", key=Credential("Authorization", "Bearer ", Secret("EMPTY"))) == [
        b"an EMPTY glass"
    ]
    assert await _body(b"anything", key=None) == [b"anything"]


async def test_held_back_text_survives_a_broken_connection() -> None:
    transport = RedactingTransport(FakeTransport(FakeAnswer(b"the end: sk-pl", broken())))
    got = b""
    async with transport.open(REQUEST, KEY) as answer:
        try:
            async for piece in answer.pieces():
                got += piece
        except ConnectionProblem:
            got += b" broke"
    assert got == b"the end: sk-pl broke"
