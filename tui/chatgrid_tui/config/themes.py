"""Themes as data: colours by their role, read from `themes/*.toml`.

The roles of colours are the fields of `Theme`. Nothing else on the screen is coloured, and no colour is made by
opacity or by the terminal's "dim".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from chatgrid_tui.config.colours import INKS_256, HexColour, SpeakerColours, mix, speaker_colours
from chatgrid_tui.disk import read_bounded
from chatgrid_tui.errors import ConfigProblem
from chatgrid_tui.model.hue import HUES, Hue
from chatgrid_tui.text import clean_line

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_LARGEST_FILE: Final = 64 * 1024
"""In bytes. A theme has about one thousand."""
_MOST_FILES: Final = 200
"""The most files of one folder that are read."""
_LISTS: Final = ("inks", "tints")
_LONGEST_SHOWN: Final = 60
_LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. Every colour is `#rrggbb`. Fields that a file may leave out have a default."""

    name: str
    ground: str
    panel: str
    raised: str
    overlay: str
    field: str
    mine: str
    code: str
    select: str
    error_tint: str
    link_tint: str
    line: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warn: str
    error: str
    strong: str = ""
    offer: str = ""
    tag: str = ""
    bubble: str = ""
    scroll: str = ""
    code_ink: str = ""
    code_string: str = ""
    code_number: str = ""
    code_keyword: str = ""
    code_comment: str = ""
    diff_add: str = ""
    diff_del: str = ""
    scrim: str = ""
    scrim_share: float = 0.6
    """How far the screen behind an overlay is mixed towards `scrim`."""
    inks: tuple[str, ...] = ()
    tints: tuple[str, ...] = ()
    """The colours of the five hues; those that a file leaves out are derived."""
    dark: bool = True
    flat: bool = False
    """Use the terminal's own colours, and signs instead of surfaces."""
    coarse: bool = False
    """Whether this is the version for terminals with 256 colours: see `for_256_colours`."""

    def __post_init__(self) -> None:
        followers = {
            "strong": self.text,
            "offer": mix(self.mine, self.accent, 0.15),
            "tag": self.select,
            "bubble": mix(self.ground, self.text, 0.08),
            "scroll": self.line,
            "code_ink": self.text,
            "code_string": self.text,
            "code_number": self.text,
            "code_keyword": self.accent,
            "code_comment": self.muted,
            "scrim": self.ground,
        }
        for name, value in followers.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        for name, other in (("diff_add", self.code_string), ("diff_del", self.error)):
            if not getattr(self, name):
                object.__setattr__(self, name, mix(self.code, other, 0.1))

    def speaker(self, hue: Hue | None) -> SpeakerColours:
        """Return the colours of a speaker with this hue; None is for chatgrid-tui itself, which has none."""
        if hue is not None:
            return _speakers(self)[hue]
        hi = mix(self.bubble, self.text, 0.05)
        return SpeakerColours(*map(HexColour, (self.strong, self.bubble, hi, self.tag, self.scroll)))


def for_256_colours(theme: Theme) -> Theme:
    """Return a theme for a terminal with 256 colours, which would map similar tints to the same or a garish colour.

    On its `mine`, `offer` and `select`, only `text`, `strong` and inks are readable.
    """
    mine = "#005F5F" if theme.dark else "#AFD7D7"
    return replace(theme, mine=mine, offer=mine, diff_add=theme.code, diff_del=theme.code, coarse=True)


@lru_cache(maxsize=32)
def _speakers(theme: Theme) -> Mapping[Hue, SpeakerColours]:
    if not theme.coarse:
        return dict(zip(HUES, speaker_colours(theme.dark, theme.inks, theme.tints), strict=True))
    # Rich maps the last two to #EEEEEE and #E4E4E4, the nearest greys.
    tint, hi = ("#262626", "#303030") if theme.dark else ("#F0F0F0", "#E8E8E8")
    return {
        hue: SpeakerColours(*map(HexColour, (ink, tint, hi, theme.tag, theme.edge)))
        for hue, ink in zip(HUES, theme.inks or INKS_256[theme.dark], strict=True)
    }


@dataclass(frozen=True, slots=True)
class ReadThemes:
    """The usable themes by name, and the errors in other files."""

    by_name: Mapping[str, Theme]
    problems: tuple[ConfigProblem, ...] = ()


def read_theme(name: str, text: str, path: str = "") -> Theme:
    """Return the theme described by `text` (TOML).

    Raises:
        ConfigProblem: the TOML is broken, a colour is missing or invalid, a number is out of range, or a name is
            unknown. The message does not name the file.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        reason = "its lists or tables are nested too deeply" if isinstance(problem, RecursionError) else problem
        raise ConfigProblem(f"It is not TOML: {reason}.", path=path) from problem
    values = {key.replace("-", "_"): value for key, value in table.items() if key != "name"}
    _check(values, path)
    values |= {key: tuple(values[key]) for key in _LISTS if key in values}
    return Theme(name=name, **values)


def read_themes(folders: Iterable[Path]) -> ReadThemes:
    """Read the themes in all `*.toml` files in `folders`. Themes in later folders replace earlier ones.

    Broken files are left out and do not affect the others.
    """
    themes: dict[str, Theme] = {}
    problems: list[ConfigProblem] = []
    for folder in folders:
        try:
            files = sorted(folder.glob("*.toml"))
        except OSError as problem:
            problems.append(ConfigProblem(f"The themes in {folder} cannot be read: {problem.strerror}."))
            continue
        if len(files) > _MOST_FILES:
            problems.append(ConfigProblem(f"{folder} has {len(files):,} themes. The first {_MOST_FILES} are used."))
        for file in files[:_MOST_FILES]:
            try:
                themes[file.stem] = _read_file(file)
            except ConfigProblem as problem:
                reason = clean_line(str(problem), _LONGEST_REASON)
                message = f"The theme file {clean_line(file.name, _LONGEST_SHOWN)} is skipped. {reason}"
                problems.append(ConfigProblem(message, path=str(file)))
    return ReadThemes(themes, tuple(problems))


def _read_file(file: Path) -> Theme:
    if not file.stem.isprintable() or len(file.stem) > _LONGEST_SHOWN:
        raise ConfigProblem(f"Its name may have at most {_LONGEST_SHOWN} characters, all of them printable.")
    try:
        text = read_bounded(file, _LARGEST_FILE).decode("utf-8")
    except OSError as problem:
        raise ConfigProblem(f"It cannot be read: {problem.strerror}.") from problem
    except UnicodeError as problem:
        raise ConfigProblem("It is not UTF-8.") from problem
    return read_theme(file.stem, text, str(file))


def _check(values: Mapping[str, object], path: str) -> None:
    parts = {part.name: part for part in fields(Theme) if part.name not in ("name", "coarse")}
    for key, value in values.items():
        if key not in parts:
            complaint = "is not a theme setting"
        elif key in ("dark", "flat"):
            complaint = "" if isinstance(value, bool) else "must be true or false"
        elif key == "scrim_share":
            is_share = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
            complaint = "" if is_share else "must be a number from 0 to 1"
        elif key in _LISTS:
            are_colours = isinstance(value, list) and len(value) == len(HUES) and all(map(_is_colour, value))
            complaint = "" if are_colours else f"must be {len(HUES)} colours such as #14161A, for {', '.join(HUES)}"
        else:
            complaint = "" if _is_colour(value) else "must be a colour such as #14161A"
        if complaint:
            raise ConfigProblem(f"`{clean_line(key, _LONGEST_SHOWN)}` {complaint}.", path=path)
    missing = [key for key, part in parts.items() if part.default is MISSING and key not in values]
    if missing:
        raise ConfigProblem(f"It leaves out {', '.join(missing)}.", path=path)


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and _COLOUR.fullmatch(value) is not None
