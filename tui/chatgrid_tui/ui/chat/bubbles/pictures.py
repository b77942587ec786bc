"""Pictures in the terminal: decoded with Pillow within bounds, fitted into cells, and drawn as half blocks or pixels.

The library textual-image, which knows the graphics protocols of terminals, asks the terminal when anything public of
it is imported, and reads the answer from standard input: in a running app, that would take what is typed. It also
writes to the terminal itself, past the driver.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import TYPE_CHECKING, Final, assert_never

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.ui.terminal.graphics import Graphic, Method, kitty_graphic, sixel_graphic
from chatgrid_tui.ui.terminal.sixel import encoded

if TYPE_CHECKING:  # optional, and slow to import
    from PIL import Image

PIXELS_AT_MOST: Final = 40_000_000
"""Pixels of a picture that is decoded: 160 MB for a moment."""
_KEPT: Final = 1536
"""The most pixels per side that are kept: more than the windows of most terminals have."""
_MOST_WRITTEN: Final = 1_500_000
"""The most characters to write for a picture. Until they have arrived, the terminal shows nothing else."""
_MOST_COLOURS: Final = 256
"""Colours of a palette, in PNG and in sixels."""
_ENOUGH_FOR_PALETTE: Final = 256
"""Pixels per side."""
_BLOCK: Final = Size(1, 2)
"""The pixels of a cell in half blocks."""
_USUAL_CELL: Final = Size(10, 20)
"""The pixels of a cell where the terminal does not tell: those of DEC's VT340."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
"""The formats that are read. Others are rare, and Pillow starts programs for some of them."""
_UPPER_HALF: Final = "▀"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, reduced, and its full size in pixels."""

    image: Image.Image
    width: int
    height: int

    @property
    def pixels(self) -> int:
        """The number of pixels that are kept."""
        return self.image.width * self.image.height


def check_installed() -> None:
    """Raises `UsageProblem` if pictures cannot be decoded."""
    if importlib.util.find_spec("PIL") is None:
        raise UsageProblem("Showing pictures needs one more package: chatgrid-tui[images].")


def decoded(data: bytes) -> Picture:
    """Return a picture; of an animation, its first frame. It takes seconds in the worst case.

    Raises:
        UsageProblem: it is not a picture that can be shown.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS_AT_MOST // 2  # above this Pillow warns, above twice as many it refuses
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as source:
            width, height = source.size
            source.draft("RGB", (_KEPT, _KEPT))  # JPEG can be decoded smaller
            image = source.convert("RGBA")
        image.thumbnail((_KEPT, _KEPT))
        image = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError:
        raise UsageProblem(f"The picture has more than {PIXELS_AT_MOST:,} pixels.") from None
    except UnidentifiedImageError:
        raise UsageProblem(f"This is no picture in a known format ({', '.join(_FORMATS)}).") from None
    except Exception as error:  # for damaged data, decoders raise errors of almost any type
        raise UsageProblem("The picture is damaged.") from error
    return Picture(image, width, height)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as it is drawn in a box of cells."""

    strips: Sequence[Strip]
    """Rows of cells with two pixels in each."""
    place: Region
    """The cells of the box that the picture fills."""
    graphic: Graphic | None
    """The picture in all its pixels, to be shown over these cells."""


def drawn(picture: Picture, box: Size, background: str, method: Method, cell: Size | None) -> Drawing:
    """Draw a picture as large as it fits into `box`, at most in its own size, and centred. `cell` is the size of a
    cell of the terminal in pixels, if that is known. It takes a second in the worst case.

    Without that size there are no sixels: they could cover cells that are not theirs.
    """
    if cell is None and method != "kitty":
        method = "blocks"
    pixels_per_cell = _BLOCK if method == "blocks" else cell or _USUAL_CELL
    image, place = _fitted(picture.image, box, background, pixels_per_cell)
    graphic = _graphic(image, place.size, method)
    if graphic is None and method != "blocks":
        image, place = _fitted(picture.image, box, background, _BLOCK)
    return Drawing(_half_blocks(image, place, box, background), place, graphic)


def _fitted(image: Image.Image, box: Size, background: str, cell: Size) -> tuple[Image.Image, Region]:
    """Return a picture on a background that fills whole cells, and these cells."""
    from PIL import Image

    scale = min(box.width * cell.width / image.width, box.height * cell.height / image.height, 1.0)
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    columns, rows = ceil(width / cell.width), ceil(height / cell.height)
    canvas = Image.new("RGBA", (columns * cell.width, rows * cell.height), background)
    canvas.alpha_composite(
        image.resize((width, height)), ((canvas.width - width) // 2, (canvas.height - height) // 2)
    )
    place = Region((box.width - columns) // 2, (box.height - rows) // 2, columns, rows)
    return canvas.convert("RGB"), place


def _graphic(image: Image.Image, cells: Size, method: Method) -> Graphic | None:
    """Return a picture in pixels; None if it would be too large."""
    match method:
        case "blocks":
            return None
        case "kitty":
            return _in_kitty(image, cells)
        case "sixel":
            return _in_sixels(image)
        case _:
            assert_never(method)


def _in_kitty(image: Image.Image, cells: Size) -> Graphic | None:
    """Return a picture in kitty's protocol, with a palette if it were too large otherwise."""
    for reduced in (None, _MOST_COLOURS):
        png = BytesIO()
        (image if reduced is None else _reduced(image, reduced)).save(png, "PNG")
        graphic = kitty_graphic(png.getvalue(), cells.width, cells.height)
        if len(graphic.data) <= _MOST_WRITTEN:
            return graphic
    return None


def _in_sixels(image: Image.Image) -> Graphic | None:
    """Return a picture as sixels, with fewer colours if it were too large otherwise."""
    for colours in (_MOST_COLOURS, 64, 16):
        reduced = _reduced(image, colours)
        palette = bytes(reduced.getpalette() or ())
        sixels = encoded(reduced.tobytes(), reduced.width, palette, _MOST_WRITTEN)
        if sixels is not None:
            return sixel_graphic(sixels)
    return None


def _reduced(image: Image.Image, colours: int) -> Image.Image:
    """Return a picture with a palette. That of a smaller version is as good, and found much faster."""
    from PIL import Image

    smaller = image.copy()
    smaller.thumbnail((_ENOUGH_FOR_PALETTE, _ENOUGH_FOR_PALETTE))
    return image.quantize(palette=smaller.quantize(colours), dither=Image.Dither.NONE)


def _half_blocks(image: Image.Image, place: Region, box: Size, background: str) -> list[Strip]:
    """Return a picture as rows of cells, two pixels in each, at its place in a box."""
    pixels = image.resize((place.width, 2 * place.height)).tobytes()
    colours = [f"#{pixels[at : at + 3].hex()}" for at in range(0, len(pixels), 3)]
    ground = Style(bgcolor=background)
    blank = Strip([Segment(" " * box.width, ground)], box.width)
    left, right = Segment(" " * place.x, ground), Segment(" " * (box.width - place.right), ground)
    strips = [blank] * place.y
    for start in range(0, len(colours), 2 * place.width):
        pairs = zip(
            colours[start : start + place.width],
            colours[start + place.width : start + 2 * place.width],
            strict=True,
        )
        cells = [Segment(_UPPER_HALF, Style(color=upper, bgcolor=lower)) for upper, lower in pairs]
        strips.append(Strip([left, *cells, right], box.width))
    return strips + [blank] * (box.height - len(strips))
