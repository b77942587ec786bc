"""Asks where to save a file, and shows how much of it has arrived."""

from __future__ import annotations

from collections.abc import Callable, Set
from pathlib import Path
from typing import Final, TypeAlias

from chatgrid_tui.engine.download import LeadsElsewhere
from chatgrid_tui.errors import ChatgridError
from chatgrid_tui.session.downloads import Download
from chatgrid_tui.session.user_files import path_of
from chatgrid_tui.ui.overlays.name_screen import NameScreen

StartSaving: TypeAlias = Callable[[Path, Set[str]], Download[int]]
"""Starts to save the file to a path. It may come from these other hosts as well."""

_PROGRESS_EVERY: Final = 0.1


class SaveFileScreen(NameScreen):
    """Returns the name once the file is saved. Esc cancels the download, and without one closes the dialog."""

    def __init__(self, name: str, help_text: str, start: StartSaving, finished: Callable[[Path, int], None]) -> None:
        """`finished` is called with the path and the size of the file once that is saved."""
        super().__init__("Save file", name, help_text=help_text, make=self._save)
        self._start = start
        self._finished = finished
        self._download: Download[int] | None = None
        self._other_hosts: set[str] = set()
        """The hosts to which the file led, when Enter was pressed again."""

    def on_mount(self) -> None:
        """Show progress from time to time."""
        self.set_interval(_PROGRESS_EVERY, self._show_progress)

    def action_close(self) -> None:
        """Cancel the download, or close. Overrides `OverlayScreen.action_close`."""
        if self._download is None:
            super().action_close()
        else:
            self._download.cancel()

    async def _save(self, name: str) -> str:
        try:
            path = path_of(name)
            self._download = self._start(path, self._other_hosts)
            self._finished(path, await self._download.result())
        except LeadsElsewhere as problem:
            self._other_hosts.add(problem.host)
            return f"{problem} Press Enter again to load it from there."
        except ChatgridError as problem:
            return f"{problem} Nothing was saved."
        finally:
            self._download = None
        return ""

    def _show_progress(self) -> None:
        if self._download is not None:
            self._show_note(f"{self._download.progress} so far. Esc cancels.")
