"""FormModel in a provider's form: how its fields and its draft go together, and what follows from what."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from chatgrid_tui.config.curl import FoundCommand, read_command
from chatgrid_tui.config.draft_lines import parameter_lines, plain_number
from chatgrid_tui.config.drafts import Draft, KeyPlace, kept_for_another, name_for, name_from
from chatgrid_tui.config.endpoints import base_address, kind_of_endpoint
from chatgrid_tui.config.keyrings import keyring_usable
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.dialects.dialect import Dialect, Preset
from chatgrid_tui.dialects.registry import DIALECTS, all_presets
from chatgrid_tui.model.json import Json
from chatgrid_tui.session.providers.provider_editor import Begun, places_for_keys, variable_words
from chatgrid_tui.ui.form.choice import FormChoice
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.flag import FormFlag
from chatgrid_tui.ui.form.lines import FormLines
from chatgrid_tui.ui.form.text import FormText
from chatgrid_tui.ui.providers.fields import PLACES, RowName, Spec


class FormModel:
    """The draft of a form, and what it began as."""

    def __init__(self, begun: Begun, begin_with: str = "") -> None:
        """`begin_with` is the id of a well-known server."""
        self.draft = begun.draft
        self.known = begun.known
        self._kept = begun.kept
        self._kind_chosen = False
        """Whether somebody chose the kind of service."""
        if not begun.known.editing:
            self._use_usual_address()
        self._use_preset(begin_with)
        self._began = copy.copy(self.draft)

    @property
    def touched(self) -> bool:
        """Whether anything stands in the form that did not at first."""
        return self.draft.differs(self._began)

    def forget(self) -> None:
        """Let what stands in the form now be what it began as: nobody wants to save it."""
        self._began = copy.copy(self.draft)

    def is_usual(self, row: RowName) -> bool:
        """Whether there stands in a field what stood there by itself, so that typing may take its place."""
        if row == "address":
            return self.draft.address.strip() in _usual_addresses()
        return row == "silence" and self.draft.silence == Draft().silence

    @property
    def preset(self) -> Preset | None:
        """The well-known server that the address is; None where it is none."""
        address, _ = base_address(self.draft.kind, self.draft.address)
        return next((preset for preset in self._dialect.presets if preset.base_url == address), None)

    @property
    def _dialect(self) -> Dialect:
        return DIALECTS[self.draft.kind]

    @property
    def whole(self) -> Draft:
        """The draft with a name, also where none was typed."""
        if self.draft.shown.strip() or self.known.editing:
            return self.draft
        return replace(self.draft, shown=self._usual_name())

    # From the fields into the draft

    def take(self, row: RowName, field: FormField) -> bool:
        """Take over what stands in a field; whether other fields have to follow."""
        match field:
            case FormText() | FormLines():
                if row == "key":
                    self.draft.key = Secret(field.value) if field.value else None
                else:
                    setattr(self.draft, row, field.value)
                if row == "address":
                    self._follow_endpoint()
                return row in ("address", "shown")
            case FormFlag():
                setattr(self.draft, row, field.value)
                return False
            case FormChoice():
                self._choose(row, field.value)
                return True
            case _:
                return False

    def take_command(self, command: str) -> list[tuple[str, str, str]]:
        """Take over what a cURL command says; return lines about what was taken and what was left out."""
        found = read_command(command)
        draft = self.draft
        if found.kind is not None and found.kind != draft.kind:
            draft.kind = found.kind
        if found.address:
            draft.address = found.address
        if found.variable:
            draft.key_from, draft.variable = "environment", found.variable
        elif found.key is not None:
            if draft.key_from not in ("keyring", "file"):
                draft.key_from = "keyring" if "keyring" in self._places() else "file"
            draft.key = found.key
        if found.board:
            draft.boards = found.board
        if found.headers:
            draft.headers = "\n".join(f"{name}: {value}" for name, value in found.headers)
        draft.key_header = found.key_header or draft.key_header
        draft.path = found.path or draft.path
        draft.system = found.system or draft.system
        self._take_parameters(dict(found.parameters))
        draft.private = draft.private or found.private
        return _taken_words(found)

    def _take_parameters(self, found: dict[str, Json]) -> None:
        """Put in the parameters of a command; what stands there besides stays."""
        draft = self.draft
        if not found:
            return
        old = draft.parameters.splitlines()
        draft.parameters = "\n".join(line for line in old if line.partition("=")[0].strip("\"' \t") not in found)
        draft.temperature = plain_number(found.pop("temperature", None)) or draft.temperature
        draft.max_tokens = plain_number(found.pop("max_tokens", None)) or draft.max_tokens
        if found:
            lines = (draft.parameters, parameter_lines(found))
            draft.parameters = "\n".join(part for part in lines if part.strip())

    def _choose(self, row: RowName, value: str) -> None:
        match row:
            case "kind":
                self.draft.kind, self._kind_chosen = value, True
                self._use_usual_address()
            case "server":
                if not self._use_preset(value) and self.preset is not None:
                    self.draft.address = ""
            case "key_from":
                self.draft.key_from = cast(KeyPlace, value)
            case "same_session":
                self.draft.same_session = bool(value)
            case _:
                setattr(self.draft, row, value)

    def _follow_endpoint(self) -> None:
        """Take the kind whose endpoint somebody put in, unless somebody chose another."""
        if not self._kind_chosen and not self.known.editing:
            self.draft.kind = kind_of_endpoint(self.draft.kind, self.draft.address) or self.draft.kind

    def _use_usual_address(self) -> None:
        """Put in where a kind usually answers, unless somebody typed another address."""
        if self.draft.address.strip() in _usual_addresses():
            self.draft.address = self._dialect.usual_address

    def _use_preset(self, preset_id: str) -> bool:
        """Fill in a well-known server. Return whether there is one of that id."""
        presets = all_presets()
        kind, preset = next((entry for entry in presets if entry[1].id == preset_id), ("", None))
        if preset is None:
            return False
        self.draft.kind, self.draft.address = kind, preset.base_url
        typed = self.draft.variable.strip() and self.draft.variable not in {other.variable for _, other in presets}
        if not preset.needs_key and not typed:
            self.draft.key_from = "none"
        elif preset.variable and not typed:
            self.draft.key_from, self.draft.variable = "environment", preset.variable
        return True

    # From the draft into the fields

    def put(self, row: RowName, field: FormField) -> None:
        """Show the draft in a field."""
        match field:
            case FormText() | FormLines():
                text = self._key_typed() if row == "key" else str(getattr(self.draft, row))
                field.put(text)
                if isinstance(field, FormText):
                    field.hint(self._hint(row))
            case FormFlag():
                field.put(bool(getattr(self.draft, row)))
            case FormChoice():
                if row == "key_from":
                    field.offer([(place, PLACES[place]) for place in self._places()])
                if row == "key_header":
                    usual, *others = DIALECTS[self.draft.kind].key_headers
                    field.offer([("", usual), *((name, name) for name in others)])
                field.put(self._chosen(row))
            case _:
                return

    def label(self, spec: Spec) -> str:
        """Return what a row is called."""
        return self._dialect.nouns.many.capitalize() if spec.name == "boards" else spec.label

    def words(self, spec: Spec, *, here: bool = False) -> str:
        """Return the help of a row; `here` is whether one is there, and there is room for more."""
        match spec.name:
            case "shown" if self.known.editing:
                return f"Shown in the switcher. In the file it stays {self.known.editing}."
            case "shown":
                return "Shown in the switcher and on the status line."
            case "address":
                return self._address_words()
            case "variable":
                return variable_words(self.draft.variable)
            case "key":
                return self._key_words()
            case "boards":
                return self._dialect.boards_help
            case "name":
                return "For the file and --provider. It cannot be changed later."
            case "key_from":
                return self._place_words(here)
            case _:
                return spec.words

    def _hint(self, row: RowName) -> str:
        """Return what stands in a field while nothing is typed."""
        if row == "shown":
            return self._usual_name() if self.draft.address.strip() else ""
        if row == "name":
            return name_from(self.whole.shown)
        if row == "key" and self._kept and not kept_for_another(self.draft, self.known):
            return f"{self._kept} is kept"
        return self._dialect.address_hint if row == "address" else ""

    def _key_typed(self) -> str:
        return self.draft.key.reveal() if self.draft.key is not None else ""

    def _chosen(self, row: RowName) -> str:
        if row == "server":
            return self.preset.id if self.preset is not None else ""
        if row == "same_session":
            return "yes" if self.draft.same_session else ""
        if row == "key_header" and self.draft.key_header not in DIALECTS[self.draft.kind].key_headers[1:]:
            return ""
        return str(getattr(self.draft, row))

    def _usual_name(self) -> str:
        taken = {known.casefold() for known in self.known.providers}
        taken |= {known.shown.casefold() for known in self.known.providers.values()}
        if self.preset is not None and not {self.preset.title.casefold(), self.preset.id} & taken:
            return self.preset.title
        return name_for(self.draft.address, taken)

    def _address_words(self) -> str:
        address, problem = base_address(self.draft.kind, self.draft.address)
        if problem or address == self.draft.address.strip():
            return "The address of the service, or of any of its endpoints."
        if (other := kind_of_endpoint(self.draft.kind, self.draft.address)) is not None:
            article = "an" if DIALECTS[other].name[0] in "AEIO" else "a"
            return f"This looks like {article} {DIALECTS[other].name} address. Saved as {address}"
        return f"Saved as {address}"

    def _places(self) -> tuple[KeyPlace, ...]:
        here = self.known.kept == "config" and self.known.editing
        return (*places_for_keys()[:-1], "config", "none") if here else places_for_keys()

    def _place_words(self, here: bool) -> str:
        kept = self.known.kept
        if kept in ("keyring", "file") and self.draft.key_from not in ("keyring", "file"):
            where = "the keyring" if kept == "keyring" else "keys.toml"
            return f"The key {self._kept} in {where} is taken out when you save."
        if self.draft.key_from == "config":
            return "It stands there in the open. Another place is safer."
        if self.draft.key_from == "none":
            return "The service is asked without a key."
        if here and not keyring_usable():
            return "The keyring needs one more package: chatgrid-tui[keyring]."
        return ""

    def _key_words(self) -> str:
        keyring = self.draft.key_from == "keyring"
        where = "the system's keyring" if keyring else "keys.toml, for you alone"
        if self.draft.key is None and (sentence := kept_for_another(self.whole, self.known)):
            return sentence
        if self._kept and self.draft.key is None:
            return (
                "Nothing typed keeps the one that is there."
                if self.known.kept == self.draft.key_from
                else (f"Nothing typed moves the one that is kept into {where}.")
            )
        typed = (
            f" It ends in {self.draft.key}." if self.draft.key is not None and len(str(self.draft.key)) > 1 else ""
        )
        return f"Kept in {where}.{typed}"


def _usual_addresses() -> set[str]:
    """Return the addresses that the form puts in by itself."""
    return {
        "",
        *(dialect.usual_address for dialect in DIALECTS.values()),
        *(preset.base_url for _, preset in all_presets()),
    }


def _taken_words(found: FoundCommand) -> list[tuple[str, str, str]]:
    """Return the lines that say what came of a command."""
    lines = [("Taken", "", _sentence(found.taken) or "Nothing. No address of a service is in this command.")]
    if found.left_out:
        lines.append(("Left out", "", _sentence(found.left_out)))
    if found.kind is None:
        lines.append(("Kind", "", "The command does not say which kind of service it is. Choose it above."))
    return lines


def _sentence(parts: Sequence[str]) -> str:
    words = ", ".join(parts)
    return f"{words[:1].upper()}{words[1:]}." if words else ""
