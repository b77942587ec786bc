"""Pictures of pixels: which terminals get which, and that what is written is the picture."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from chatgrid_tui.ui.terminal.graphics import Method, kitty_graphic, method_of
from chatgrid_tui.ui.terminal.sixel import encoded
from pictures_decoded import kitty_picture, sixel_picture


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "XTERM_VERSION": "XTerm(379)"}, None),
        ({"TERM": "foot", "KITTY_WINDOW_ID": "1"}, None),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "kitty"),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230800"}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "tmux-256color"}, "blocks"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, "blocks"),
        ({"TERM": "screen", "KITTY_WINDOW_ID": "1"}, "blocks"),
        ({"TERM": "xterm-256color", "ZELLIJ": "0", "TERM_PROGRAM": "ghostty"}, "blocks"),
    ],
)
def test_the_environment_tells_where_pixels_can_be_shown(environ: Mapping[str, str], expected: Method | None) -> None:
    assert method_of(environ) == expected


@pytest.mark.parametrize("size", [(3, 2), (200, 90)])
def test_kittys_protocol_carries_the_picture_and_asks_for_no_answer(size: tuple[int, int]) -> None:
    image, png = Image.effect_noise(size, 90).convert("RGB"), BytesIO()
    image.save(png, "PNG")
    graphic = kitty_graphic(png.getvalue(), 20, 4)
    keys, shown = kitty_picture(graphic.data)
    assert (keys["a"], keys["c"], keys["r"], keys["C"], keys["q"]) == ("T", "20", "4", "1", "2")
    assert ImageChops.difference(shown, image).getbbox() is None
    assert graphic.removal == f"\x1b_Ga=d,d=I,i={keys['i']},q=2\x1b\\"


@given(st.integers(1, 40), st.integers(1, 20), st.integers(1, 256), st.randoms(use_true_random=False))
def test_sixels_are_the_picture(width: int, height: int, colours: int, random: Random) -> None:
    palette = bytes(random.randrange(256) for _ in range(3 * colours))
    pixels = bytes(random.choices(range(colours), k=width * height))
    shown = sixel_picture(encoded(pixels, width, palette, 10**6) or "")
    meant = Image.frombytes("P", (width, height), pixels)
    meant.putpalette(palette)
    differences = ImageChops.difference(shown, meant.convert("RGB")).tobytes()
    assert max(differences) <= 2  # shares of a hundred


def test_equal_pixels_are_short_and_too_many_characters_are_none() -> None:
    plain = encoded(bytes(1_000 * 600), 1_000, b"\xff\x80\0", 2_000)
    assert plain is not None
    assert "#0!1000~-" in plain
    assert encoded(bytes(range(200)) * 100, 200, bytes(768), 2_000) is None
