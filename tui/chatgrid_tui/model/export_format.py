"""The formats in which conversations are exported."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Format: TypeAlias = Literal["markdown", "html", "text", "json"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
EXTENSIONS: Final[dict[Format, str]] = {"markdown": ".md", "html": ".html", "text": ".txt", "json": ".json"}


def format_of(name: str) -> Format | None:
    """Return the format of a file with this name, None if the name does not tell it."""
    lower = name.lower()
    return next((format_ for format_, extension in EXTENSIONS.items() if lower.endswith(extension)), None)
