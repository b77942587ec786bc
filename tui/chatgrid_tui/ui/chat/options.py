"""Changing the options of a conversation: between the overlay that shows them and the session that sends them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.overlays.layer import lies_over
from chatgrid_tui.ui.page import Page
from chatgrid_tui.ui.work import Work

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.chat.options_screen import Options


class ChatOptions:
    """Offers the options of a conversation, and lets it send what was chosen."""

    def __init__(self, page: Page, work: Work) -> None:
        self._page = page
        self._work = work

    def offer(self, session: Session, conversation: Conversation) -> None:
        """Show the options of a conversation, where its kind of service takes any."""
        from chatgrid_tui.ui.chat.options_screen import OptionsScreen

        dialect = DIALECTS[conversation.provider.kind]
        if not dialect.takes_options:
            self._page.toast(f"{dialect.name} takes no options.")
            return
        if lies_over(self._page.app, OptionsScreen):
            return  # what is typed there is not to be lost behind another

        def take(options: Options | None) -> None:
            if options is not None:
                self._work.do(partial(self._take, session, conversation, options), "options")

        self._page.app.push_screen(OptionsScreen(conversation), take)

    async def _take(self, session: Session, conversation: Conversation, options: Options) -> None:
        if (options.system, options.parameters) == (conversation.system, conversation.parameters):
            return
        await session.set_options(conversation, options.system, options.parameters)
        self._page.toast("The options go along with the next message.")
        self._page.show_status()
