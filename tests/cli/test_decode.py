"""`decode`: captured bytes read offline as `send` would have read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatgrid_tui.demo.catalogue import KINDS, Kind
from cli.running import Ran, controls_in, run
from fakes import DONE, delta

STREAMS: dict[Kind, bytes] = {
    "chatgrid": (
        b'data: {"event":"message.delta","content":"Gr\xc3\xbc"}\n\n'
        b'data: {"event":"message.complete","content":"Gr\xc3\xbc\xc3\x9fe","usage":{"total_tokens":5}}\n\n'
    ),
    "chatiq": delta("Grüße") + b'data: {"conversationId":"c-1"}\n\n' + DONE,
    "widget": b'{"type":"start","conversationId":"c-1"}\n{"type":"done","message":"Gr\xc3\xbc\xc3\x9fe"}\n',
    "openai": delta("Grü") + delta("ße") + DONE,
}


async def decode(file: Path | str, kind: Kind, *arguments: str, stdin: bytes = b"") -> Ran:
    return await run("decode", "--kind", kind, *arguments, str(file), stdin=stdin)


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "captured"
    file.write_bytes(STREAMS[kind])
    ran = await decode(file, kind)
    assert (ran.code, ran.out, ran.err) == (0, "Grüße\n", "")
    ran = await decode(file, kind, "--json")
    assert ran.json["bubbles"] == ["Grüße"]
    assert ran.json["finish"] == "finished"
    assert "conversation" not in ran.json
    assert ran.stdout.isascii()


@pytest.mark.parametrize("kind", KINDS)
async def test_standard_input_is_read_the_same_way(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "captured"
    file.write_bytes(STREAMS[kind])
    for arguments in ((), ("--json",)):
        piped = await decode("-", kind, *arguments, stdin=STREAMS[kind])
        assert piped == await decode(file, kind, *arguments)


async def test_a_body_longer_than_one_read(tmp_path: Path) -> None:
    text = "Grüße 🍛 " * 10_000
    file = tmp_path / "captured"
    for pieces in ([text], [text[at : at + 7] for at in range(0, len(text), 7)]):
        file.write_bytes(b"".join(map(delta, pieces)) + DONE)
        assert file.stat().st_size > 2 * 64 * 1024
        ran = await decode(file, "openai", "--json")
        assert ran.json["bubbles"] == [text]


@pytest.mark.parametrize(
    ("body", "content_type", "code", "finish"),
    [
        (b"", "", 4, "truncated"),
        (delta("Half"), "", 4, "truncated"),
        (b'data: {"error":{"message":"No","code":"c"}}\n\n', "", 3, "failed"),
        (b"<html><title>Sign in</title>", "text/html", 7, "failed"),
        (b"hello", "text/plain", 7, "failed"),
        (b'{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}', "application/json", 0, "finished"),
        (delta("Hi") + DONE, "text/html", 0, "finished"),
    ],
)
async def test_each_outcome_has_its_code(body: bytes, content_type: str, code: int, finish: str) -> None:
    ran = await decode("-", "openai", "--json", "--content-type", content_type, stdin=body)
    assert (ran.code, ran.json["finish"]) == (code, finish)


async def test_what_could_not_be_read_is_counted() -> None:
    body = delta("One") + b"data: not JSON\n\n" + b"data: [1]\n\n" + delta(" two") + DONE
    ran = await decode("-", "openai", "--json", stdin=body)
    assert (ran.json["bubbles"], ran.json["warnings"]) == (["One two"], 2)
    ran = await decode("-", "openai", stdin=body)
    assert (ran.code, ran.out, ran.err) == (4, "One two\n", "2 pieces of the reply could not be read.\n")


@pytest.mark.parametrize(
    ("reason", "code", "words"),
    [
        ("stop", 0, ""),
        ("length", 4, "Cut at the token limit.\n"),
        ("max_tokens", 4, "Cut at the token limit.\n"),
        ("content_filter", 0, "Ended by the service's content filter (content_filter).\n"),
    ],
)
async def test_the_stop_reason_is_reported(reason: str, code: int, words: str) -> None:
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    body = delta("Some") + b"data: " + json.dumps(end).encode() + b"\n\n" + DONE
    whole = json.dumps({"choices": [{"message": {"content": "Some"}, "finish_reason": reason}]}).encode()
    for stream, content_type in ((body, "text/event-stream"), (whole, "application/json")):
        ran = await decode("-", "openai", "--content-type", content_type, stdin=stream)
        assert (ran.code, ran.out, ran.err) == (code, "Some\n", words)
        ran = await decode("-", "openai", "--json", "--content-type", content_type, stdin=stream)
        assert (ran.code, ran.json["finish"], ran.json["finish_reason"]) == (code, "finished", reason)


async def test_the_figures_of_the_stream_have_no_times() -> None:
    body = delta("One") + delta(" two") + b": ping\n\n"
    stream = (await decode("-", "openai", "--json", "--content-type", "text/html", stdin=body)).json["stream"]
    assert isinstance(stream, dict)
    assert (stream["events"], stream["bytes"]) == (2, len(body))
    assert (stream["ttfb"], stream["ttft"], stream["icl"], stream["e2el"], stream["reads"]) == (None,) * 5
    assert [notice["text"] for notice in stream["notices"]] == [
        "Declared as text/html, but it is an event stream.",
        "No end mark after “One two”.",
    ]


async def test_reasoning_and_tool_calls_are_reported() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"city":"Oslo"}'}}
    message = {"reasoning_content": "Hm, \x1b[31mOslo", "tool_calls": [{**call, "index": 0}]}
    piece = {"choices": [{"index": 0, "delta": message, "finish_reason": "tool_calls"}]}
    streamed = b"data: " + json.dumps(piece).encode() + b"\n\n" + DONE
    whole = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}).encode()
    for body, content_type in ((streamed, "text/event-stream"), (whole, "application/json")):
        ran = await decode("-", "openai", "--content-type", content_type, stdin=body)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == ('Reasoning: 13 characters; --json prints them.\nTool call: look_up({"city":"Oslo"})\n')
        ran = await decode("-", "openai", "--json", "--content-type", content_type, stdin=body)
        assert (ran.json["bubbles"], ran.json["reasoning"], ran.json["tool_calls"]) == (
            [],
            "Hm, \x1b[31mOslo",
            [call],
        )


async def test_bubbles_are_separated() -> None:
    ran = await decode("-", "chatiq", stdin=b'data: {"responses":["One","Two\\n"]}\n\n' + delta("Three") + DONE)
    assert ran.out == "One\n\nTwo\n\nThree\n"


async def test_a_replaced_text_is_printed() -> None:
    body = b'{"type":"token","token":"Wrong"}\n{"type":"done","message":"Right"}\n'
    assert (await decode("-", "widget", stdin=body)).out == "Right\n"
    trimmed = b'{"type":"token","token":" Hi "}\n{"type":"done","message":"Hi"}\n'
    assert (await decode("-", "widget", stdin=trimmed)).out.strip() == "Hi"


async def test_a_line_end_cut_in_two_is_one() -> None:
    assert (await decode("-", "openai", stdin=delta("One\r") + delta("\nTwo\r") + DONE)).out == "One\nTwo\n"


async def test_no_control_character_comes_out() -> None:
    hostile = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066])) + "\x1b]52;c;x\x07"
    body = delta(hostile) + b'data: {"suggestions":[{"label":"\\u001b[31m","payload":"\\u0007"}]}\n\n' + DONE
    ran = await decode("-", "chatiq", stdin=body)
    assert controls_in(ran.stdout) | controls_in(ran.stderr) == set()
    ran = await decode("-", "chatiq", "--json", stdin=body)
    assert ran.json["bubbles"] == [hostile]
    assert all(32 <= byte < 127 for byte in ran.stdout.rstrip(b"\n"))


async def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for place in (tmp_path / "missing", tmp_path, "nul\0byte"):
        ran = await decode(place, "openai")
        assert (ran.code, ran.out) == (2, "")
        assert "cannot be read" in ran.err


async def test_halves_of_a_surrogate_pair_are_ascii_in_json() -> None:
    body = b'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n' + DONE
    ran = await decode("-", "openai", "--json", stdin=body)
    assert json.loads(ran.stdout)["bubbles"] == ["\ufffd"]


async def test_the_kind_is_detected_from_the_body() -> None:
    for stream in STREAMS.values():
        ran = await run("decode", "-", stdin=stream)
        assert (ran.code, ran.out, ran.err) == (0, "Grüße\n", "")
    ran = await run("decode", "-", stdin=b"hello")
    assert (ran.code, ran.out) == (2, "")
    assert "Name the kind with --kind: chatgrid" in ran.err
    ran = await run("decode", "-", stdin=b"")
    assert (ran.code, ran.err) == (2, "chatgrid-tui: Standard input cannot be read. It is empty.\n")


async def test_a_captured_head_says_how_it_ended() -> None:
    head = b"HTTP/1.1 429 Too Many\r\nContent-Type: application/json\r\n\r\n"
    ran = await run("decode", "--kind", "openai", "--json", "-", stdin=head + b'{"error":{"message":"No"}}')
    assert (ran.code, ran.err) == (3, "")
    error = ran.json["error"]
    assert isinstance(error, dict)
    assert (error["status"], error["message"]) == (429, "No")


async def test_a_broken_recording_is_printed_as_far_as_it_goes(tmp_path: Path) -> None:
    body = json.dumps((delta("Half \x1b[31m") + b"data: {").decode())
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"type":"request","version":9,"kind":"openai","method":"POST","url":"https://a.example"}\n'
        '{"type":"response","t":1,"status":200}\n'
        f'{{"type":"data","t":2,"text":{body}}}\n{{"type":"en'
    )
    ran = await run("decode", str(file))
    assert (ran.code, ran.out) == (4, "Half \ufffd[31m\n")
    assert ran.err.startswith(
        "Written by a later version (9); only the known parts are shown.\nThe file was cut in the middle of a line.\n"
    )
    file.write_text("\n".join(file.read_text().splitlines()[1:]))
    ran = await run("decode", str(file))
    assert (ran.code, ran.err) == (
        2,
        f"chatgrid-tui: {file} cannot be read. Line 1: A recording begins with a request.\n",
    )
