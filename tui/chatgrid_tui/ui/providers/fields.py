"""The fields of the provider's form: what they are called, what they take, and when they are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.config.drafts import Draft, KeyPlace, wants_allow_http
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.dialects.widget import PATHS
from chatgrid_tui.ui.form.choice import FormChoice
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.flag import FormFlag
from chatgrid_tui.ui.form.lines import FormLines
from chatgrid_tui.ui.form.text import FormText

RowName: TypeAlias = Literal[
    "kind", "server", "shown", "address", "allow_http", "key_from", "variable", "command", "key", "boards",
    "production", "more", "name", "same_session", "path", "key_header", "private", "system", "temperature",
    "max_tokens", "parameters", "silence", "headers",
]  # fmt: skip

BeginAt: TypeAlias = Literal["name", "key", "boards"]
"""What a provider is edited for, and so where its form begins."""
KEY_ROWS: Final[tuple[RowName, ...]] = ("variable", "command", "key")
"""The rows that say what the key is; at most one is shown."""

PLACES: Final[dict[KeyPlace, str]] = {
    "environment": "Environment",
    "command": "Command",
    "keyring": "Keyring",
    "file": "File",
    "config": "In config.toml",
    "none": "None",
}
"""What the places of keys are called."""
_PRODUCTION_WORDS: Final = "Real customers read this. The status line, the switcher and the composer say so."
SAME_SESSION: Final = (("", "New user"), ("yes", "Same session"))


@dataclass(frozen=True, slots=True)
class Spec:
    """A row of the form."""

    name: RowName
    label: str
    make: Callable[[], FormField]
    there: Callable[[Draft], bool] = lambda draft: True
    """Whether the row is there for such a draft."""
    more: bool = False
    """Whether it is rarely used, and so folded away."""
    words: str = ""
    """The help, where it is always the same."""


def _only(*kinds: str) -> Callable[[Draft], bool]:
    return lambda draft: draft.kind in kinds


def _from(*places: KeyPlace) -> Callable[[Draft], bool]:
    return lambda draft: draft.key_from in places


def _either(values: Sequence[str]) -> FormChoice:
    """Return a choice of which the first is what is so anyway."""
    return FormChoice([("", values[0]), *((value, value) for value in values[1:])])


SPECS: Final = (
    Spec("kind", "Kind", lambda: FormChoice([(kind, DIALECTS[kind].name) for kind in DIALECTS])),
    Spec(
        "server",
        "Server",
        lambda: FormChoice([*((preset.id, preset.title) for _, preset in all_presets()), ("", "Another")]),
        _only("openai"),
    ),
    Spec("shown", "Name", FormText),
    Spec("address", "Address", lambda: FormText(for_address=True)),
    Spec(
        "allow_http",
        "Plain http",
        lambda: FormFlag("Send unprotected all the same.", loud=True),
        lambda draft: draft.allow_http or wants_allow_http(draft),
        words="Key and messages could be read on the way to that machine.",
    ),
    Spec("key_from", "Key from", lambda: FormChoice([])),
    Spec("variable", "Variable", FormText, _from("environment")),
    Spec(
        "command",
        "Command",
        FormText,
        _from("command"),
        words="Prints the key, such as op read op://work/acme/key. No shell runs it.",
    ),
    Spec("key", "Key", lambda: FormText(secret=True), _from("keyring", "file")),
    Spec("boards", "Boards", FormText),
    Spec("production", "Production", lambda: FormFlag(_PRODUCTION_WORDS, loud=True)),
    Spec("name", "Short name", FormText, more=True),
    Spec(
        "same_session",
        "New talk",
        lambda: FormChoice(SAME_SESSION),
        _only("widget"),
        more=True,
        words="What a new conversation is to the widget.",
    ),
    Spec("path", "Path", lambda: _either(PATHS), _only("widget"), more=True),
    Spec("key_header", "Key header", lambda: FormChoice([]), _only("widget", "openai"), more=True),
    Spec(
        "private",
        "Private mode",
        lambda: FormFlag("Nothing is stored at ChatIQ."),
        _only("chatiq"),
        more=True,
        words="What was said before goes along with each message.",
    ),
    Spec(
        "system",
        "System prompt",
        FormLines,
        _only("openai"),
        more=True,
        words="Optional. Goes before each conversation.",
    ),
    Spec("temperature", "Temperature", FormText, _only("openai"), more=True, words="Optional, such as 0.7."),
    Spec("max_tokens", "Most tokens", FormText, _only("openai"), more=True, words="Optional. Ends longer replies."),
    Spec(
        "parameters",
        "Parameters",
        FormLines,
        _only("openai"),
        more=True,
        words="Optional. Any other, one a line: top_p = 0.9",
    ),
    Spec("silence", "Silence", FormText, more=True, words="Seconds without text after which `send` gives up."),
    Spec(
        "headers",
        "Headers",
        FormLines,
        more=True,
        words="Optional. One a line: Origin: https://www.acme.example",
    ),
)
"""All rows, in the order of the form. Those behind the fold come last."""
