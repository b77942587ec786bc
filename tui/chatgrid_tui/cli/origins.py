"""Origins of web pages, given on the command line."""

from __future__ import annotations

from urllib.parse import urlsplit

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.text import clean_line


def check_origin(text: str) -> None:
    """Raise `UsageProblem` if a text is neither empty nor the origin of a web page."""
    if text and not _is_origin(text):
        raise UsageProblem(f"{clean_line(text, 200)} is not an origin. An origin looks like https://shop.example.")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            text == f"{parts.scheme}://{parts.netloc}" and parts.scheme in ("http", "https") and bool(parts.hostname)
        )
    except ValueError:
        return False
