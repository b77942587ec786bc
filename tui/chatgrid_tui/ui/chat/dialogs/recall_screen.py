"""The list of what was said before: type a few letters, and Enter puts the message into the composer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from chatgrid_tui.model.saved_conversation import SaidMessage
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow

_HINTS: Final = (
    KeyHint("close", ("escape",), "Close"),
    KeyHint("pick", ("enter",), "To the message"),
    KeyHint("move(1)", ("ctrl+r",), "Next", "chat.recall"),
)
_SHOWN: Final = 200
"""Characters of a message in its row."""
_SEARCHED: Final = 2_000
"""Characters of a message by which it is found."""


class RecallScreen(PickerScreen):
    """Returns the id of the row of a message, which `message` returns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # The key that opened it chooses the next row.
        Binding("ctrl+r", "move(1)", "Next", show=False, priority=True, id="chat.recall")
    ]

    def __init__(self, texts: Sequence[str]) -> None:
        """`texts` are those of the conversation on the screen, oldest first."""
        newest_first = tuple(dict.fromkeys(reversed(texts)))
        self._messages: dict[str, str | SaidMessage] = {f"here {n}": text for n, text in enumerate(newest_first)}
        self._own = PickerGroup("This conversation", [*map(_row, self._messages, newest_first)])
        super().__init__("Said before", [self._own], hints=_HINTS, placeholder="Type what you said")

    def add_others(self, messages: Sequence[SaidMessage]) -> None:
        """Show the messages of other conversations, newest first, after those of this one."""
        rows: list[PickerRow] = []
        for message in messages:
            row = f"turn {message.turn_id}"
            self._messages[row] = message
            place = clean_line(message.title, 40) or clean_line(message.board_name, 40)
            rows.append(_row(row, message.beginning, place))
        self.put([self._own, PickerGroup("Other conversations", rows, "offered")])

    def message(self, row: str) -> str | SaidMessage:
        """Return the message of a row: its text, or where that is."""
        return self._messages[row]


def _row(row: str, text: str, place: str = "") -> PickerRow:
    rest = clean_line(text[_SHOWN:_SEARCHED], _SEARCHED)
    return PickerRow(row, clean_line(text[: 2 * _SHOWN], _SHOWN) or "(blank)", also=rest, place=place)
