"""Themes as data: colours by the part they play, read from `themes/*.toml`.

The parts a colour can play are the fields of `Theme`. Nothing else on the screen is coloured, and no colour
is made by opacity or by the terminal's own "dim".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

from chatgrid_tui.errors import ConfigProblem

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. Every colour is `#rrggbb`; the last ones follow from the others where a file leaves them out."""

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
    code_string: str = ""
    code_number: str = ""
    code_keyword: str = ""
    code_comment: str = ""
    mine_edge: str = ""
    scrim: str = ""
    scrim_share: float = 0.6
    """How far what lies behind an overlay is mixed towards `scrim`."""
    dark: bool = True
    flat: bool = False
    """No surfaces: the terminal's own colours, with signs where surfaces would be."""

    def __post_init__(self) -> None:
        followers = {
            "code_string": self.text,
            "code_number": self.text,
            "code_keyword": self.accent,
            "code_comment": self.muted,
            "mine_edge": mix(self.mine, self.accent, 0.45),
            "scrim": self.ground,
        }
        for name, value in followers.items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)


def mix(base: str, other: str, share: float) -> str:
    """Return the colour `share` (0 to 1) of the way from `base` to `other`, both `#rrggbb`."""
    pairs = ((int(base[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (two - one) * share):02X}" for one, two in pairs)


def read_theme(name: str, text: str, path: str = "") -> Theme:
    """Return the theme that `text` (TOML) describes.

    Raises:
        ConfigProblem: the TOML is broken, a colour is missing or is none, or a name is unknown.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ConfigProblem(f"The theme {name} cannot be read: {problem}.", path=path) from problem
    values = {key.replace("-", "_"): value for key, value in table.items() if key != "name"}
    _check(name, values, path)
    return Theme(name=name, **values)


def read_themes(folders: Iterable[Path]) -> dict[str, Theme]:
    """Return the themes of all `*.toml` files in `folders`; a later folder's theme replaces an earlier one's.

    Raises:
        ConfigProblem: a file is no theme; names the file.
    """
    themes: dict[str, Theme] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeError) as problem:
                raise ConfigProblem(f"The theme {file.name} cannot be read.", path=str(file)) from problem
            themes[file.stem] = read_theme(file.stem, text, str(file))
    return themes


def _check(name: str, values: Mapping[str, object], path: str) -> None:
    known = {part.name: part for part in fields(Theme) if part.name != "name"}
    for key, value in values.items():
        if key not in known:
            raise ConfigProblem(f"The theme {name} sets `{key}`, which no part of the screen uses.", path=path)
        kind = {"dark": bool, "flat": bool, "scrim_share": float}.get(key, str)
        if not isinstance(value, kind):
            raise ConfigProblem(f"The theme {name} sets `{key}` to something else than it takes.", path=path)
        if isinstance(value, str) and not _COLOUR.fullmatch(value):
            raise ConfigProblem(f"The theme {name} sets `{key}` to {value!r}; colours are like #14161A.", path=path)
    missing = [key for key, part in known.items() if part.default is MISSING and key not in values]
    if missing:
        raise ConfigProblem(f"The theme {name} leaves out {', '.join(missing)}.", path=path)
