"""`send`: one turn of every kind, how it ends, and what it leaves alone."""

from __future__ import annotations

import json
import re
import socket
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from chatgrid_tui.cli.outcome import STREAM_FIGURES
from chatgrid_tui.demo.catalogue import ECHO, KINDS, Kind
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_READ_ONLY_KEY, OPENAI_KEY, DemoKeys
from chatgrid_tui.engine.http import HttpTransport
from chatgrid_tui.engine.recording import RecordingTransport
from chatgrid_tui.engine.transport import Answer, Credential
from chatgrid_tui.model.request import Request
from cli.running import BOARDS, Ran, controls_in, run, write_config
from fakes import StartDemo


@pytest.fixture
def config(demo: DemoServer, tmp_path: Path) -> str:
    return str(write_config(tmp_path, demo))


async def send(config: str, kind: str, *arguments: str, stdin: bytes = b"") -> Ran:
    return await run("send", "--config", config, "--provider", kind, *arguments, stdin=stdin)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [(), ("--no-stream",)], ids=["streamed", "whole"])
async def test_text(kind: Kind, way: tuple[str, ...], config: str) -> None:
    ran = await send(config, kind, *way, "Grüße 🍛, *all*")
    assert (ran.code, ran.out, ran.err) == (0, "Grüße 🍛, *all*\n", "")


async def test_what_the_first_request_needs_is_loaded_before_its_time_runs(
    config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    prepare, began = HttpTransport.prepare, RecordingTransport.open

    def noting_prepare(transport: HttpTransport, *, tls: bool) -> None:
        prepare(transport, tls=tls)
        noted.append("prepared")

    def noting_open(
        transport: RecordingTransport, request: Request, key: Credential | None, answer_timeout: float
    ) -> AbstractAsyncContextManager[Answer]:
        noted.append("sent")
        return began(transport, request, key, answer_timeout)

    monkeypatch.setattr(HttpTransport, "prepare", noting_prepare)
    monkeypatch.setattr(RecordingTransport, "open", noting_open)
    assert (await send(config, "openai", "Hello")).code == 0
    assert noted == ["prepared", "sent"]


SHAPE = {
    "bubbles", "conversation_id", "usage", "attachments", "suggestions", "error", "finish", "warnings",
    "finish_reason", "reasoning", "tool_calls",
    "conversation", "stream",
}  # fmt: skip


def documented_figures() -> set[str]:
    """Return the names that `--help` explains."""
    rows = re.findall(r"^  (\w+(?:, \w+)*)  ", STREAM_FIGURES, re.MULTILINE)
    return {name for row in rows for name in row.split(", ")} | {"tokens_per_second", "chunks_per_second"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [(), ("--no-stream",)], ids=["streamed", "whole"])
async def test_json(kind: Kind, way: tuple[str, ...], config: str) -> None:
    ran = await send(config, kind, "--json", *way, "Grüße 🍛")
    assert (ran.code, ran.err) == (0, "")
    assert ran.stdout.isascii()
    assert ran.stdout.count(b"\n") == 1
    said = ran.json
    assert set(said) == SHAPE
    assert said["bubbles"] == ["Grüße 🍛"]
    assert (said["error"], said["finish"], said["warnings"]) == (None, "finished", 0)
    assert (said["attachments"], said["suggestions"]) == ([], [])
    assert (said["conversation"] is None) == (kind == "openai")
    assert (said["conversation_id"] is None) == (kind in ("chatgrid", "openai"))
    assert (said["usage"] is None) == (kind in ("chatiq", "widget"))
    stream = said["stream"]
    assert isinstance(stream, dict)
    assert set(stream) == documented_figures()
    assert 0 < stream["ttfb"] <= stream["ttft"] <= stream["e2el"]
    assert stream["notices"] == []


@pytest.mark.parametrize("kind", ["chatgrid", "chatiq", "widget"])
async def test_a_conversation_goes_on(kind: Kind, config: str) -> None:
    first = (await send(config, kind, "--json", "One")).json
    conversation = str(first["conversation"])
    second = (await send(config, kind, "--json", "--conversation", conversation, "Two")).json
    other = (await send(config, kind, "--json", "Three")).json
    assert second["conversation"] == conversation
    assert second["conversation_id"] == first["conversation_id"]
    assert other["conversation"] != conversation


async def test_the_chat_holds_both_turns(demo: DemoServer, config: str) -> None:
    first = (await send(config, "chatgrid", "--json", "One")).json
    await send(config, "chatgrid", "--conversation", str(first["conversation"]), "Two")

    url = f"{demo.base_url('chatgrid')}/boards/{ECHO.board_id}/chats/{first['conversation']}/messages"
    async with httpx.AsyncClient(trust_env=False) as client:
        stored = (await client.get(url)).json()["data"]
    assert [message["content"] for message in stored] == ["One", "One", "Two", "Two"]


async def test_without_stored_conversations_none_can_be_continued(config: str) -> None:
    ran = await send(config, "openai", "--conversation", "c", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "does not store conversations" in ran.err


async def test_in_private_no_conversation_can_be_continued(config: str) -> None:
    private = Path(config).read_text().replace('kind = "chatiq"', 'kind = "chatiq"\nprivate_mode = true')
    Path(config).write_text(private)
    said = (await send(config, "chatiq", "--json", "One")).json
    assert (said["bubbles"], said["conversation"], said["conversation_id"]) == (["One"], None, None)
    ran = await send(config, "chatiq", "--conversation", "c", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "does not store conversations" in ran.err


async def test_the_message_from_standard_input(config: str) -> None:
    ran = await send(config, "openai", "-", stdin="Two\nlines 🍛\r\n".encode())
    assert ran.out == "Two\nlines 🍛\n"
    ran = await send(config, "openai", "--json", "-", stdin=b"\xff\n")
    assert ran.json["bubbles"] == ["\ufffd"]


@pytest.mark.parametrize(
    ("message", "code", "finish", "kind_of_error"),
    [
        ("/error", 3, "failed", "stream"),
        ("/401", 3, "failed", "http"),
        ("/429 9", 3, "failed", "http"),
        ("/500", 3, "failed", "http"),
        ("/redirect", 3, "failed", "http"),
        ("/noend", 4, "truncated", None),
        ("/drop", 5, "truncated", "network"),
        ("/html", 7, "failed", "protocol"),
        ("/split", 0, "finished", None),
        ("/emoji", 0, "finished", None),
        ("/empty", 0, "finished", None),
        ("/badjson", 4, "finished", None),
        ("/two 0", 0, "finished", None),
        ("/huge 300000 whole", 0, "finished", None),
    ],
)
async def test_each_outcome_has_its_code(
    message: str, code: int, finish: str, kind_of_error: str | None, config: str
) -> None:
    ran = await send(config, "openai", "--json", message)
    error = ran.json["error"]
    assert (ran.code, ran.json["finish"]) == (code, finish)
    assert (error["kind"] if isinstance(error, dict) else None) == kind_of_error
    text = await send(config, "openai", message + ("9" if message == "/429 9" else ""))
    assert text.code == code
    assert bool(text.err) == (code != 0 or message in ("/empty", "/badjson"))


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_refusal_looks_like(kind: Kind, config: str) -> None:
    ran = await send(config, kind, "--json", "/429 9")
    error = ran.json["error"]
    assert isinstance(error, dict)
    assert set(error) == {"kind", "code", "message", "status", "retry_after"}
    if kind != "chatiq":
        assert (error["kind"], error["status"], error["retry_after"]) == ("http", 429, 9.0)
    assert ran.code == 3


async def test_silence_has_its_code(demo: DemoServer, tmp_path: Path) -> None:
    config = str(write_config(tmp_path, demo, silence=0.2))
    ran = await send(config, "openai", "/stall 30")
    assert ran.code == 6
    assert ran.out == "I say this much, then nothing for 30 s.\n"
    assert "No more data arrived" in ran.err
    ran = await send(config, "openai", "--no-stream", "--json", "/stall 30")
    assert (ran.code, ran.json["bubbles"]) == (6, [])


@pytest.mark.parametrize("kind", KINDS)
async def test_no_connection_has_its_code(kind: Kind, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    file = tmp_path / "config.toml"
    file.write_text(f'[providers.a]\nkind = "{kind}"\nbase_url = "http://{place}"\n')
    ran = await send(str(file), "a", "--board", "echo", "Hello")
    assert (ran.code, ran.out, ran.err) == (5, "", f"Nothing answers at {place}.\n")
    ran = await send(str(file), "a", "--board", "echo", "--json", "Hello")
    assert (ran.code, ran.json["finish"]) == (5, "truncated")


@pytest.mark.parametrize(("kind", "limit"), [("chatgrid", 100_000), ("widget", 4_000)])
async def test_the_limit_is_counted_as_the_services_count(kind: Kind, limit: int, config: str) -> None:
    for character, units in (("x", 1), ("🍛", 2)):
        most = character * (limit // units)
        ran = await send(config, kind, "--json", "-", stdin=most.encode())
        assert (ran.code, ran.json["bubbles"]) == (0, [most])
        ran = await send(config, kind, "-", stdin=(most + character).encode())
        assert (ran.code, ran.out) == (2, "")
        assert f"{limit + units:,} of {limit:,} characters" in ran.err


@pytest.mark.parametrize("arguments", [("",), ("--json", ""), ("-",)], ids=["text", "json", "stdin"])
async def test_an_empty_message(arguments: tuple[str, ...], config: str) -> None:
    ran = await send(config, "openai", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "The message is empty" in ran.err


async def test_an_unknown_provider(config: str) -> None:
    ran = await send(config, "nobody", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "No provider is called nobody" in ran.err
    assert all(kind in ran.err for kind in KINDS)


async def test_a_board_by_its_id_and_by_its_name(config: str) -> None:
    for board in (ECHO.board_id, "Echo", "echo", "ECHO"):
        ran = await send(config, "chatgrid", "--board", board, "Hello")
        assert ran.out == "Hello\n"
    ran = await send(config, "chatgrid", "--board", "long-writer", "/echo Hello")
    assert ran.out == "Hello\n"


async def test_an_unknown_board(config: str) -> None:
    ran = await send(config, "chatgrid", "--board", "nowhere", "--json", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "is called nowhere" in ran.err
    assert "Showcase" in ran.err
    ran = await send(config, "chatgrid", "--board", "00000000-0000-0000-0000-000000000000", "Hello")
    assert ran.code == 3
    ran = await send(config, "openai", "--board", "nowhere", "Hello")
    assert (ran.code, ran.out) == (3, "")


async def test_without_a_board_the_first_one_listed(demo: DemoServer, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    for kind in ("chatgrid", "chatiq", "openai"):
        file.write_text(f'[providers.a]\nkind = "{kind}"\nbase_url = "{demo.base_url(kind)}"\n')
        ran = await run("send", "--config", str(file), "/echo Hello")
        assert (ran.code, ran.out) == (0, "Hello\n")


async def test_everything_but_the_text_goes_to_standard_error(config: str) -> None:
    ran = await send(config, "chatiq", "/file")
    assert "terrace.png" in ran.err
    assert "terrace.png" not in ran.out
    ran = await send(config, "chatiq", "/chips")
    assert "Suggestion: Help (/help)" in ran.err
    said = (await send(config, "chatiq", "--json", "/chips")).json
    suggestions = said["suggestions"]
    assert isinstance(suggestions, list)
    assert suggestions[0] == {"label": "Help", "payload": "/help"}


@pytest.mark.parametrize("kind", KINDS)
async def test_no_hostile_text_reaches_the_terminal(kind: Kind, config: str) -> None:
    ran = await send(config, kind, "/escape")
    assert ran.code == 0
    assert "Hostile text" in ran.out
    assert controls_in(ran.stdout) | controls_in(ran.stderr) == set()
    ran = await send(config, kind, "--json", "/escape")
    assert all(32 <= byte < 127 for byte in ran.stdout.rstrip(b"\n"))
    assert "\x1b[31m" in json.dumps(ran.json, ensure_ascii=False).encode().decode("unicode_escape", "replace")


async def test_no_hostile_argument_reaches_the_terminal(config: str) -> None:
    for arguments in (("--provider", "\x1b[31mred"), ("--board", "\x1b]0;x\x07")):
        ran = await run("send", "--config", config, *arguments, "Hello")
        assert ran.code == 2
        assert controls_in(ran.stderr) == set()


@pytest.fixture
async def locked(start_demo: StartDemo, tmp_path: Path) -> str:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    file = write_config(tmp_path, server)
    file.write_text(file.read_text().replace("silence_timeout", 'api_key_env = "BOT_KEY"\nsilence_timeout'))
    return str(file)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_missing_key(kind: Kind, locked: str) -> None:
    ran = await send(locked, kind, "Hello")
    assert (ran.code, ran.out) == (3, "")
    assert "BOT_KEY" in ran.err


async def test_a_key_from_the_environment(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_KEY", OPENAI_KEY)
    assert (await send(locked, "openai", "Hello")).out == "Hello\n"
    monkeypatch.setenv("BOT_KEY", CHATGRID_READ_ONLY_KEY)
    ran = await send(locked, "chatgrid", "Hello")
    assert ran.code == 3
    assert "Missing required scope: write" in ran.err
    assert CHATGRID_READ_ONLY_KEY not in ran.err


async def test_an_impossible_key_is_not_sent(locked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_KEY", "not a\x1bkey")
    ran = await send(locked, "openai", "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "a\x1bkey" not in ran.err
    assert "BOT_KEY" in ran.err


async def test_plain_http_to_another_machine(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[providers.a]\nkind = "openai"\nbase_url = "http://bots.example"\nboards = ["m"]\n')
    ran = await send(str(file), "a", "Hello")
    assert (ran.code, ran.out) == (5, "")
    assert "bots.example would be reached without encryption" in ran.err


async def test_with_nothing_configured_the_embedded_bots_answer(home: Path) -> None:
    ran = await run("send", "--board", "echo", "Hello")
    assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "")
    for kind in KINDS:
        ran = await run("send", "--provider", f"demo-{kind}", "--board", BOARDS[kind], "--json", "/echo Hello")
        assert (ran.code, ran.json["bubbles"]) == (0, ["Hello"])


async def test_the_embedded_bots_answer_past_a_proxy_that_cannot_be_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(variable, "socks5://127.0.0.1:1")
    ran = await run("send", "--provider", "demo-openai", "--board", BOARDS["openai"], "/echo Hello")
    assert (ran.code, ran.out, ran.err) == (0, "Hello\n", "")


async def test_without_the_named_configuration_only_local_bots_answer(home: Path) -> None:
    named = ("send", "--config", str(home / "none.toml"), "--board", "echo")
    ran = await run(*named, "Hello")
    assert (ran.code, ran.out) == (2, "")
    assert "There is no " in ran.err
    assert "none.toml" in ran.err
    ran = await run(*named, "--provider", "demo-chatiq", "Hello")
    assert (ran.code, ran.out) == (0, "Hello\n")


async def test_the_history_is_left_alone(config: str, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    await send(config, "chatgrid", "--data-dir", str(folder), "Hello")
    await send(config, "chatgrid", "Hello")
    assert not folder.exists()
    assert [path for path in home.rglob("*") if path.is_file()] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml"]


async def test_the_error_text_of_the_service_is_printed(config: str) -> None:
    ran = await send(config, "openai", "/500")
    assert ran.err == (
        "The service failed (500 server_error). It says: “The server had an error while processing the request”.\n"
    )
