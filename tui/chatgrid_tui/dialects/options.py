"""The options of a provider. Each is declared once: its place in the configuration, its checks, its row in the form
and its line in `doctor` are derived from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.model.provider import SKIP_TRUTH_CHECK, OptionValue

OptionType: TypeAlias = Literal[
    "text", "address", "lines", "flag", "choice", "number", "texts", "headers", "parameters"
]


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `default` is its value if a configuration does not have it; it is then not written either."""

    name: str
    """Its key in the provider's table."""
    label: str
    type: OptionType = "text"
    default: OptionValue = ""
    help: str = ""
    advanced: bool = False
    """Whether it is rarely used, and therefore hidden at first in the form."""
    secret: bool = False
    """Whether its value is hidden on the screen and left out of reports."""
    inside: str = ""
    """The option of type `parameters` whose table contains it; empty if it is in the provider's table."""
    longest: int = 0
    """The most characters of a text; 0 for any number."""

    # Flags

    meaning: str = ""
    """A sentence next to the checkbox on what the flag means."""
    risky: bool = False
    """Whether a set flag deserves a warning."""

    # Choices

    choices: tuple[str, ...] = ()
    """The possible values. The default, an empty text, means the first."""
    choice_labels: tuple[str, ...] = ()
    """Their labels in the form; the values themselves if empty."""

    # Numbers

    above: float | None = None
    least: float | None = None
    whole: bool = False
    unit: str = ""

    # Parameters

    reserved: frozenset[str] = frozenset()
    """Names that every message already sets."""
    numbers: frozenset[str] = frozenset()
    """Names whose values are numbers."""


BASE_URL: Final = Option("base_url", "Address", "address")
TITLE: Final = Option("title", "Name", longest=60)
ALLOW_HTTP: Final = Option(
    "allow_http",
    "Plain http",
    "flag",
    default=False,
    meaning="Send without encryption.",
    risky=True,
    help="Key and messages could be read on the way to that machine.",
)
BOARDS: Final = Option("boards", "Boards", "texts", default=(), longest=500)
COMMON: Final = (
    BASE_URL,
    TITLE,
    BOARDS,
    Option(
        "production",
        "Production",
        "flag",
        default=False,
        meaning="Real customers read this. The status line, the switcher and the composer say so.",
        risky=True,
    ),
    ALLOW_HTTP,
    Option(
        "silence_timeout",
        "Silence",
        "number",
        default=60.0,
        help="Seconds without text after which `send` gives up.",
        advanced=True,
        above=0.0,
        unit="seconds",
    ),
    Option(
        "headers",
        "Headers",
        "headers",
        default=(),
        help="Optional. One per line: Origin: https://www.acme.example",
        advanced=True,
        secret=True,
    ),
)
"""The options that every kind has, in the order of writing."""


SKIP_TRUTH_CHECK_OPTION: Final = Option(
    SKIP_TRUTH_CHECK,
    "Truth check",
    "flag",
    default=False,
    meaning="Do not compare replies with what is stored.",
    help="It takes one request after each reply, and two more if they are not the same.",
    advanced=True,
)


def key_header_option(key_headers: tuple[str, ...]) -> Option:
    """Return the option for choosing among the headers that may carry a key."""
    return Option("key_header", "Key header", "choice", choices=key_headers, advanced=True)
