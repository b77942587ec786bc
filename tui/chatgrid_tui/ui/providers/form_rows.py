"""The rows of the provider's form: some are its own, the others follow from the options that kinds declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from chatgrid_tui.config.provider_fields import KeyPlace, ProviderFields, wants_allow_http
from chatgrid_tui.dialects.options import ALLOW_HTTP, BASE_URL, BOARDS, COMMON, TITLE, Option
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.ui.form.choice import FormChoice
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.flag import FormFlag
from chatgrid_tui.ui.form.lines import FormLines
from chatgrid_tui.ui.form.text import FormText

BeginAt: TypeAlias = Literal["name", "key", "boards"]
"""What a provider is edited for, and so where its form begins."""
KEY_ROWS: Final = ("variable", "command", "key")
"""The rows that say what the key is; at most one is shown."""
KEY_PLACES: Final[dict[KeyPlace, str]] = {
    "environment": "Environment",
    "command": "Command",
    "keyring": "Keyring",
    "file": "File",
    "config": "In config.toml",
    "none": "None",
}
"""What the places of keys are called."""


@dataclass(frozen=True, slots=True)
class RowSpec:
    """A row of the form. Its name is that of an option, or of one of the rows that are no option."""

    name: str
    label: str
    make: Callable[[], FormField]
    applies_to: Callable[[ProviderFields], bool] = lambda fields: True
    """Whether the row is shown for what is typed."""
    advanced: bool = False
    """Whether it is rarely used, and so folded away."""
    help: str = ""


def row_specs() -> tuple[RowSpec, ...]:
    """Return all rows, in the order of the form. Those behind the fold come last."""
    first = (TITLE, BASE_URL, ALLOW_HTTP, BOARDS)
    rest = [option for option in COMMON if option not in first]
    of_kinds = {option.name: option for dialect in DIALECTS.values() for option in dialect.options}
    plain = [option for option in (*rest, *of_kinds.values()) if not option.advanced]
    advanced = [option for option in (*of_kinds.values(), *rest) if option.advanced]
    return (
        RowSpec("kind", "Kind", lambda: FormChoice([(kind, dialect.name) for kind, dialect in DIALECTS.items()])),
        RowSpec("server", "Server", lambda: FormChoice([]), lambda fields: bool(fields.dialect.presets)),
        *map(_option_row, (TITLE, BASE_URL, ALLOW_HTTP)),
        RowSpec("key_from", "Key from", lambda: FormChoice([])),
        RowSpec("variable", "Variable", FormText, _key_from("environment")),
        RowSpec(
            "command",
            "Command",
            FormText,
            _key_from("command"),
            help="Prints the key, such as op read op://work/acme/key. No shell runs it.",
        ),
        RowSpec("key", "Key", lambda: FormText(secret=True), _key_from("keyring", "file")),
        *map(_option_row, (BOARDS, *plain)),
        RowSpec("name", "Short name", FormText, advanced=True),
        *map(_option_row, advanced),
    )


def _option_row(option: Option) -> RowSpec:
    def applies_to(fields: ProviderFields) -> bool:
        if option == ALLOW_HTTP:
            return bool(fields.typed(ALLOW_HTTP)) or wants_allow_http(fields)
        return fields.dialect.option(option.name) is not None

    return RowSpec(option.name, option.label, lambda: _field_of(option), applies_to, option.advanced, option.help)


def _field_of(option: Option) -> FormField:
    """Return the widget that an option is filled in with."""
    match option.type:
        case "text" | "address" | "number" | "texts":
            return FormText(secret=option.secret, for_address=option.type == "address")
        case "lines" | "headers" | "parameters":
            return FormLines()
        case "flag":
            return FormFlag(option.meaning, loud=option.risky)
        case "choice":
            return FormChoice([])


def _key_from(*places: KeyPlace) -> Callable[[ProviderFields], bool]:
    return lambda fields: fields.key_from in places
