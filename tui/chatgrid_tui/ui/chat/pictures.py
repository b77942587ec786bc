"""Pictures in the terminal: decoded with Pillow within bounds, and drawn as half blocks.

The library textual-image, which knows the graphics protocols of terminals, asks the terminal when it is imported, and
reads the answer from standard input: in a running app, that would take what is typed. It also writes to the terminal
itself, past the driver.
"""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatgrid_tui.errors import UsageProblem

if TYPE_CHECKING:  # optional, and slow to import
    from PIL import Image

PIXELS_AT_MOST: Final = 40_000_000
"""Pixels of a picture that is decoded: 160 MB for a moment."""
_KEPT: Final = 512
"""The most pixels per side that are kept: more than a terminal has cells."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
"""The formats that are read. Others are rare, and Pillow starts programs for some of them."""
_UPPER_HALF: Final = "▀"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, reduced, and its full size in pixels."""

    image: Image.Image
    width: int
    height: int


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


def half_blocks(picture: Picture, columns: int, rows: int, background: str) -> list[Strip]:
    """Return a picture as rows of cells, two pixels in each, as large as it fits and at most in its own size, and
    centred.
    """
    from PIL import Image

    image = picture.image
    scale = min(columns / image.width, 2 * rows / image.height, 1.0)
    width, lines = max(1, round(image.width * scale)), max(1, round(image.height * scale / 2))
    image = image.resize((width, 2 * lines))
    canvas = Image.new("RGBA", image.size, background)
    pixels = Image.alpha_composite(canvas, image).convert("RGB").tobytes()
    colours = [f"#{pixels[at : at + 3].hex()}" for at in range(0, len(pixels), 3)]
    ground = Style(bgcolor=background)
    left, above = (columns - width) // 2, (rows - lines) // 2
    blank = Strip([Segment(" " * columns, ground)], columns)
    strips = [blank] * above
    for start in range(0, len(colours), 2 * width):
        pairs = zip(colours[start : start + width], colours[start + width : start + 2 * width], strict=True)
        cells = [Segment(_UPPER_HALF, Style(color=upper, bgcolor=lower)) for upper, lower in pairs]
        sides = Segment(" " * left, ground), Segment(" " * (columns - left - width), ground)
        strips.append(Strip([sides[0], *cells, sides[1]], columns))
    return strips + [blank] * (rows - len(strips))
