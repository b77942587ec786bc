"""The notices above the composer: what the user must not miss, or what the app is busy with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import App

from chatgrid_tui.ui.widgets.alert_lines import AlertLine, AlertLines

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.alerts import Alerts


class Notices:
    """Shows the alerts of the session. Those from before it has started are kept until then."""

    def __init__(self, lines: Callable[[], AlertLines], how_to_read: Callable[[], str]) -> None:
        """`lines` returns the widget that shows them, and `how_to_read` the key that shows them in full."""
        self._lines = lines
        self._how_to_read = how_to_read
        self._alerts: Alerts | None = None
        self._early: list[str] = []

    def begin(self, alerts: Alerts) -> None:
        """Show the alerts of a session that has started."""
        self._alerts = alerts
        for text in self._early:
            alerts.add(text)

    def add(self, text: str) -> None:
        """Show a message until it is dismissed."""
        if self._alerts is not None:
            self._alerts.add(text)
        else:
            self._early.append(text)

    def update(self) -> None:
        """Show the current conditions and messages."""
        if self._alerts is not None:
            self._lines().show(_lines_of(self._alerts), self._how_to_read())

    def show_progress(self, text: str) -> None:
        """Show what is being done before the session can start."""
        if self._alerts is None:
            self._lines().show((AlertLine(text, "live"),), "")

    def show_saving(self, text: str) -> None:
        """Show how long saving may still take."""
        self._lines().show((AlertLine(text),), "")

    def read(self, app: App[object]) -> bool:
        """Show all notices in full, and dismiss the messages among them. Return whether there were any."""
        from chatgrid_tui.ui.overlays.text_screen import show_text

        if self._alerts is None or not (lines := _lines_of(self._alerts)):
            return False
        show_text(app, "Notices", "\n\n".join(line.text for line in lines))
        self._alerts.dismiss()
        return True


def _lines_of(alerts: Alerts) -> tuple[AlertLine, ...]:
    """Return the alerts as lines: first unsaved data, then messages, then other conditions."""
    lines = [AlertLine(text) for text in alerts.messages]
    for condition in alerts.conditions:
        if condition.kind == "not saved":
            lines.insert(0, AlertLine(condition.text, "failed"))
        else:
            lines.append(AlertLine(condition.text))
    return tuple(lines)
