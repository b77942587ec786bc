"""Pictures of replies: what is decoded, within which bounds, and what is drawn."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.chat.pictures import decoded, half_blocks

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
    shown = decoded(picture(1_000, 500, form=form))
    assert (shown.width, shown.height, shown.image.size) == (1_000, 500, (512, 256))


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


def test_two_pixels_share_a_cell_and_transparency_shows_the_ground() -> None:
    file = BytesIO()
    image = Image.new("RGBA", (2, 2), (*BLUE, 255))
    image.putpixel((0, 0), (*RED, 255))
    image.putpixel((1, 1), (0, 0, 0, 0))
    image.save(file, "PNG")
    (strip,) = half_blocks(decoded(file.getvalue()), 2, 1, GROUND)
    styles = [segment.style for segment in strip if segment.text == "▀"]
    colours = [(style.color.name, style.bgcolor.name) for style in styles if style and style.color and style.bgcolor]
    assert colours == [("#ff0000", "#0000ff"), ("#0000ff", GROUND)]


@given(*(st.integers(1, 60) for _ in range(4)))
def test_every_cell_is_drawn_whatever_the_shape(width: int, height: int, columns: int, rows: int) -> None:
    strips = half_blocks(decoded(picture(width, height)), columns, rows, GROUND)
    assert [strip.cell_length for strip in strips] == [columns] * rows
    assert any("▀" in strip.text for strip in strips)
