"""The evidence bundle: its content, and that no key is in it."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import json
import os
import re
import stat
import zipfile
from base64 import b64encode
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.recording_files import read_recording_file
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.truth_check import TruthCheck
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.evidence import MANIFEST, Screen, bundle_of, save_evidence
from engine.test_planted_keys import KEYS
from fakes import DONE, FakeAnswer, delta, says
from session.room import Room, reply_of

FILES = {
    "recording.jsonl", "exchange.har", "request.sh", "transcript.md", "transcript.html", "screen.svg", "health.json",
    "environment.json", "note.md", MANIFEST,
}  # fmt: skip


def screen_with(*rows: str) -> Screen:
    """Return a screen whose picture has a line of text for each row."""
    return Screen(rows, 120, lambda texts: "".join(f"<text>{escape(text)}</text>" for text in texts))


SCREEN = screen_with(*[""] * 40)


async def bundle(
    room: Room, conversation: Conversation, path: Path, *, note: str = "", screen: Screen = SCREEN
) -> Mapping[str, bytes]:
    """Save the evidence of the newest reply, and return what is in it."""
    turn = conversation.turns[-1]
    size = await save_evidence(room.session, conversation, turn, reply_of(conversation), screen, note, path)
    data = path.read_bytes()
    assert size == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def configure(room: Room, provider: Provider, key: str) -> None:
    sources = {provider.name: KeySource(written=Secret(key))}
    room.session.clients.settings = Settings(providers={provider.name: provider}, key_sources=sources)


async def test_everything_is_in_it(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello <b>", says("**Hi** there"))
    path = tmp_path / "evidence.zip"
    files = await bundle(room, conversation, path, note="It was slow.\x1b[2J")
    assert set(files) == FILES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (recording,) = read_recording_file(path.read_bytes()).recordings
    assert recording.request.body == room.transport.sent[0].request.body
    assert json.loads(files["exchange.har"])["log"]["entries"][0]["request"]["method"] == "POST"
    assert files["request.sh"].startswith(b"#!/bin/sh\n")
    assert b"curl -N -sS -X POST" in files["request.sh"]
    assert b"**Hi** there" in files["transcript.md"]
    assert b"<strong>Hi</strong> there" in files["transcript.html"]
    assert b"Hello &lt;b&gt;" in files["transcript.html"]
    assert {"ttfb", "ttft", "icl", "e2el", "notices"} <= json.loads(files["health.json"]).keys()
    environment = json.loads(files["environment.json"])
    assert environment["terminal"]["size"] == "120x40"
    assert environment["provider"] == {"name": "model", "kind": "openai", "host": "127.0.0.1:1"}
    assert files["note.md"].decode().startswith("It was slow.")
    assert b"\x1b" not in b"".join(files.values())


async def test_what_the_service_stored_is_evidence(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    reply.truth = TruthCheck("stored shorter", 1, 1, 1, 2, None, 1)
    files = await bundle(room, conversation, tmp_path / "evidence.zip")
    assert json.loads(files["environment.json"])["reply"]["truth"] == reply.truth.as_object()
    assert b"Stored shorter than it" in files["transcript.md"]


async def test_the_mark_of_a_reply_is_evidence(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    reply = await room.say(conversation, "Hello", says("Hi"))
    reply.verdict, reply.note = "wrong", "No <price>."
    files = await bundle(room, conversation, tmp_path / "evidence.zip")
    about = json.loads(files["environment.json"])["reply"]
    assert (about["verdict"], about["note"]) == ("wrong", "No <price>.")
    assert b"Marked: wrong \xc2\xb7 No &lt;price>." in files["transcript.md"]
    assert b"No &lt;price&gt;." in files["transcript.html"]


async def test_the_manifest_holds(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    files = await bundle(room, conversation, tmp_path / "evidence.zip")
    manifest = json.loads(files[MANIFEST])
    assert manifest["creator"]["name"] == "chatgrid-tui"
    assert {entry["name"] for entry in manifest["files"]} == FILES - {MANIFEST}
    for entry in manifest["files"]:
        data = files[entry["name"]]
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["redactions"] == {"keys": 0, "headers": 0}


@pytest.mark.parametrize("key", KEYS, ids=len)
async def test_planted_keys_are_nowhere(key: str, room: Room, tmp_path: Path) -> None:
    """In a header, the address, the message, and the reply: whole and in pieces."""
    address = f"http://127.0.0.1:1/chat/completions?code={quote(key, safe='')}"
    provider = Provider("model", "openai", address, headers=(("X-Gateway-Key", key), ("X-Note", key)))
    configure(room, provider, key)
    conversation = room.begin(provider)
    answer = FakeAnswer(
        *(delta(piece) for piece in (f"You sent {key}. ", *key, f" and {b64encode(key.encode()).decode()}")), DONE
    )
    await room.say(conversation, f"My key is {key}, is it?", answer)
    path = tmp_path / "evidence.zip"
    files = await bundle(room, conversation, path, note=f"The key was {key}", screen=screen_with(f"My key is {key}"))
    for name, data in files.items():
        for form in (key, quote(key, safe=""), b64encode(key.encode()).decode(), json.dumps(key.replace("/", "\\/"))):
            assert form.encode() not in data, name
    assert key.encode() not in path.read_bytes()
    (recording,) = read_recording_file(path.read_bytes()).recordings
    pieces = "".join(re.findall(r'"content": ?"((?:[^"\\]|\\.)*)"', recording.body.decode()))
    assert pieces.startswith("You sent [key ...")
    assert key not in pieces
    manifest = json.loads(files[MANIFEST])
    assert manifest["redactions"]["keys"] > 8
    assert manifest["redactions"]["headers"] == 3
    assert b'"Authorization: Bearer $MODEL_KEY"' in files["request.sh"]
    assert b'"x-gateway-key: $X_GATEWAY_KEY"' in files["request.sh"]


async def test_the_key_of_another_provider_is_masked_too(room: Room, tmp_path: Path) -> None:
    other = Secret("sk-of-another-provider-1234").reveal()
    conversation = room.begin()
    await room.say(conversation, f"Is it {other}?", FakeAnswer(*map(delta, other), DONE))
    files = await bundle(room, conversation, tmp_path / "evidence.zip")
    assert all(other.encode() not in data for data in files.values())
    assert b"Is it [key ...1234]?" in files["transcript.md"]
    (recording,) = read_recording_file((tmp_path / "evidence.zip").read_bytes()).recordings
    assert b"[key ...1234]" in recording.body


@pytest.mark.parametrize(
    "form",
    [
        KEYS[1],
        quote(KEYS[1], safe=""),
        b64encode(f"x:{KEYS[1]}".encode()).decode(),
        "".join(f"\\u{ord(letter):04x}" for letter in KEYS[1]),
        f"{KEYS[1][:6]}\n{KEYS[1][6:]}",
    ],
    ids=["plain", "percent", "Base64", "JSON", "two lines"],
)
def test_a_file_with_a_key_is_refused(form: str, room: Room) -> None:
    with pytest.raises(UsageProblem, match=r"note\.md would contain a key") as refused:
        bundle_of({"note.md": f"it is {form}".encode()}, [], [Secret(KEYS[1])], room.session.clock.utc_now())
    assert KEYS[1] not in str(refused.value)


@pytest.mark.parametrize(
    ("rows", "masked"),
    [
        (["My key is KEY, is it?"], "My key is [key ...stuv]···························, is it?"),
        (["It is KEY[:30]  │ 7 post", "  KEY[30:] it is"], "It is [key ...stuv]·················  │ 7 post"),
        (["KEY[:1] │", "│KEY[1:35]│", "│KEY[35:]│"], "│[key │"),
        (["KEY[8:31]…"], "[key ...stuv]··········…"),
        (["a&b <KEY>"], "a&amp;b &lt;[key ...stuv]"),
    ],
    ids=["whole", "two rows", "three rows", "cut off", "escaped"],
)
async def test_keys_on_the_screen_are_masked(rows: list[str], masked: str, room: Room, tmp_path: Path) -> None:
    key = Secret(KEYS[2]).reveal()
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    texts = [re.sub(r"KEY(\[\d*:\d*\])?", lambda part: key[_slice(part[1] or "[:]")], row) for row in rows]
    files = await bundle(room, conversation, tmp_path / "evidence.zip", screen=screen_with(*texts))
    picture = files["screen.svg"].decode()
    assert masked in picture
    assert all(key[at : at + 6] not in picture for at in range(len(key) - 6))
    assert list(map(len, re.findall("<text>(.*?)</text>", unescape(picture)))) == list(map(len, texts))


def _slice(text: str) -> slice:
    start, end = (int(number) if number else None for number in text[1:-1].split(":"))
    return slice(start, end)


async def test_the_page_loads_nothing(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    said = (
        "![x](https://evil.example/p.png) <script src='https://evil.example/x.js'></script> "
        '<img src="https://evil.example/i.png"> [a](javascript:alert(1))\n\n```"><style>@import "https://evil.example"'
    )
    await room.say(conversation, '<link rel="stylesheet" href="https://evil.example/c.css">', says(said))
    page = (await bundle(room, conversation, tmp_path / "evidence.zip"))["transcript.html"].decode()
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert set(re.findall(r"<(\w+)", page)) <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "footer",
            "section",
            "article",
            "h1",
            "p",
            "div",
            "a",
        ),
        *("p", "div", "a", "pre", "code", "br", "strong", "em", "ul", "ol", "li"),
    }
    assert not re.search(r"<[^>]*\b(src|srcset|data|action|background|poster|on\w+)\s*=", page)
    assert "javascript:" not in re.sub(">[^<]*<", "><", page)
    assert "url(" not in page


async def test_a_long_body_is_beside_the_request(room: Room, tmp_path: Path) -> None:
    conversation = room.begin()
    await room.say(conversation, "x" * 150_000, says("Hi"))
    files = await bundle(room, conversation, tmp_path / "evidence.zip")
    assert b"--data-binary '@body.bin'" in files["request.sh"]
    assert json.loads(files["body.bin"])["messages"][0]["content"] == "x" * 150_000
    script = tmp_path / "there" / "request.sh"
    script.parent.mkdir()
    for name in ("request.sh", "body.bin"):
        (script.parent / name).write_bytes(files[name])
    (tmp_path / "curl").write_text("#!/bin/sh\npwd\n")
    (tmp_path / "curl").chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    run = await asyncio.create_subprocess_exec(
        "sh", str(script), env={"PATH": path}, cwd="/", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await run.communicate()
    assert output.decode().strip() == str(script.parent.resolve())


async def test_what_cannot_be_written_says_so(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    (tmp_path / "there.zip").write_text("mine")
    for name, reason in (("there.zip", "already exists"), ("no/such.zip", "There is no folder"), ("", "is a folder")):
        with pytest.raises(UsageProblem, match=reason):
            await bundle(room, conversation, tmp_path / name)
    assert (tmp_path / "there.zip").read_text() == "mine"
    with monkeypatch.context() as patch, pytest.raises(UsageProblem, match="No space left"):
        patch.setattr(os, "fsync", full)
        await bundle(room, conversation, tmp_path / "new.zip")
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".zip"] == ["there.zip"]
    conversation.turns[-1].remote = ("m1",)
    conversation.turns[-1].replies[-1].id = 0
    with pytest.raises(UsageProblem, match="This reply was read from"):
        await bundle(room, conversation, tmp_path / "new.zip")
