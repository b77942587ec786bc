"""Bytes of a terminal as Textual's events."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import pytest
from textual import events, messages
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.drivers.web_driver import WebDriver
from textual.geometry import Size
from textual.message import Message

from chatgrid_tui.ui.terminal.browser_driver import BrowserDriver
from chatgrid_tui.ui.terminal.drivers import TerminalDriver, driver_for
from chatgrid_tui.ui.terminal.input_events import InputEvents


def told(*reads: bytes) -> list[str]:
    """Return keys by name, and other events by their class or text, of what is read."""
    inputs = InputEvents()
    return [_name(event) for read in reads for event in inputs.feed(read)]


def _name(event: Message) -> str:
    match event:
        case events.Key():
            return event.key
        case events.Paste():
            return f"pasted {event.text!r}"
        case _:
            return type(event).__name__


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ([b"a\x1b[A\x1bOP\r\x7f"], ["a", "up", "f1", "enter", "backspace"]),
        ([b"\x1b", b"[", b"1;5C"], ["ctrl+right"]),
        ([b"\x1bx1\x1b\x7f2\x1b\r"], ["alt+x", "1", "ctrl+w", "2", "alt+enter"]),
        ([b"\x1b[99;5u\x1b[13;2u", b"\x1b[0;;228:246u", b"\x1b[97:65;2:1;65u"],
         ["ctrl+c", "shift+enter", "ä", "ö", "A"]),
        ([b"\x1b[1;2P\x1b[1;1:1A\x1b[99~"], ["shift+f1", "up"]),
        ([b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[I"], ["MouseDown", "MouseUp", "AppFocus"]),
        ([b"\x1b[?2026;2$y", b"\x1b[48;24;80;480;800t"], ["TerminalSupportsSynchronizedOutput", "Resize"]),
        ([b"\xc3", b"\xa4\xe91\x961"], ["ä", "replacement_character", "1", "replacement_character", "1"]),
        ([b"\x9d11;rgb:1/2/3\x9cx", b"\x9b?62;c", b"\xc2\x9b?62;cy"], ["x", "y"]),
        ([b"a\x1b[?62;", b"4;22cb", b"\x1b[?c"], ["a", "DeviceAttributes", "b"]),
        ([b"\x1b[200~a \x1b[31mb\x1b[0m\r\nc\rd\x00\xff\x9b\x1b\x11\x1b[201~e"],
         ["pasted 'a \ufffd[31mb\ufffd[0m\\nc\\nd\ufffd\ufffd\ufffd\ufffd\ufffd'", "e"]),
    ],
)  # fmt: skip
def test_bytes_become_events(reads: Iterable[bytes], expected: list[str]) -> None:
    assert [name.replace("upper_a", "A") for name in told(*reads)] == expected


def test_a_large_paste_is_cleaned_as_a_whole() -> None:
    text = ("é\r\n" + "x" * 7 + "👩‍👩‍👧\r") * 30_000
    [event] = InputEvents().feed(b"\x1b[200~%s\x1b[201~" % text.encode())
    assert isinstance(event, events.Paste)
    assert event.text == text.replace("\r\n", "\n").replace("\r", "\n")


def test_each_driver_that_reads_a_terminal_reads_it_so() -> None:
    assert driver_for(LinuxDriver) is TerminalDriver
    assert driver_for(WebDriver) is BrowserDriver
    assert driver_for(HeadlessDriver) is HeadlessDriver


def test_modes_that_textual_asks_for_reach_it() -> None:
    [event] = InputEvents().feed(b"\x1b[?2048;1$y")
    assert isinstance(event, messages.InBandWindowResize)


@pytest.mark.parametrize(
    ("environment", "has_mouse"),
    [({}, True), ({"STY": "1.screen"}, False), ({"STY": "1.screen", "TMUX": "/t,1,0"}, True)],
)
async def test_there_is_no_mouse_in_gnu_screen_so_that_esc_arrives(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], has_mouse: bool
) -> None:
    for name in ("STY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert TerminalDriver(App(), size=(80, 24))._mouse is has_mouse


@pytest.mark.parametrize(
    ("known", "reported", "cell"),
    [
        ((800, 480), None, Size(10, 20)),
        ((0, 0), None, None),
        ((0, 0), (640, 384), Size(8, 16)),
        ((800, 480), (640, 384), Size(10, 20)),
        ((80, 24), None, None),
        ((60_000, 480), None, None),
    ],
)
async def test_a_cell_in_pixels(
    monkeypatch: pytest.MonkeyPatch,
    known: tuple[int, int],
    reported: tuple[int, int] | None,
    cell: Size | None,
) -> None:
    monkeypatch.setattr("fcntl.ioctl", lambda *_: struct.pack("HHHH", 24, 80, *known))
    driver = TerminalDriver(App(), size=(80, 24))
    if reported is not None:
        driver.process_message(events.Resize.from_dimensions((80, 24), reported))
    assert driver.cell_pixels == cell
