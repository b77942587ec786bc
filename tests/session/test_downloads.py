"""Downloads of the session: saved whole or not at all, never over a file, and ended with the session."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from pathlib import Path

import pytest

from chatgrid_tui.disk import NewFile
from chatgrid_tui.engine.download import LeadsElsewhere, RemoteFile
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.markdown.links import web_address
from chatgrid_tui.session import downloads
from chatgrid_tui.session.recording_session import view_session
from chatgrid_tui.session.user_files import FileExists
from fakes import FakeAnswer, broken
from quiet import until
from session.room import Room


def file(url: str = "https://a.example/f") -> RemoteFile:
    address = web_address(url)
    assert address is not None
    return RemoteFile(address)


@pytest.fixture
def target(tmp_path: Path, room: Room) -> Path:
    """Return a path in an empty folder. The network answers by its script alone."""
    room.transport.aside = lambda request: None
    (tmp_path / "saved").mkdir()
    return tmp_path / "saved" / "f.bin"


async def test_a_file_is_saved_with_progress_for_its_owner_only(room: Room, target: Path) -> None:
    silence = asyncio.Event()
    answer = FakeAnswer(b"ab", silence, b"c" * 300_000, headers={"content-length": "300002"})
    room.script(answer)
    download = room.session.transfers.downloads.save(file(), target)
    await answer.opened.wait()
    await until(lambda: download.received > 0)
    assert download.progress == "2 B of 300 kB"
    assert not target.exists()
    silence.set()
    assert await download.result() == 300_002
    assert target.read_bytes() == b"ab" + b"c" * 300_000
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert room.transport.sent[0].key is None
    download.cancel()
    assert target.exists(), "it was too late for that"


async def test_nothing_is_left_of_a_download_that_is_canceled_or_ends_with_the_session(
    room: Room, target: Path
) -> None:
    for end in ("cancel", "close"):
        room.script(FakeAnswer(b"ab", asyncio.Event(), headers={}))
        download = room.session.transfers.downloads.save(file(), target)
        await until(lambda: bool(os.listdir(target.parent)))
        if end == "cancel":
            download.cancel()
        else:
            await room.session.close()
        with pytest.raises(UsageProblem, match="Canceled"):
            await download.result()
        assert os.listdir(target.parent) == []


async def test_why_a_file_was_not_saved(room: Room, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "SAVED_AT_MOST", 10)
    for answer, reason in (
        (FakeAnswer(status=403), "does not give this file to everyone (403). No key was sent."),
        (FakeAnswer(status=404), "a.example does not have this file (404)."),
        (FakeAnswer(status=500), "a.example answered with status 500."),
        (FakeAnswer(b"ab", broken()), "The connection to bots.example was lost before the file was complete."),
        (FakeAnswer(b"x" * 20), "The file is larger than 10 B."),
        (FakeAnswer(status=302, headers={"location": "https://b.example"}), "a.example leads to b.example."),
        (broken("refused"), "Nothing answers at bots.example."),
        (broken("TLS refused"), "bots.example and this program have no encryption in common."),
    ):
        room.script(answer)
        with pytest.raises(UsageProblem) as caught:
            await room.session.transfers.downloads.save(file(), target).result()
        assert reason in str(caught.value)
        assert isinstance(caught.value, LeadsElsewhere) == ("leads" in reason)
        assert os.listdir(target.parent) == []


async def test_a_full_disk_leaves_nothing_behind(room: Room, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: NewFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(NewFile, "write", full)
    room.script(FakeAnswer(b"ab", headers={}))
    with pytest.raises(UsageProblem, match="No space left on device"):
        await room.session.transfers.downloads.save(file(), target).result()
    assert os.listdir(target.parent) == []


async def test_an_existing_file_is_not_even_requested(room: Room, target: Path) -> None:
    target.write_text("mine")
    with pytest.raises(FileExists):
        room.session.transfers.downloads.save(file(), target)
    assert (target.read_text(), room.transport.sent) == ("mine", [])


async def test_a_file_that_appears_meanwhile_stays(room: Room, target: Path) -> None:
    silence = asyncio.Event()
    room.script(FakeAnswer(b"ab", silence, headers={}))
    download = room.session.transfers.downloads.save(file(), target)
    await until(lambda: bool(os.listdir(target.parent)))
    target.write_text("mine")
    silence.set()
    with pytest.raises(FileExists):
        await download.result()
    assert (target.read_text(), os.listdir(target.parent)) == ("mine", ["f.bin"])


async def test_a_picture_is_loaded_up_to_a_limit(room: Room, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "LOADED_AT_MOST", 10)
    room.script(FakeAnswer(b"ab", b"cd", headers={}), FakeAnswer(b"x" * 11, headers={}))
    assert await room.session.transfers.downloads.load(file()).result() == b"abcd"
    with pytest.raises(UsageProblem, match="larger than 10 B"):
        await room.session.transfers.downloads.load(file()).result()


async def test_a_recording_requests_nothing(tmp_path: Path, room: Room) -> None:
    session, _ = await view_session({}, tmp_path / "view", "recording", room.session.clock)
    with pytest.raises(UsageProblem, match="Nothing is requested here"):
        session.transfers.downloads.load(file())
    await session.close()
