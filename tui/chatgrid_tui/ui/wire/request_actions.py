"""Actions on the request of a reply: copy it for another program, and send it again."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import Page
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.terminal.clipboard import copy

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.engine.recording import Recording
    from chatgrid_tui.session.session import Session

RequestTask: TypeAlias = Literal["curl", "httpx", "resend"]
"""Copy the request as a command or as a program, or send it again."""
NEWEST: Final = -1
"""The last request of a reply, which is the one that was answered."""


class RequestActions:
    """Performs an action on a request of a reply."""

    def __init__(self, page: Page, work: Work) -> None:
        self._page = page
        self._work = work

    def do(
        self, task: RequestTask, session: Session, conversation: Conversation, reply: Reply, number: int = NEWEST
    ) -> None:
        """Perform an action on the request of a reply with this number, from 0."""
        self._work.do(partial(self._do, task, session, conversation, reply, number), "request")

    async def _do(
        self, task: RequestTask, session: Session, conversation: Conversation, reply: Reply, number: int
    ) -> None:
        turn = next((turn for turn in conversation.turns if reply in turn.replies), None)
        if turn is None:
            return
        try:
            recording = await _recording(session, conversation, turn, reply, number)
            if task == "resend":
                self._resend(session, conversation, turn, recording)
            else:
                await self._copy(task, session, conversation, recording)
        except UsageProblem as problem:
            self._page.toast(str(problem))

    async def _copy(
        self, form: Literal["curl", "httpx"], session: Session, conversation: Conversation, recording: Recording
    ) -> None:
        from chatgrid_tui.session.copied_request import copied_request

        provider = session.clients.current(conversation.provider)
        source = session.clients.settings.key_sources.get(provider.name)
        request = await asyncio.to_thread(copied_request, recording, provider, source, form)
        name = {"curl": "cURL", "httpx": "httpx"}[form]
        sentences = [await copy(self._page.app, request.text, f"the request as {name}")]
        if request.variables:
            sentences.append(f"It reads {' and '.join(f'${variable}' for variable in request.variables)}.")
        if request.body_file is not None:
            sentences.append(f"Its body is in {request.body_file}.")
        self._page.toast(" ".join(sentences))

    def _resend(self, session: Session, conversation: Conversation, turn: Turn, recording: Recording) -> None:
        """Send a request again; ask first if the service may store the message twice."""
        from chatgrid_tui.session.wording.failures import resend_warning
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen

        def answered(answer: int | None) -> None:
            if answer == 0:
                try:
                    session.outbox.resend(conversation, turn, recording)
                except UsageProblem as problem:
                    self._page.toast(str(problem))

        session.outbox.check_resend(conversation, turn, recording)
        if not (warning := resend_warning(conversation.resend)):
            answered(0)
        elif not lies_over(self._page.app, ConfirmScreen):
            screen = ConfirmScreen("Send this request again?", warning, ("Send again", "Cancel"))
            self._page.app.push_screen(screen, answered)


async def _recording(
    session: Session, conversation: Conversation, turn: Turn, reply: Reply, number: int
) -> Recording:
    """Return the recording of a request.

    Raises:
        UsageProblem: there is none.
    """
    from chatgrid_tui.session.details import why_not_recorded

    recordings = (await session.wire_facts(conversation, reply)).recordings
    try:
        return recordings[number]
    except IndexError:
        raise UsageProblem(why_not_recorded(turn, reply)) from None
