"""The palette: every command with its key, and why one cannot work now."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from textual import on
from textual.app import App
from textual.widgets import Input

from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow

Result = TypeVar("Result")

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
    theme: str = ""
    """The theme that it chooses, if it does."""


class PaletteScreen(PickerScreen):
    """Returns the label of the command to run. While the arrows are on a theme, that theme is shown."""

    def __init__(self, commands: Sequence[Command], show_theme: Callable[[str], None]) -> None:
        """`show_theme` shows a theme, or the one in use for an empty name."""
        self._themes = {command.label: command.theme for command in commands}
        self._show_theme = show_theme
        titles = dict.fromkeys(command.group for command in commands)
        groups = [
            PickerGroup(title, [command_row(each, each.label) for each in commands if each.group == title])
            for title in titles
        ]
        super().__init__("Commands", groups, hints=_HINTS, placeholder="Type what you want to do")

    def action_move(self, by: int) -> None:
        """Choose another row, and show its theme. What is typed may find a theme by chance, so that shows none."""
        super().action_move(by)
        self._show_theme(self._themes.get(self.chosen or "", ""))

    @on(Input.Changed)
    def _typed_again(self) -> None:
        self._show_theme("")


def show_palette(app: App[Result], commands: Sequence[Command]) -> None:
    """Open the palette, and run what is chosen. A theme that was only shown is not kept."""
    in_use, by_label = app.theme, {command.label: command for command in commands}

    def show_theme(name: str) -> None:
        app.theme = name or in_use

    def run(label: str | None) -> None:
        if label is None or not by_label[label].theme:
            show_theme("")
        if label is not None:
            app.call_later(by_label[label].run)

    app.push_screen(PaletteScreen(commands, show_theme), run)


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
