"""A recording file in the app: what is shown of it, and that nothing can be sent from there."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import pytest

import quiet
from app.window import opened
from chatgrid_tui.cli.app import OpeningOptions, make_app
from chatgrid_tui.config.paths import Paths
from chatgrid_tui.demo.catalogue import KINDS, Kind
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.engine.recording_format import write_recordings
from chatgrid_tui.store import history
from chatgrid_tui.store.opening import Opened, open_files
from chatgrid_tui.store.recovery import Progress
from engine.raw import recorded
from fakes import DONE, delta

BODIES: dict[Kind, bytes] = {
    "chatgrid": b'data: {"event":"message.complete","content":"Green"}\n\n',
    "chatiq": delta("Green") + DONE,
    "widget": b'{"type":"token","token":"Gr"}\n{"type":"done","message":"Green"}\n',
    "openai": delta("Green") + DONE,
}
SENDS_NOTHING = "A recording: nothing is sent."


def written(folder: Path, *recordings: Recording) -> OpeningOptions:
    """Write recordings to a file, and return the options that open it."""
    file = folder / "file.jsonl"
    file.write_bytes(write_recordings(recordings))
    return OpeningOptions(file=str(file))


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_with_its_wire(kind: Kind, tmp_path: Path) -> None:
    wanted = written(tmp_path, recorded((0.5, BODIES[kind]), kind=kind))
    async with opened(tmp_path, wanted=wanted) as window:
        await window.sees("Hello", "Green", "Wire reply of", "post", "200", "closed", "TTFB", SENDS_NOTHING)
        assert window.state == "Read only: a recording"
        folder = window.session._history.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "config.toml").exists()


async def test_quitting_while_it_is_opened_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, released = threading.Event(), threading.Event()

    def slowly(folder: Path, progress: Progress) -> Opened:
        begun.set()
        assert released.wait(quiet.PATIENCE)
        return open_files(folder, progress)

    monkeypatch.setattr(history, "open_files", slowly)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    wanted = written(tmp_path, recorded((0.5, BODIES["openai"])))
    app = make_app(Paths.usual(tmp_path / "config.toml", tmp_path / "data"), wanted)
    async with app.run_test():
        await quiet.until(begun.is_set)
        await app.action_quit()
        await quiet.quiet()
        released.set()
        await quiet.until(lambda: not app.is_running or app._exit)
    await quiet.quiet()
    assert [file.name for file in tmp_path.iterdir()] == ["file.jsonl"]


async def test_a_small_screen_shows_the_conversation_first(tmp_path: Path) -> None:
    wanted = written(tmp_path, recorded((0.5, BODIES["openai"])))
    async with opened(tmp_path, size=(80, 24), wanted=wanted) as window:
        await window.sees("Hello", "Green", SENDS_NOTHING)
        assert "Wire reply of" not in window.text
        await window.press("f2")
        await window.sees("Wire reply of", "closed")


async def test_several_replies_and_notes_on_the_file(tmp_path: Path) -> None:
    first, second = recorded((0.5, BODIES["openai"])), recorded((0.5, delta("Blue")))
    wanted = written(tmp_path, first, second)
    file = Path(wanted.file)
    file.write_bytes(file.read_bytes()[:-20])
    async with opened(tmp_path, size=(100, 40), wanted=wanted) as window:
        await window.sees("Green", "Blue", "cut in the middle of a line")
        assert "Try again" not in window.text
        assert "Regenerate" not in window.text


async def test_what_has_no_times_shows_none(tmp_path: Path) -> None:
    (tmp_path / "captured").write_bytes(BODIES["widget"])
    async with opened(tmp_path, wanted=OpeningOptions(file=str(tmp_path / "captured"))) as window:
        await window.sees("Green", "This file has no times.", "The time is unknown.", "closed")
        for words in ("TTFB", "first token", "at once", "in 1 read"):
            assert words not in window.text
        rows = [line for line in window.lines if "closed" in line]
        assert not any("0" in row for row in rows)
        await window.press("k")
        await window.sees("This reply is not in the history.")
        assert window.app.chat.refusals()["chat.keep_recording"] == "This reply is not in the history."


async def test_nothing_can_be_sent_or_changed(tmp_path: Path) -> None:
    body = b'data: {"responses":["Green"],"suggestions":[{"label":"More","payload":"more"}]}\n\n' + DONE
    wanted = written(tmp_path, recorded((0.5, body), kind="chatiq"))
    async with opened(tmp_path, size=(100, 40), wanted=wanted) as window:
        await window.sees("Green", "More", SENDS_NOTHING)
        for keys in (("h", "i", "enter"), ("ctrl+n",), ("ctrl+k",)):
            await window.press(*keys)
            await window.until(lambda: window.text.count(SENDS_NOTHING) == 2, f"the reason after {keys}")
            window.app.chat.page.gap.toast("", 0.01)
            await window.until(lambda: window.text.count(SENDS_NOTHING) == 1, "no reason")
        assert (window.typed, len(window.conversation.turns)) == ("", 1)
        await window.clicks("More")
        await window.until(lambda: window.text.count(SENDS_NOTHING) == 2, "the reason above the message")
        assert len(window.conversation.turns) == 1
        refusals = window.app.chat.refusals()
        refused = {refusals[action] for action in ("chat.new", "app.switch", "provider.add", "chat.quote")}
        assert refused == {SENDS_NOTHING}
        assert "chat.replay" not in refusals


@pytest.mark.parametrize(("name", "reason"), [("empty", "is empty"), (".", "directory"), ("none", "No such file")])
async def test_what_cannot_be_opened_ends_the_app(name: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    app = make_app(Paths.usual(tmp_path / "c.toml", tmp_path / "data"), OpeningOptions(file=str(tmp_path / name)))
    async with app.run_test():
        await quiet.until(lambda: app.refusal is not None, lambda: name)
    assert reason in str(app.refusal)
    assert app.return_code == 2
