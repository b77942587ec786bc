"""What a terminal makes of the sequences that show a picture."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO

from PIL import Image

_KITTY_PART = re.compile(r"\x1b_G([^;]*);([A-Za-z0-9+/=]{1,4096})\x1b\\")
_SIXELS = re.compile(r'\x1bP0;1q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\')
_SIXEL_WORD = re.compile(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])")


def kitty_picture(data: str) -> tuple[dict[str, str], Image.Image]:
    """Return the keys of the first part, and the picture in all parts."""
    parts = [(dict(key.split("=") for key in keys.split(",")), text) for keys, text in _KITTY_PART.findall(data)]
    assert "".join(f"\x1b_G{keys};{text}\x1b\\" for keys, text in _KITTY_PART.findall(data)) == data
    assert [keys["m"] for keys, _ in parts] == ["1"] * (len(parts) - 1) + ["0"]
    return parts[0][0], Image.open(BytesIO(b64decode("".join(text for _, text in parts)))).convert("RGB")


def sixel_picture(data: str) -> Image.Image:
    """Return the picture. Every pixel must be set, once, and none outside of it."""
    found = _SIXELS.fullmatch(data)
    assert found is not None
    image = Image.new("RGBA", (int(found[1]), int(found[2])))
    palette: dict[str, tuple[int, ...]] = {}
    colour, x, top = "", 0, 0
    assert _SIXEL_WORD.sub("", found[3]) == ""
    for number, red, green, blue, times, repeated, single, move in _SIXEL_WORD.findall(found[3]):
        if red:
            palette[number] = tuple(round(int(share) * 2.55) for share in (red, green, blue))
        elif number:
            colour = number
        elif move:
            x, top = 0, top + (6 if move == "-" else 0)
        for _ in range(int(times or bool(single))):
            for y in range(6):
                if (ord(repeated or single) - ord("?")) >> y & 1:
                    assert image.getpixel((x, top + y)) == (0, 0, 0, 0)
                    image.putpixel((x, top + y), (*palette[colour], 255))
            x += 1
    assert image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB")
