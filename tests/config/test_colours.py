"""Colours: all text is readable, in each theme, on each surface, also with 256 colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from math import cbrt, dist

import pytest
from rich.color import Color, ColorSystem

from chatgrid_tui.config.colours import HexColour, SpeakerColours, contrast, mix, speaker_colours
from chatgrid_tui.config.paths import packaged_themes
from chatgrid_tui.config.themes import Theme, for_256_colours, read_theme, read_themes
from chatgrid_tui.model.hue import HUES, Hue

THEMES = read_themes([packaged_themes()]).by_name
BARE = {
    dark: Theme(
        "bare",
        dark=dark,
        **{
            part: getattr(THEMES["midnight" if dark else "paper"], part)
            for part in (
                *("ground", "panel", "raised", "overlay", "field", "mine", "code", "select", "error_tint"),
                *("link_tint", "line", "edge", "text", "muted", "accent", "on_accent", "warn", "error"),
            )
        },
    )
    for dark in (True, False)
}
"""Themes that leave out all that can be left out."""
DARK = {
    "green": "#9DD9A0 #222A23 #2A332A #3B4D3C #516C52",
    "sky": "#78CDF5 #21292C #293236 #324A54 #426778",
    "indigo": "#A0B0F4 #252730 #2D303A #3E4257 #545B7A",
    "plum": "#D4A7E6 #2B252D #342D37 #4D3F52 #6B5673",
    "rose": "#F9A9C6 #2E2428 #382C30 #573F48 #7B5764",
}
LIGHT = {
    "green": "#2B6833 #E4EFE4 #D9E6DA #C6D9C8 #9EBCA1",
    "sky": "#005F84 #E0EEF5 #D4E5ED #BCD7E3 #8BB8CA",
    "indigo": "#3E4888 #E7EBF8 #DDE1F0 #CCD1E6 #A7ADCD",
    "plum": "#683E79 #F0E8F4 #E7DEEB #DACDE0 #BCA7C5",
    "rose": "#833B59 #F6E7EC #EEDCE2 #E4CBD4 #CAA6B4",
}
ON_SURFACES = {
    "text": ("ground", "panel", "raised", "mine", "offer", "select", "bubble", "tag", "code", "diff_add", "diff_del"),
    "strong": ("ground", "panel", "mine", "offer", "select", "bubble", "tag", "code", "link_tint"),
    "muted": ("ground", "panel", "raised", "mine", "offer", "select", "bubble", "code", "diff_add", "diff_del"),
    "accent": ("ground", "panel", "raised", "mine", "offer", "select", "bubble", "code"),
    "warn": ("ground", "panel", "raised", "mine", "bubble", "code"),
    "error": ("ground", "panel", "raised", "mine", "bubble", "code"),
    "code_ink": ("ground", "mine", "bubble", "code", "diff_add", "diff_del"),
    "on_accent": ("accent",),
}
"""What is read on which surfaces."""

SEEN_WITH = {
    "full sight": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}
"""What reaches the eye of linear red, green and blue (Machado, Oliveira and Fernandes, 2009)."""


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """Return a colour as it is seen, in OKLab."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    red, green, blue = (
        min(max(sum(share * value for share, value in zip(row, linear, strict=True)), 0.0), 1.0)
        for row in SEEN_WITH[sight]
    )
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def as_256(colour: str) -> HexColour:
    """Return what a terminal with 256 colours shows for a colour."""
    return HexColour(Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex.upper())


def unreadable(theme: Theme, pairs: Mapping[str, tuple[str, ...]], least: float = 4.5) -> list[str]:
    return [
        f"{part} on {surface}: {found:.2f}"
        for part, surfaces in pairs.items()
        for surface in surfaces
        if (found := contrast(getattr(theme, part), getattr(theme, surface))) < least
    ]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_all_text_can_be_read_on_its_surfaces(theme: Theme) -> None:
    assert unreadable(theme, ON_SURFACES) == []
    edged = ("ground", "panel", "raised", "mine", "offer", "select", "bubble", "code")
    assert unreadable(theme, {"edge": edged}, least=3.0) == []


@pytest.mark.parametrize("hue", HUES)
@pytest.mark.parametrize("theme", [*THEMES.values(), *BARE.values()], ids=lambda theme: f"{theme.name} {theme.dark}")
def test_all_text_can_be_read_in_a_bubble(theme: Theme, hue: Hue) -> None:
    speaker = theme.speaker(hue)
    for surface in map(str, (speaker.tint, speaker.hi)):
        for part in ("text", "strong", "muted", "accent", "warn", "error", "code_ink"):
            assert contrast(getattr(theme, part), surface) >= 4.5, part
        assert contrast(theme.edge, surface) >= 3.0
    for behind in (theme.ground, theme.panel, theme.select, speaker.tint, speaker.hi, speaker.chip):
        assert contrast(speaker.ink, behind) >= 4.45  # one pair is 4.46, and its letter is bold
    assert 1.1 < contrast(speaker.tint, theme.ground) < 1.3


@pytest.mark.parametrize("sight", SEEN_WITH)
@pytest.mark.parametrize("name", ["colour-blind-dark", "colour-blind-light"])
def test_colours_differ_with_colour_blindness(name: str, sight: str) -> None:
    full = THEMES[name]
    for theme in (full, for_256_colours(full)):
        roles = [theme.text, theme.muted, theme.accent, theme.warn, theme.error]
        inks = [theme.speaker(hue).ink for hue in HUES]
        for one, other in (*combinations(roles, 2), *combinations(inks, 2)):
            assert dist(seen(one, sight), seen(other, sight)) > 0.08, (one, other)
    assert dist(seen(full.diff_add, sight), seen(full.diff_del, sight)) > 0.06


@pytest.mark.parametrize(("dark", "table"), [(True, DARK), (False, LIGHT)])
def test_the_rule_gives_the_colours_of_the_speakers(dark: bool, table: Mapping[str, str]) -> None:
    colours = dict(zip(HUES, speaker_colours(dark), strict=True))
    assert colours == {hue: SpeakerColours(*map(HexColour, row.split())) for hue, row in table.items()}


def test_a_theme_may_name_inks_and_tints() -> None:
    text = (packaged_themes() / "midnight.toml").read_text(encoding="utf-8")
    colours = [f"#00000{number}" for number in range(5)]
    theme = read_theme("mine", f"{text}\ninks = {colours}")
    assert [theme.speaker(hue).ink for hue in HUES] == colours
    assert theme.speaker("green").tint == THEMES["midnight"].speaker("green").tint
    theme = read_theme("mine", f"{text}\ntints = {colours}")
    assert theme.speaker("rose").tint == "#000004"
    assert theme.speaker("rose").chip == mix("#000004", theme.speaker("rose").ink, 0.2)


def test_a_speaker_without_a_hue_has_the_colours_of_the_frame() -> None:
    theme, program = THEMES["midnight"], THEMES["midnight"].speaker(None)
    assert (program.ink, program.tint, program.chip) == (theme.strong, theme.bubble, theme.tag)


@pytest.mark.parametrize("name", THEMES)
def test_all_text_can_be_read_in_256_colours(name: str) -> None:
    theme = for_256_colours(THEMES[name])
    for part in ("text", "strong"):
        for surface in (theme.mine, theme.offer, theme.select, theme.bubble, theme.tag):
            assert contrast(as_256(getattr(theme, part)), as_256(surface)) >= 4.5
    for hue in HUES:
        speaker = theme.speaker(hue)
        tint, hi = as_256(speaker.tint), as_256(speaker.hi)
        assert (tint, hi) == (("#262626", "#303030") if theme.dark else ("#EEEEEE", "#E4E4E4"))
        for surface in (tint, hi):
            for part in ("text", "strong", "muted", "accent", "warn", "error", "code_ink"):
                assert contrast(as_256(getattr(theme, part)), surface) >= 4.4, part
        for surface in (tint, hi, speaker.chip, theme.ground, theme.panel, theme.select):
            assert contrast(speaker.ink, as_256(surface)) >= 4.5
    assert replace(theme, dark=not theme.dark).speaker("green") != theme.speaker("green")
