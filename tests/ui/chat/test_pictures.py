"""Pictures of replies: what is decoded, within which bounds, and what is drawn."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from textual.geometry import Region, Size
from textual.strip import Strip

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.chat.bubbles import pictures
from chatgrid_tui.ui.chat.bubbles.pictures import decoded, drawn
from chatgrid_tui.ui.terminal.graphics import Method
from pictures_decoded import kitty_picture, sixel_picture

RED, BLUE, GROUND = (255, 0, 0), (0, 0, 255), "#202428"


def picture(width: int, height: int, colour: tuple[int, ...] = RED, form: str = "PNG") -> bytes:
    """Return a picture of one colour; with transparency, if that has four parts."""
    file = BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (width, height), colour).save(file, form)
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that claims to be this large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"IDAT" + zlib.compress(b"\0" * 1_000_000)
    return start + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_the_usual_formats_are_decoded_and_reduced(form: str) -> None:
    shown = decoded(picture(2_000, 1_000, form=form))
    assert (shown.width, shown.height, shown.image.size) == (2_000, 1_000, (1_536, 768))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(60_000, 60_000), "more than 40,000,000 pixels"),
        (bomb(9_000, 9_000), "more than 40,000,000 pixels"),
        (bomb(100, 100)[:60], "damaged"),
        (picture(300, 300, form="JPEG")[:400], "damaged"),
        (b"<html>Not found</html>", "no picture in a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture in a known format"),
        (b"", "no picture in a known format"),
    ],
    ids=["bomb", "small bomb", "cut PNG", "cut JPEG", "page", "PostScript", "empty"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(UsageProblem, match=reason):
        decoded(data)


def blocks(data: bytes, columns: int, rows: int) -> Sequence[Strip]:
    return drawn(decoded(data), Size(columns, rows), GROUND, "blocks", None).strips


def test_two_pixels_share_a_cell_and_transparency_shows_the_ground() -> None:
    file = BytesIO()
    image = Image.new("RGBA", (2, 2), (*BLUE, 255))
    image.putpixel((0, 0), (*RED, 255))
    image.putpixel((1, 1), (0, 0, 0, 0))
    image.save(file, "PNG")
    (strip,) = blocks(file.getvalue(), 2, 1)
    styles = [segment.style for segment in strip if segment.text == "▀"]
    colours = [(style.color.name, style.bgcolor.name) for style in styles if style and style.color and style.bgcolor]
    assert colours == [("#ff0000", "#0000ff"), ("#0000ff", GROUND)]


@given(*(st.integers(1, 60) for _ in range(4)), st.sampled_from(["blocks", "kitty", "sixel"]))
def test_every_cell_is_drawn_whatever_the_shape(
    width: int, height: int, columns: int, rows: int, method: Method
) -> None:
    box = Size(columns, rows)
    drawing = drawn(decoded(picture(width, height)), box, GROUND, method, Size(7, 15))
    assert [strip.cell_length for strip in drawing.strips] == [columns] * rows
    assert box.region.contains_region(drawing.place)
    assert sum(strip.text.count("▀") for strip in drawing.strips) == drawing.place.area
    assert (drawing.graphic is None) is (method == "blocks")


@pytest.mark.parametrize("method", ["kitty", "sixel"])
def test_pixels_fill_whole_cells_and_no_other(method: Method) -> None:
    drawing = drawn(decoded(picture(100, 50)), Size(40, 20), GROUND, method, Size(7, 15))
    assert drawing.place == Region(12, 8, 15, 4)
    assert drawing.graphic is not None
    data = drawing.graphic.data
    shown = kitty_picture(data)[1] if method == "kitty" else sixel_picture(data)
    assert shown.size == (15 * 7, 4 * 15)
    edge = shown.point(lambda value: 255 if value > 128 else 0)
    assert edge.getbbox() == (2, 5, 102, 55)
    assert shown.getpixel((50, 30)) == RED


@pytest.mark.parametrize("method", ["kitty", "sixel"])
def test_what_would_be_too_much_to_write_gets_fewer_colours_or_is_half_blocks(
    method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = BytesIO()
    Image.frombytes("RGB", (400, 400), Random(1).randbytes(3 * 400**2)).save(file, "PNG")
    noise, box = decoded(file.getvalue()), Size(40, 20)
    full = drawn(noise, box, GROUND, method, Size(10, 20)).graphic
    assert full is not None
    monkeypatch.setattr(pictures, "_MOST_WRITTEN", len(full.data) - 1)
    reduced = drawn(noise, box, GROUND, method, Size(10, 20)).graphic
    assert reduced is not None
    assert len(reduced.data) < len(full.data)
    monkeypatch.setattr(pictures, "_MOST_WRITTEN", 1_000)
    blocks = drawn(noise, box, GROUND, method, Size(10, 20))
    assert (blocks.graphic, blocks.place) == (None, box.region)


def test_without_the_size_of_a_cell_there_are_no_sixels() -> None:
    shown = decoded(picture(100, 50))
    assert drawn(shown, Size(40, 20), GROUND, "sixel", None).graphic is None
    assert drawn(shown, Size(40, 20), GROUND, "kitty", None).graphic is not None
