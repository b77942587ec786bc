"""The palette: every command with its key, and why one cannot work now."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final

from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow
from chatgrid_tui.ui.widgets.key_bar import KeyHint

_HINTS: Final = (KeyHint("close", ("escape",), "Close"), KeyHint("pick", ("enter",), "Run"))


@dataclass(frozen=True, slots=True)
class Command:
    """Something that the palette runs."""

    group: str
    label: str
    description: str
    run: Callable[[], Coroutine[object, object, None] | None]
    key: str = ""
    """The name of its key."""
    refusal: str = ""
    """Why it cannot work now."""


class PaletteScreen(PickerScreen):
    """Returns the label of the command to run."""

    def __init__(self, commands: Sequence[Command]) -> None:
        titles = dict.fromkeys(command.group for command in commands)
        groups = [
            PickerGroup(title, [command_row(each, each.label) for each in commands if each.group == title])
            for title in titles
        ]
        super().__init__("Commands", groups, hints=_HINTS, placeholder="Type what you want to do")


def command_row(command: Command, row_id: str) -> PickerRow:
    """Return the row of a command in a list."""
    return PickerRow(
        row_id,
        command.label,
        command.refusal or command.description,
        state=command.key,
        also=command.description,
        unavailable=bool(command.refusal),
    )
