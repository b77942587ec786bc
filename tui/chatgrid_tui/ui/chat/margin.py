"""The content of margin notes that replies do not contain themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.actions.action import keys_of
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.actions.wire import WIRE
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.navigation import Navigation

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.stream_report import StreamReport


class ConversationMargin:
    """Provides the reports of the replies on the screen, and the key that shows more of them."""

    def __init__(self, navigation: Navigation, keymap: Callable[[], Mapping[str, str]]) -> None:
        self._navigation = navigation
        self._keymap = keymap

    def report(self, turn: Turn, reply: Reply) -> StreamReport | None:
        """Return how a reply streamed, if this is available yet."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is None or conversation is None:
            return None
        return session.reports.get(conversation, turn, reply)

    def hint(self, signs: Signs) -> str:
        """Return the key of the wire pane and its name; empty if it has none."""
        keys = keys_of(WIRE, self._keymap())
        return f"{key_name(keys[0], signs)} {WIRE.label}" if keys and keys[0] else ""
