"""The rows of the provider's form: some are special, the others follow from the declared options of kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from chatgrid_tui.config.provider_fields import KeyPlace, ProviderFields, holds_a_key, wants_allow_http
from chatgrid_tui.dialects.options import ALLOW_HTTP, BASE_URL, BOARDS, COMMON, TITLE, Option
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.ui.form.fields import ChoiceField, Field, FlagField, LineField, LinesField
from chatgrid_tui.ui.form.row import FormRow

BeginAt: TypeAlias = Literal["title", "key", "boards"]
"""The purpose of editing a provider, which decides the first field to edit."""
KEY_ROWS: Final = ("variable", "command", "key")
"""The rows that define the key; at most one is shown."""
KEY_PLACES: Final[dict[KeyPlace, str]] = {
    "environment": "Environment variable",
    "command": "Command",
    "keyring": "Typed here, stored in the keyring",
    "file": "Typed here, stored in keys.toml",
    "config": "In config.toml",
    "none": "None",
}
"""The labels of the places for keys."""


@dataclass(frozen=True, slots=True)
class RowSpec:
    """A row of the form, for an option or for one of the few other values."""

    option: Option
    """What is typed. If the row is not for an option, this defines its looks."""
    applies_to: Callable[[ProviderFields], bool] = lambda fields: True
    """Whether the row is shown for the current values."""
    choices: dict[str, str] = field(default_factory=dict)
    """All values that can be chosen, with their labels, whatever the kind."""

    @property
    def name(self) -> str:
        """The name of the row."""
        return self.option.name

    def row(self) -> FormRow:
        """Return the row."""
        option = self.option
        return FormRow(option.name, option.label, self._field(), option.help, option.meaning)

    def _field(self) -> Field:
        """Return the widget for the type of the option."""
        option = self.option
        match option.type:
            case "text" | "address" | "number" | "texts":
                for_name = option.name in (TITLE.name, "name")
                return LineField(
                    secret=option.secret,
                    for_address=option.type == "address",
                    for_name=for_name,
                    for_command=True,
                    refuses=holds_a_key if for_name else None,
                )
            case "lines" | "headers" | "parameters":
                return LinesField(for_command=True)
            case "flag":
                return FlagField(classes="-risky" if option.risky else "")
            case "choice":
                return ChoiceField(self.choices)


def row_specs() -> tuple[RowSpec, ...]:
    """Return all rows in the order of the form. The advanced ones come last."""
    first = (TITLE, BASE_URL, ALLOW_HTTP, BOARDS)
    rest = [option for option in COMMON if option not in first]
    of_kinds = {option.name: option for dialect in DIALECTS.values() for option in dialect.options}
    plain = [option for option in (*rest, *of_kinds.values()) if not option.advanced]
    advanced = [option for option in (*of_kinds.values(), *rest) if option.advanced]
    kinds = {kind: dialect.name for kind, dialect in DIALECTS.items()}
    servers = {preset.id: preset.title for _, preset in all_presets()}
    command_help = "Prints the key, such as op read op://work/acme/key. No shell runs it."
    return (
        RowSpec(Option("kind", "Kind", "choice"), choices=kinds),
        RowSpec(
            Option("server", "Server", "choice"),
            lambda fields: bool(fields.dialect.presets),
            {**servers, "": "Another"},
        ),
        *map(_option_row, (TITLE, BASE_URL, ALLOW_HTTP)),
        RowSpec(
            Option("key_from", "Key from", "choice"),
            choices=dict(KEY_PLACES.items()),
        ),
        RowSpec(Option("variable", "Variable"), _key_from("environment")),
        RowSpec(Option("command", "Command", help=command_help), _key_from("command")),
        RowSpec(Option("key", "Key", secret=True), _key_from("keyring", "file")),
        *map(_option_row, (BOARDS, *plain)),
        RowSpec(Option("name", "Short name", advanced=True)),
        *map(_option_row, advanced),
    )


def _option_row(option: Option) -> RowSpec:
    def applies_to(fields: ProviderFields) -> bool:
        if option == ALLOW_HTTP:
            return bool(fields.typed(ALLOW_HTTP)) or wants_allow_http(fields)
        return fields.dialect.option(option.name) is not None

    same_name = (dialect.option(option.name) for dialect in DIALECTS.values())
    choices = {value: label for other in same_name if other is not None for value, label in labels_of(other).items()}
    return RowSpec(option, applies_to, choices)


def labels_of(option: Option) -> dict[str, str]:
    """Return the values of an option with their labels, or nothing if it is not a choice."""
    return dict(zip(option.choices, option.choice_labels or option.choices, strict=True))


def _key_from(*places: KeyPlace) -> Callable[[ProviderFields], bool]:
    return lambda fields: fields.key_from in places
