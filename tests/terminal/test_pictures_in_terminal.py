"""Pictures in a terminal that shows pixels: what it is sent, when, and that nothing stays."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from pictures_decoded import kitty_picture, sixel_picture
from terminal.terminal import CTRL_L, CTRL_P, CTRL_Q, ENTER, ESCAPE, F1, Terminal, app, is_restored

CELL = (8, 16)
ALT_I, RIGHT = b"\x1bi", b"\x1b[C"
QUESTION = b"\x1b[c"
KITTY = re.compile(rb"(?:\x1b_G[^;\x1b]*;[^\x1b]*\x1b\\)+")
REMOVAL = re.compile(rb"\x1b_Ga=d,d=I,i=\d+,q=2\x1b\\")
SIXEL = re.compile(rb"\x1bP0;1q[^\x1b]*\x1b\\")


def asks_for_a_picture(terminal: Terminal) -> None:
    terminal.resizes(100, 30, CELL)
    terminal.sees("Message Restaurant")
    terminal.presses("Hello")
    terminal.presses(ENTER)
    terminal.sees("terrace.png", "Finished")
    assert not KITTY.search(terminal.raw)
    assert QUESTION not in terminal.raw
    terminal.presses(ALT_I)


def is_shown(terminal: Terminal) -> bool:
    """Return whether a picture was sent and not removed since."""
    return terminal.raw.rfind(b"\x1b_Ga=T") > terminal.raw.rfind(b"\x1b_Ga=d")


class Sent:
    """Counts what the terminal was sent."""

    def __init__(self, terminal: Terminal, pattern: re.Pattern[bytes]) -> None:
        self._terminal, self._pattern = terminal, pattern

    def until(self, count: int) -> None:
        self._terminal.until(lambda: self.count() >= count, f"{count} of {self._pattern.pattern!r}")
        assert self.count() == count

    def count(self) -> int:
        return len(self._pattern.findall(self._terminal.raw))

    def last(self) -> str:
        *_, last = self._pattern.finditer(self._terminal.raw)
        return last[0].decode()


def test_kittys_protocol_shows_the_picture_while_nothing_lies_over_it(tmp_path: Path) -> None:
    with app(tmp_path, TERM="xterm-kitty") as terminal:
        shown, removed = Sent(terminal, KITTY), Sent(terminal, REMOVAL)
        asks_for_a_picture(terminal)
        shown.until(1)
        keys, image = kitty_picture(shown.last())
        assert image.size == (int(keys["c"]) * CELL[0], int(keys["r"]) * CELL[1]) == (320, 208)
        assert QUESTION not in terminal.raw
        terminal.presses(F1)
        removed.until(1)
        terminal.sees("Keys")
        terminal.presses(ESCAPE)
        shown.until(2)
        terminal.presses(CTRL_L)
        shown.until(3)
        terminal.resizes(60, 20, CELL)
        terminal.until(lambda: "c=39,r=12," in shown.last(), "the picture in its new size")
        assert kitty_picture(shown.last())[1].size == (312, 192)
        terminal.presses(CTRL_P)
        terminal.sees("Close this first")  # beside the picture
        assert is_shown(terminal)
        terminal.presses(ESCAPE)
        terminal.sees("Message Restaurant")
        assert not is_shown(terminal)
        terminal.presses(ALT_I)
        terminal.until(lambda: is_shown(terminal), "the picture again")
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
        assert not is_shown(terminal)
    assert is_restored(terminal.raw)


def test_sixels_are_shown_once_the_terminal_has_said_that_it_can(tmp_path: Path) -> None:
    with app(tmp_path) as terminal:
        shown = Sent(terminal, SIXEL)
        asks_for_a_picture(terminal)
        Sent(terminal, re.compile(re.escape(QUESTION))).until(1)
        terminal.sees("320 x 200 pixels", "▀▀▀▀")
        assert shown.count() == 0
        terminal.presses(b"\x1b[?62;")
        terminal.presses(b"4;22c")
        terminal.until(lambda: shown.count() > 0, "sixels")
        image = sixel_picture(shown.last())
        assert image.size == (320, 208)
        assert_close(image.crop((0, 4, 320, 204)), (36, 52, 92))
        terminal.presses(F1)
        terminal.sees("Keys")
        before = shown.count()
        terminal.presses(ESCAPE)
        terminal.until(lambda: shown.count() > before, "the picture again")
        terminal.presses(ESCAPE)
        terminal.sees("Message Restaurant")
        before = shown.count()
        terminal.presses("typed after")
        terminal.sees("typed after")
        assert shown.count() == before
        terminal.presses(CTRL_Q)
        assert terminal.ends() == 0
        assert terminal.raw.count(QUESTION) == 1


def assert_close(image: Image.Image, top_left: tuple[int, int, int]) -> None:
    """The colour of the first pixel is nearly this one."""
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert all(abs(got - meant) <= 6 for got, meant in zip(pixel, top_left, strict=True))
