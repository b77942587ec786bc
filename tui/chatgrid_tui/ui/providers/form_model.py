"""The values in a provider's form, and what is derived from them: other fields, help, hints and choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from chatgrid_tui.config.curl import CurlCommand, read_command
from chatgrid_tui.config.endpoints import base_address, kind_of_endpoint
from chatgrid_tui.config.field_text import header_lines
from chatgrid_tui.config.option_values import Typed, as_pairs, merged_lines, typed_value
from chatgrid_tui.config.provider_fields import KeyPlace, ProviderFields, name_for, name_from, stored_for_another
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.stored_keys import keyring_usable
from chatgrid_tui.dialects.dialect import Preset
from chatgrid_tui.dialects.options import BASE_URL, BOARDS, Option
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.model.provider import OptionValue
from chatgrid_tui.session.providers.provider_editor import EditStart, places_for_keys, variable_help


class FormModel:
    """The fields of a form, and their initial values."""

    def __init__(self, start: EditStart, preset_id: str = "") -> None:
        """`preset_id` is the id of a well-known server to start with."""
        self.fields = start.fields
        self.context = start.context
        self._stored = start.stored
        self._kind_chosen = False
        if not start.context.editing:
            self._use_usual_address()
        self._use_preset(preset_id)
        self._began = self.fields.copy()

    @property
    def touched(self) -> bool:
        """Whether a value differs from the initial one."""
        return self.fields.differs(self._began)

    def forget(self) -> None:
        """Treat the current values as saved."""
        self._began = self.fields.copy()

    def is_default(self, row: str) -> bool:
        """Return whether the value of a field was filled in for the user, so that typing may replace it."""
        if row == BASE_URL.name:
            return self.fields.address.strip() in _usual_addresses()
        option = self._option(row)
        return (
            option is not None and option.type == "number" and self.value(row) == typed_value(option.default, option)
        )

    @property
    def preset(self) -> Preset | None:
        """The well-known server at the address, or None."""
        address, _ = base_address(self.fields.kind, self.fields.address)
        return next((preset for preset in self.fields.dialect.presets if preset.base_url == address), None)

    @property
    def filled(self) -> ProviderFields:
        """The fields, with a name even if none was typed."""
        if self.fields.title.strip() or self.context.editing:
            return self.fields
        return self.fields.with_options(title=self._usual_name())

    # From the rows into the fields

    def take(self, row: str, value: Typed) -> None:
        """Update the fields with what the user entered in a row."""
        match row:
            case "kind":
                self.fields.kind, self._kind_chosen = str(value), True
                self._use_usual_address()
            case "server":
                if not self._use_preset(str(value)) and self.preset is not None:
                    self._put_option(BASE_URL, "")
            case "key_from":
                self.fields.key_from = cast(KeyPlace, value)
            case "key":
                self.fields.key = Secret(str(value)) if value else None
            case "name" | "variable" | "command":
                setattr(self.fields, row, value)
            case _:
                self.fields.options[row] = value
        if row == BASE_URL.name:
            self._follow_endpoint()

    def take_command(self, command: str) -> list[tuple[str, str, str]]:
        """Fill in the fields from a cURL command. Return lines about what was used and what was left out."""
        read = read_command(command)
        fields = self.fields
        if read.kind is not None:
            fields.kind = read.kind
        if read.address:
            self._put_option(BASE_URL, read.address)
        if read.variable:
            fields.key_from, fields.variable = "environment", read.variable
        elif read.key is not None:
            if fields.key_from not in ("keyring", "file"):
                fields.key_from = "keyring" if "keyring" in self._places() else "file"
            fields.key = read.key
        if read.board:
            self._put_option(BOARDS, read.board)
        if read.headers:
            fields.options["headers"] = header_lines(read.headers)
        for name, value in read.options.items():
            if (option := fields.dialect.option(name)) is not None and value:
                self._take_value(option, value)
        return _taken_lines(read)

    def _take_value(self, option: Option, value: OptionValue) -> None:
        """Fill in the value of an option. Parameters that are already typed are kept, unless they are set again."""
        if option.type != "parameters":
            self._put_option(option, typed_value(value, option))
            return
        parameters = dict(as_pairs(value))
        replaced = tuple(parameters)
        for other in self.fields.dialect.options:
            if other.inside == option.name and other.name in parameters:
                self._put_option(other, typed_value(cast(OptionValue, parameters.pop(other.name)), other))
        self._put_option(option, merged_lines(str(self.value(option.name)), parameters, replaced))

    def _put_option(self, option: Option, typed: Typed) -> None:
        self.fields.options[option.name] = typed

    def _follow_endpoint(self) -> None:
        """Choose the kind that an endpoint belongs to, unless the user chose another."""
        if not self._kind_chosen and not self.context.editing:
            self.fields.kind = kind_of_endpoint(self.fields.kind, self.fields.address) or self.fields.kind

    def _use_usual_address(self) -> None:
        """Fill in the usual address of a kind, unless the user typed another address."""
        if self.fields.address.strip() in _usual_addresses():
            self._put_option(BASE_URL, self.fields.dialect.usual_address)

    def _use_preset(self, preset_id: str) -> bool:
        """Fill in a well-known server. Return whether there is one with this id."""
        presets = all_presets()
        kind, preset = next((entry for entry in presets if entry[1].id == preset_id), ("", None))
        if preset is None:
            return False
        fields = self.fields
        fields.kind = kind
        self._put_option(BASE_URL, preset.base_url)
        typed = fields.variable.strip() and fields.variable not in {other.variable for _, other in presets}
        if not preset.needs_key and not typed:
            fields.key_from = "none"
        elif preset.variable and not typed:
            fields.key_from, fields.variable = "environment", preset.variable
        return True

    # From the fields into the rows

    def value(self, row: str) -> Typed:
        """Return the value of a row."""
        match row:
            case "kind" | "key_from" | "name" | "variable" | "command":
                return str(getattr(self.fields, row))
            case "server":
                return self.preset.id if self.preset is not None else ""
            case "key":
                return self.fields.key.reveal() if self.fields.key is not None else ""
        if (option := self._option(row)) is None:
            return ""
        typed = self.fields.typed(option)
        return option.choices[0] if option.choices and typed not in option.choices else typed

    def offered(self, row: str) -> tuple[str, ...]:
        """Return the values that can be chosen in a row."""
        match row:
            case "kind":
                return tuple(DIALECTS)
            case "server":
                return (*(preset.id for preset in self.fields.dialect.presets), "")
            case "key_from":
                return self._places()
        option = self._option(row)
        return option.choices if option is not None else ()

    def hint(self, row: str) -> str:
        """Return the hint in an empty field."""
        match row:
            case "title":
                return self._usual_name() if self.fields.address.strip() else ""
            case "name":
                return name_from(self.filled.title)
            case "key" if self._stored and not stored_for_another(self.fields, self.context):
                return "A key is stored" if self._stored == "…" else f"{self._stored} is stored"
            case "base_url":
                return self.fields.dialect.address_hint
            case _:
                return ""

    def label(self, option: Option) -> str:
        """Return the label of an option's row."""
        return self.fields.dialect.nouns.many.capitalize() if option == BOARDS else option.label

    def help(self, option: Option, *, focused: bool = False) -> str:
        """Return the help of a row. `focused` is whether it has the focus, and there is room for more."""
        match option.name:
            case "title" if self.context.editing:
                return f"Shown in the switcher. In the file it stays {self.context.editing}."
            case "title":
                return "Shown in the switcher and on the status line."
            case "base_url":
                return self._address_help()
            case "variable":
                return variable_help(self.fields.variable)
            case "key":
                return self._key_help()
            case "boards":
                return self.fields.dialect.boards_help
            case "name":
                return "For the file and --provider. It cannot be changed later."
            case "key_from":
                return self._place_help(focused)
            case _:
                return (self._option(option.name) or option).help

    def _option(self, row: str) -> Option | None:
        return self.fields.dialect.option(row)

    def _usual_name(self) -> str:
        taken = {name.casefold() for name in self.context.providers}
        taken |= {provider.shown.casefold() for provider in self.context.providers.values()}
        if self.preset is not None and not {self.preset.title.casefold(), self.preset.id} & taken:
            return self.preset.title
        return name_for(self.fields.address, taken)

    def _address_help(self) -> str:
        address, problem = base_address(self.fields.kind, self.fields.address)
        if problem or address == self.fields.address.strip():
            return "The address of the service, or of any of its endpoints."
        if (other := kind_of_endpoint(self.fields.kind, self.fields.address)) is not None:
            article = "an" if DIALECTS[other].name[0] in "AEIO" else "a"
            return f"This looks like {article} {DIALECTS[other].name} address. Saved as {address}"
        return f"Saved as {address}"

    def _places(self) -> tuple[KeyPlace, ...]:
        in_config = self.context.stored == "config" and self.context.editing
        return (*places_for_keys()[:-1], "config", "none") if in_config else places_for_keys()

    def _place_help(self, focused: bool) -> str:
        stored, place = self.context.stored, self.fields.key_from
        if stored in ("keyring", "file") and place not in ("keyring", "file"):
            where = "the keyring" if stored == "keyring" else "keys.toml"
            key = f"key {self._stored}".rstrip(" …")
            return f"The {key} in {where} is removed when you save."
        if place == "config":
            return "It is plain text there. Another place is safer."
        if place == "none":
            return "Requests are sent without a key."
        if focused and not keyring_usable():
            return "The keyring needs one more package: chatgrid-tui[keyring]."
        return ""

    def _key_help(self) -> str:
        key, place = self.fields.key, self.fields.key_from
        where = "the system's keyring" if place == "keyring" else "keys.toml, readable only by you"
        if key is None and (sentence := stored_for_another(self.filled, self.context)):
            return sentence
        if self._stored and key is None:
            if self.context.stored == place:
                return "Leave it empty to keep the stored key."
            return f"Leave it empty to move the stored key to {where}."
        typed = f" It ends in {key}." if key is not None and len(str(key)) > 1 else ""
        return f"Stored in {where}.{typed}"


def _usual_addresses() -> set[str]:
    """Return the addresses that the form fills in for the user."""
    usual = {dialect.usual_address for dialect in DIALECTS.values()}
    return {"", *usual, *(preset.base_url for _, preset in all_presets())}


def _taken_lines(command: CurlCommand) -> list[tuple[str, str, str]]:
    """Return lines about what was used of a command."""
    lines = [("Taken", "", _sentence(command.taken) or "Nothing: this command has no address of a service.")]
    if command.left_out:
        lines.append(("Left out", "", _sentence(command.left_out)))
    if command.kind is None:
        lines.append(("Kind", "", "The command does not say which kind of service it is. Choose it above."))
    return lines


def _sentence(parts: Sequence[str]) -> str:
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
