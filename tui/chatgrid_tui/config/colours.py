"""Colour arithmetic, and the colours of speakers, which are derived from a few values of a theme."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final, NewType

from chatgrid_tui.model.hue import HUES

HexColour = NewType("HexColour", str)
"""`#rrggbb`"""

_ANGLES: Final = (146, 230, 274, 316, 356)
"""The angles of the hues in OKLCH: none is near those of error (27), warn (80) and accent (200)."""
_MOST_SATURATED: Final = 0.148
"""The highest saturation (HSL) of a dark surface: terminals with 256 colours then show a grey instead of black."""
_STEP: Final = 0.0005


@dataclass(frozen=True, slots=True)
class SpeakerColours:
    """The colours of one speaker."""

    ink: HexColour
    """For its name, headings one and two, list marks and quote rules."""
    tint: HexColour
    """For the fill of its bubbles."""
    hi: HexColour
    """For the fill under the mouse or with the focus."""
    chip: HexColour
    """For the ground of its letter."""
    rail: HexColour
    """For hairlines inside a bubble, and pulses, which are decoration."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the colours of speakers are made: lightness and chroma in OKLCH, and shares of ink in the tint."""

    ink_lightness: tuple[float, ...]
    ink_chroma: float
    tint_lightness: float
    tint_chroma: float
    hi_lighter: float
    chip_share: float
    rail_share: float = 0.38
    hi_chroma: float = 1.15
    """The chroma of `hi`, relative to that of the tint."""


_DARK: Final = _Rule((0.83, 0.81, 0.77, 0.79, 0.82), 0.1, 0.274, 0.0165, 0.035, 0.2)
_LIGHT: Final = _Rule((0.463, 0.451, 0.427, 0.439, 0.457), 0.105, 0.941, 0.018, -0.03, 0.16)

INKS_256: Final = {
    True: ("#87D787", "#87D7FF", "#AFAFFF", "#D7AFFF", "#FFAFD7"),
    False: ("#005F00", "#005F87", "#0000AF", "#5F0087", "#87005F"),
}
"""The inks for terminals with 256 colours, on dark and light grounds."""


def speaker_colours(dark: bool, inks: Sequence[str] = (), tints: Sequence[str] = ()) -> tuple[SpeakerColours, ...]:
    """Return the colours of each hue, in order; `inks` and `tints` replace the derived ones."""
    rule = _DARK if dark else _LIGHT
    speakers: list[SpeakerColours] = []
    for at, angle in enumerate(_ANGLES):
        ink = HexColour(inks[at]) if inks else oklch(rule.ink_lightness[at], rule.ink_chroma, angle)
        if tints:
            tint, hi = HexColour(tints[at]), mix(tints[at], ink, 0.07)
        else:
            tint = _surface(rule.tint_lightness, rule.tint_chroma, angle, dark)
            hi = _surface(rule.tint_lightness + rule.hi_lighter, rule.tint_chroma * rule.hi_chroma, angle, dark)
        chip, rail = mix(tint, ink, rule.chip_share), mix(tint, ink, rule.rail_share)
        speakers.append(SpeakerColours(ink, tint, hi, chip, rail))
    assert len(speakers) == len(HUES)
    return tuple(speakers)


def mix(base: str, other: str, share: float) -> HexColour:
    """Return the colour that is `share` (0 to 1) of the way from `base` to `other`, both `#rrggbb`."""
    pairs = zip(_channels(base), _channels(other), strict=True)
    return HexColour("#" + "".join(f"{round(one + (two - one) * share):02X}" for one, two in pairs))


def oklch(lightness: float, chroma: float, angle: float) -> HexColour:
    """Return a colour given in OKLCH, clipped to what a screen can show."""
    a, b = chroma * cos(radians(angle)), chroma * sin(radians(angle))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return HexColour("#" + "".join(f"{round(_encoded(min(max(value, 0.0), 1.0)) * 255):02X}" for value in linear))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _surface(lightness: float, chroma: float, angle: float, dark: bool) -> HexColour:
    """Return the colour of a surface. If it is dark, its chroma is lowered until its saturation is low enough."""
    colour = oklch(lightness, chroma, angle)
    while dark and _saturation(colour) >= _MOST_SATURATED:
        chroma -= _STEP
        colour = oklch(lightness, chroma, angle)
    return colour


def _saturation(colour: str) -> float:
    return colorsys.rgb_to_hls(*(channel / 255 for channel in _channels(colour)))[2]


def _luminance(colour: str) -> float:
    red, green, blue = (_decoded(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _encoded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
