"""How the app looks, kept as pictures. After a change that was meant: `pytest tests/app/test_pictures.py
--snapshot-update`, and look at the new ones.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.image import SVGImageSnapshotExtension

from app.forms import form_of
from app.memory import NOW, being_written, remember, remember_chats
from app.scripted import provider
from app.test_prompts import prompts as write_prompts
from app.window import Window, opened
from chatgrid_tui.cli.app import OpeningOptions
from chatgrid_tui.cli.watch import WatchOptions
from chatgrid_tui.demo.sample_files import picture as png
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.model.export_format import Format
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider_health import Allowance
from chatgrid_tui.model.reply_mark import ReplyMark
from chatgrid_tui.session.changes import TurnAdded
from chatgrid_tui.session.downloads import Download
from chatgrid_tui.ui.chat.dialogs.evidence_screen import EvidenceScreen
from chatgrid_tui.ui.chat.dialogs.export_screen import ExportScreen, Scope
from chatgrid_tui.ui.chat.dialogs.picture_screen import PictureScreen
from chatgrid_tui.ui.overlays.text_screen import TextScreen
from chatgrid_tui.ui.transcript.reply_parts import attachment
from engine.raw import SSE_HEAD, raw_server, writes
from fakes import DONE, delta
from planted import PLANTED
from watch.watching import ask, get, post

LARGE = (120, 40)
SIZES = [pytest.param((120, 40), id="120x40"), pytest.param((80, 24), id="80x24")]
OTHERS = (
    "\n"
    + provider("http://127.0.0.1:9/v1", name="ollama", board="order-8b", more='title = "Ollama"')
    + provider("http://127.0.0.1:9/v1", name="orders", board="desk", more='title = "Orders live"\nproduction = true')
    + provider("http://127.0.0.1:9/v1", "chatiq", name="north", board="order-check", more='title = "Northwind"')
    + provider("http://127.0.0.1:9/v1", name="lab", board="tutor-3", more='title = "Formula lab"')
)
FIXED = Clock(utc_now=lambda: NOW)
REFUSED = Failure("http", "said", code="invalid_api_key", message="Wrong API key", status=401)


@pytest.fixture(autouse=True)
def the_same_every_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Show times in UTC, and call keys as outside of multiplexers."""
    for name in ("TMUX", "STY", "ZELLIJ", "TERM_PROGRAM", "TERMINAL_EMULATOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ACME_KEY", PLANTED)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The picture of this test, as it was kept."""
    return snapshot.use_extension(SVGImageSnapshotExtension)


@asynccontextmanager
async def parcel(
    folder: Path, size: tuple[int, int] = LARGE, *, theme: str = "", failure: Failure | None = None, more: str = ""
) -> AsyncIterator[Window]:
    """Open the app on a finished conversation with Markdown, files and suggestions; or on a failed one. `more` goes
    on in the configuration, in the table of its provider.
    """
    await remember(folder / "data", failure=failure)
    config = provider("https://api.acme.example/v1", more='title = "Acme staging"\napi_key_env = "ACME_KEY"\n' + more)
    async with opened(folder, size=size, config=config, wanted=OpeningOptions(theme=theme), clock=FIXED) as window:
        await window.sees("Acme staging", "9f3a")
        yield window


async def shot(window: Window) -> str:
    """Return the screen as it stays, without what differs from run to run."""
    svg = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:80000", await window.picture())
    return re.sub(r"terminal-\d+", "terminal", svg)


async def look(window: Window, picture: SnapshotAssertion) -> None:
    """Compare the screen with its pictures in both sizes."""
    for width, height in (LARGE, (80, 24)):
        await window.resizes(width, height)
        assert await shot(window) == picture(name=f"{width}x{height}")


async def test_the_first_run(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with opened(tmp_path, clock=FIXED) as window:
        await look(window, picture)


async def test_a_finished_conversation(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path) as window:
        await look(window, picture)


@pytest.mark.parametrize("theme", ["midnight", "paper"])
async def test_the_notes_of_a_wide_screen(tmp_path: Path, theme: str, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (170, 48), theme=theme) as window:
        await window.sees("▲ stall 1.5 s", "F2 Wire")
        assert await shot(window) == picture


async def test_a_finished_conversation_on_paper(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (120, 40), theme="paper") as window:
        assert await shot(window) == picture


async def test_a_finished_conversation_without_colours(
    tmp_path: Path, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with parcel(tmp_path, (120, 40)) as window:
        await window.press("tab")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_a_reply_being_written(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size) as window:
        window.conversation.turns.append(being_written())
        window.session.notify(TurnAdded(window.conversation))
        await window.sees("Esc stops", "Writing")
        assert await shot(window) == picture


async def test_a_refused_key(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, failure=REFUSED) as window:
        await window.sees("The service refused the key")
        await look(window, picture)


async def test_the_drawer_with_the_list(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (80, 24)) as window:
        await window.press("f6", "down")
        assert await shot(window) == picture


async def test_the_switcher_at_rest(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, more=OTHERS) as window:
        await window.press("ctrl+k")
        await window.sees("Go to")
        await look(window, picture)


async def test_completions(tmp_path: Path, picture: SnapshotAssertion) -> None:
    write_prompts(tmp_path, parcel="Where is {{parcel}}?", reorder="Order {{item}} again, please.", broken="\0")
    async with parcel(tmp_path) as window:
        await window.press("/", "r", "e")
        await window.sees("Order {{item}} again, please.")
        await window.press("down")
        await look(window, picture)


@pytest.mark.parametrize("theme", ["midnight", "paper"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_switcher(tmp_path: Path, size: tuple[int, int], theme: str, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, size, theme=theme, more=OTHERS) as window:
        health_monitor = window.session.clients.health_monitor
        health_monitor.no_key("orders")
        health_monitor._change("north", "refused", "refused (401)")
        window.app.chat.show_status()  # it says so by the clock, which may come after the picture
        await window.press("ctrl+k", *"or", "down")
        await window.sees("Go to", "Table for six")
        assert await shot(window) == picture


async def test_the_search(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path) as window:
        await window.press("ctrl+s")
        await window.sees("verdict:wrong")
        await window.press(*"parcel", "down")
        await window.until(lambda: "indexing" not in window.text and "only" not in window.text, "all hits")
        await look(window, picture)


async def test_the_providers(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, more=OTHERS) as window:
        health_monitor = window.session.clients.health_monitor
        health_monitor.set_credits("acme", 4_120)
        health_monitor._change("acme", allowance=Allowance(60, 58))
        health_monitor._change("north", "refused", "refused (401)")
        window.app.chat.show_status()  # what was left is on it by the clock, which may come after the picture
        await window.app.chat.run_action("offer('providers')")
        await window.sees("From ACME_KEY.")
        await look(window, picture)


@pytest.mark.parametrize("size", SIZES)
async def test_the_options(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with parcel(
        tmp_path, size, more='system = "You are terse."\nparameters = { temperature = 0.2 }\n'
    ) as window:
        await window.app.chat.run_action("offer('options')")
        await window.press(*" Say please.")
        await window.sees("Only for this conversation.")
        assert await shot(window) == picture


async def test_finding(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path, (120, 40)) as window:
        await window.press("ctrl+f", *"the")
        await window.sees("5 of 5")
        await window.press("enter", "enter")
        await window.sees("3 of 5")
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_saving_evidence(
    tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "cwd", staticmethod(lambda: Path("/home/sam/reports")))

    async def save(path: Path, note: str) -> str:
        raise AssertionError("nothing is saved where there is no folder")

    async with parcel(tmp_path, size) as window:
        await window.app.push_screen(
            EvidenceScreen(window.app.chat.page, "evidence-support-bot-20261119-140312.zip", save)
        )
        await window.press(*"It stops in the middle.", "ctrl+s")
        await window.sees("There is no folder")
        assert await shot(window) == picture


async def test_exporting(tmp_path: Path, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "cwd", staticmethod(lambda: Path("/home/sam/reports")))

    async def save(scope: Scope, format_: Format, path: Path) -> str:
        raise AssertionError("nothing is saved where there is no folder")

    async with parcel(tmp_path) as window:
        stems: dict[Scope, str] = {"chosen": "Where-is-my-parcel", "all": "conversations"}
        await window.app.push_screen(ExportScreen(window.app.chat.page, stems, 1, save))
        await window.press("right", "ctrl+s")
        await window.sees("There is no folder")
        await look(window, picture)


@pytest.mark.parametrize("size", SIZES)
async def test_a_picture_of_a_reply(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async def loaded(download: Download[bytes]) -> bytes:
        return png("terrace.png")

    files = [attachment({"url": f"https://files.acme.example/{name}"}) for name in ("terrace.png", "map.png")]
    async with parcel(tmp_path, size) as window:
        await window.app.push_screen(PictureScreen(files, 0, lambda file, hosts: Download(loaded)))
        await window.sees("320 x 200 pixels")
        assert await shot(window) == picture


async def test_marking_a_reply(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path) as window:
        (*_, turn), mark = window.conversation.turns, ReplyMark("wrong", "It is the number of another parcel.")
        assert turn.reply is not None
        await window.session.marks.save(window.conversation, turn, turn.reply, mark)
        await window.press("alt+m")
        await window.sees("Remove the mark")
        await look(window, picture)


async def test_the_page_of_keys(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path) as window:
        await window.press("f1")
        await look(window, picture)


async def test_the_form_of_a_new_provider(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with parcel(tmp_path) as window:
        form = await form_of(window)
        await form.types("title", "Acme live")
        await form.types("base_url", "https://api.chatgrid.ai:99999/v1")
        await form.types("variable", "ACME_KEY")
        await window.sees("The port must be between 1 and 65535.", "ends in …9f3a")
        await look(window, picture)


@pytest.mark.parametrize("size", SIZES)
async def test_the_form_after_a_test(
    tmp_path: Path, size: tuple[int, int], demo: DemoServer, picture: SnapshotAssertion
) -> None:
    async with parcel(tmp_path, size) as window:
        form = await form_of(window)
        await form.chooses("kind", "openai")
        await form.types("title", "Local models")
        await form.types("base_url", demo.base_url("openai"))
        await form.chooses("key_from", "file")
        await form.types("key", "a-key-0123456789-77aa")
        await form.tests()
        await window.sees("Reachable", "Listing")
        assert await shot(window) == picture


async def test_the_form_without_colours(
    tmp_path: Path, picture: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with parcel(tmp_path, (80, 24)) as window:
        await form_of(window, "acme")
        assert await shot(window) == picture


@asynccontextmanager
async def chats(folder: Path, size: tuple[int, int] = LARGE) -> AsyncIterator[Window]:
    """Open the app on a chat of a service that does not answer just now."""
    await remember_chats(folder / "data")
    config = provider("http://127.0.0.1:9/v1", "chatgrid", more='title = "Acme staging"\napi_key_env = "ACME_KEY"')
    async with opened(folder, size=size, config=config, clock=FIXED) as window:
        await window.sees("Offline. Shown from this machine.", "9f3a")
        await window.until(lambda: window.state == "Offline", "how it stands")
        yield window


async def test_chats_of_a_service_that_is_offline(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with chats(tmp_path, (120, 40)) as window:
        assert await shot(window) == picture


@pytest.mark.parametrize("size", SIZES)
async def test_how_a_stored_text_differs(tmp_path: Path, size: tuple[int, int], picture: SnapshotAssertion) -> None:
    async with chats(tmp_path, size) as window:
        turn = next(turn for turn in window.conversation.turns if not turn.remote)
        assert turn.reply is not None
        window.app.chat.controller.bubble_actions.show_details(turn, turn.reply)
        screen = window.app.screen
        assert isinstance(screen, TextScreen)
        await window.until(lambda: "{+, and sends it on" in screen.text, "the difference")
        if size[1] < 40:
            await window.press("pagedown")
        await window.sees("{+, and sends it on")
        assert await shot(window) == picture


async def test_deleting_a_chat(tmp_path: Path, picture: SnapshotAssertion) -> None:
    async with chats(tmp_path) as window:
        window.app.chat.controller.conversation_actions.do("delete")
        await window.sees("Delete there too")
        await look(window, picture)


async def test_another_client(tmp_path: Path, picture: SnapshotAssertion) -> None:
    body = delta("We open at ") + delta("nine, and close at six.") + DONE
    answer = writes(SSE_HEAD + b"Content-Length: %d\r\n\r\n" % len(body), body)
    asked = b'{"model": "tutor", "messages": [{"role": "user", "content": "When do you open?"}]}'
    still = Clock(lambda: 0.0, lambda: NOW)
    async with raw_server(answer) as server:
        wanted = OpeningOptions(watch=WatchOptions(f"{server.url}/v1"))
        async with opened(tmp_path, wanted=wanted, clock=still) as window:
            address = window.app.chat.composer.read_only_reason.split()[-1]
            await ask(address, get("/v1/models", "User-Agent: widget"))
            await ask(address, post("/v1/chat/completions", asked, "User-Agent: widget"))
            await window.sees("nine, and close at six.", "post", "end mark", "Finished")
            await window.press("home")  # else it depends on when the reply is first looked at
            assert await shot(window) == picture
