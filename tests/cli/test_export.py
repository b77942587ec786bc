"""`export` and `import`: what is written, what is refused, and the exit codes."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chatgrid_tui.model.saved_conversation import SavedReply
from chatgrid_tui.store.history import History
from cli.running import controls_in, environment, run
from quiet import PATIENCE

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOSTILE = "**Bold** \x1b[31m<b> </script><script>alert(1)</script> [red]"


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """A folder with a history of two conversations; the second one is newer."""
    folder = tmp_path / "data"
    history = await History.open(folder)
    for number, text in enumerate(("First", HOSTILE), 1):
        at = AT.replace(day=number)
        conversation = await history.create("acme", "support", "Support bot", f"Title {number}", at)
        await history.set_remote_id(conversation, f"remote-{number}")
        turn = await history.add_turn(conversation, f"Question {text}", "sent", at)
        reply = await history.add_reply(turn, "Support bot", at)
        files = ({"name": "<a>.pdf", "url": "https://files.example/a.pdf"},)
        saved = SavedReply(reply, "finished", "Support bot", at, (text, "Two"), attachments=files)
        await history.save_reply(saved)
    await history.close()
    return folder


def of(data: Path) -> tuple[str, str]:
    return "--data-dir", str(data)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.policy = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.addresses += [value for name in ("src", "href") if (value := given.get(name))]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given.get("content") or ""


async def test_all_conversations_as_markdown_and_text_the_newest_first(data: Path) -> None:
    ran = await run(*of(data), "export", "--all")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.index("# Title 2") < ran.out.index("# Title 1")
    assert "**Bold**" in ran.out
    assert "<script>" not in ran.out
    text = await run(*of(data), "export", "--all", "--format", "text")
    assert "Support bot · 2026-03-02" in text.out
    assert "\nBold " in text.out
    for output in (ran.stdout, text.stdout):
        assert not controls_in(output)


async def test_a_page_has_no_script_and_loads_nothing(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    ran = await run(*of(data), "export", "--all", "-o", str(file))
    assert (ran.code, ran.out.startswith("Exported 2 conversations, ")) == (0, True)
    page = Page(file.read_text())
    assert page.policy.startswith("default-src 'none'")
    assert {"script", "img", "link", "iframe", "b"}.isdisjoint(page.tags)
    assert set(page.addresses) == {"#c1", "#c2", "https://files.example/a.pdf"}
    assert "strong" in page.tags


@pytest.mark.parametrize("wanted", [("1",), ("remote-1",), ("1", "remote-1", "1")], ids=["id", "remote", "twice"])
async def test_one_conversation_by_its_id(wanted: tuple[str, ...], data: Path) -> None:
    options = [option for one in wanted for option in ("--conversation", one)]
    ran = await run(*of(data), "export", *options, "--format", "json")
    assert ran.stdout.isascii()
    conversations = ran.json["conversations"]
    assert isinstance(conversations, list)
    assert [conversation["title"] for conversation in conversations] == ["Title 1"]


async def test_what_was_exported_is_imported_elsewhere_and_only_once(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    await run(*of(data), "export", "--all", "-o", str(file))
    assert HOSTILE in json.loads(file.read_text())["conversations"][0]["turns"][0]["replies"][0]["bubbles"]
    elsewhere = tmp_path / "elsewhere"
    ran = await run(*of(elsewhere), "import", str(file))
    assert (ran.code, ran.out) == (0, "Imported 2 conversations with 4 messages.\n")
    found = await run(*of(elsewhere), "search", "question first")
    assert "Title 1" in found.out
    assert not found.err, "everything is indexed, without the app"
    copied = await run(*of(elsewhere), "export", "--all", "--format", "json")
    assert copied.json["conversations"] == json.loads(file.read_text())["conversations"]
    again = await run(*of(elsewhere), "import", str(file))
    assert (again.code, again.out) == (
        0,
        "Nothing was imported. 2 conversations were here already and stayed as they are.\n",
    )


async def test_keys_of_providers_are_masked_although_nothing_is_sent(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "acme/typed+into=a&message"
    config = tmp_path / "config.toml"
    address = 'kind = "openai"\nbase_url = "http://127.0.0.1:1"\n'
    config.write_text(
        f'[providers.acme]\n{address}api_key_env = "ACME_KEY"\n'
        f'[providers.broken]\n{address}api_key_env = "OTHER_KEY"\n'
    )
    history = await History.open(data)
    for provider in ("acme", "broken"):
        conversation = await history.create(provider, "b", "Bot", "Pasted", AT)
        turn = await history.add_turn(conversation, f"My key is {key}, is it?", "sent", AT)
        reply = await history.add_reply(turn, "Bot", AT)
        await history.save_reply(SavedReply(reply, "finished", "Bot", AT, (f"It is {key}.",)))
    await history.close()
    monkeypatch.setenv("ACME_KEY", key)
    monkeypatch.setenv("OTHER_KEY", "not a key")
    for format_ in ("markdown", "html", "text"):
        ran = await run("--config", str(config), *of(data), "export", "--all", "--format", format_)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.count("key ...sage") == 4
        assert "typed" not in ran.out


async def test_beside_an_open_app(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    history = await History.open(data)
    try:
        ran = await run(*of(data), "export", "--all", "-o", str(file))
        assert ran.code == 0
        ran = await run(*of(data), "import", str(file))
        assert (ran.code, ran.out) == (2, "")
        assert "Nothing was imported. Another window has this history" in ran.err
    finally:
        await history.close()


async def test_what_cannot_be_exported(data: Path, tmp_path: Path) -> None:
    for arguments, problem in (
        (("--conversation", "99"), "There is no conversation 99 in the history."),
        (("--all", "-o", str(data)), "is a folder"),
        (("--all", "-o", str(tmp_path / "no" / "a.md")), "There is no folder"),
        ((), "--conversation --all is required"),
        (("--all", "--conversation", "1"), "not allowed with"),
    ):
        ran = await run(*of(data), "export", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert problem in ran.err
    ran = await run(*of(tmp_path / "none"), "export", "--all")
    assert (ran.code, (tmp_path / "none").exists()) == (2, False)
    assert "There are no conversations in" in ran.err


async def test_an_existing_file_and_a_full_disk(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "there.md").write_text("mine")
    ran = await run(*of(data), "export", "--all", "-o", str(folder / "there.md"))
    assert (ran.code, (folder / "there.md").read_text()) == (2, "mine")
    assert "already exists." in ran.err

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = await run(*of(data), "export", "--all", "-o", str(folder / "new.md"))
    assert (ran.code, ran.out) == (2, "")
    assert "new.md cannot be written: No space left on device." in ran.err
    assert os.listdir(folder) == ["there.md"]


async def test_a_history_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty.json").write_text("[]")
    ran = await run(*of(tmp_path / "file"), "import", str(tmp_path / "empty.json"))
    assert (ran.code, ran.out) == (1, "")
    assert "Nothing was imported." in ran.err


async def test_an_output_that_cannot_be_written_is_no_problem_of_the_history(data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgrid_tui", *of(data), "export", "--all"),
        stdout=writing,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    os.close(writing)
    async with asyncio.timeout(PATIENCE):
        _, err = await process.communicate()
    assert (process.returncode, err) == (141, b"")
