"""What can be done with a row of the wire pane, and with the recording that it belongs to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.overlays.text_screen import show_text
from chatgrid_tui.ui.terminal.clipboard import copy
from chatgrid_tui.ui.wire.recording_actions import RecordingActions, RecordingTask
from chatgrid_tui.ui.wire.request_actions import RequestActions
from chatgrid_tui.ui.wire.row_views import View, text_of, title_of, view_of

if TYPE_CHECKING:  # loaded when the pane is opened
    from chatgrid_tui.ui.wire.listing import Listing
    from chatgrid_tui.ui.wire.request_actions import RequestTask
    from chatgrid_tui.ui.wire.wire_log import WireLog, WireRow


class WireRowActions:
    """Copies rows, shows them in full, and uses their requests and recordings."""

    def __init__(self, page: Page, work: Work) -> None:
        self._page = page
        self._work = work
        self._requests = RequestActions(page, work)
        self._recordings = RecordingActions(page, work)

    def use_row(self, what: Literal["copy", "full"], log: WireLog, row: WireRow, view: View) -> None:
        """Copy the bytes of a row as text, or show a view of it in full."""
        if what == "full":
            show_text(self._page.app, f"{title_of(row)}, {view}", view_of(log, row, view).text)
            return
        has_bytes = row.kind in ("record", "line")
        text = text_of(log.data(row.at)) if has_bytes else view_of(log, row, "raw").text
        self._work.do(partial(self._copy_text, text, f"the bytes of {title_of(row).lower()}"), "copy")

    def use_request(self, task: RequestTask, shown: Listing, row: WireRow) -> None:
        """Copy the request that a row belongs to, or send it again."""
        self._requests.do(task, shown.session, shown.conversation, shown.reply, row.exchange)

    def use_recording(self, task: RecordingTask, shown: Listing) -> None:
        """Save the recording in a file, or keep it."""
        self._recordings.do(task, shown.session, shown.conversation, shown.reply)

    async def _copy_text(self, text: str, what: str) -> None:
        self._page.toast(await copy(self._page.app, text, what))
