"""The state of a place, which the switcher shows at the right end of its row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from chatgrid_tui.demo.catalogue import DEMO_TITLES
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.provider_health import ProviderHealth
from chatgrid_tui.model.saved_conversation import LIVE_STATES, ConversationRow
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.session.wording.endings import STATE_NAMES
from chatgrid_tui.ui.switching.destinations import (
    AddProvider,
    Destination,
    MakeBoard,
    ToBoard,
    ToConversation,
    ToProvider,
)
from chatgrid_tui.ui.widgets.tone import Tone

PRODUCTION = "PRODUCTION"
NOT_CONFIGURED = "provider is not configured"
NOT_RUNNING = "local bots are not running"


class RowStates:
    """Describes the current state of places."""

    def __init__(
        self,
        session: Session,
        here: Conversation,
        waiting: Callable[[int], bool],
    ) -> None:
        """`here` is the conversation on the screen. `waiting` returns whether a conversation needs attention."""
        self._session = session
        self._here = here
        self._waiting = waiting

    def of(self, target: Destination | None) -> tuple[str, Tone]:
        """Return the text for a row, and its tone."""
        match target:
            case ToConversation(number):
                row = self._session.index.get(number)
                return ("deleted", "quiet") if row is None else self._conversation(row)
            case ToBoard(provider, board):
                if self._session.recents.is_gone(provider.name, board.id):
                    return "no such board", "failed"
                is_current = (self._here.provider.name, self._here.board.id) == (provider.name, board.id)
                return self._provider(provider, "here" if is_current else "")
            case ToProvider(provider):
                return self._provider(provider, "")
            case MakeBoard() | AddProvider() | None:
                return "", "quiet"
            case _:
                assert_never(target)

    def _conversation(self, row: ConversationRow) -> tuple[str, Tone]:
        provider = self._session.clients.settings.providers.get(row.provider)
        if provider is None:
            return (NOT_RUNNING, "quiet") if row.provider in DEMO_TITLES else (NOT_CONFIGURED, "failed")
        if self._waiting(row.id):
            return "Waiting", "waiting"
        if row.state in LIVE_STATES:
            return "Writing", "live"
        if row.unread:
            return f"{row.unread:,} unread", "unread"
        if row.state in ("failed", "truncated", "interrupted"):
            nothing_came = row.state == "failed" or row.preview_mine
            return STATE_NAMES["failed" if nothing_came else row.state], "failed"
        if row.id == self._here.id:
            return "here", "quiet"
        if row.archived:
            return "archived", "quiet"
        return (
            (PRODUCTION, "production")
            if provider.production
            else (day_of(row.updated_at, self._session.clock.utc_now()), "quiet")
        )

    def _provider(self, provider: Provider, otherwise: str) -> tuple[str, Tone]:
        text, tone = standing_words(self._session.clients.health_monitor.of(provider.name))
        if self._session.recents.is_loading(provider):
            text, tone = "no answer yet", "waiting"
        if provider.production:
            return (f"{PRODUCTION} · {text}" if text else PRODUCTION), "production"
        return (text, tone) if text else (otherwise, "quiet")


def standing_words(health: ProviderHealth) -> tuple[str, Tone]:
    """Return the health of a provider in a few words, and their tone. They are empty if it is reachable."""
    if not health.summary:
        return "", "quiet"
    return health.summary, "waiting" if health.state == "limited" else "failed"


def day_of(moment: datetime, now: datetime) -> str:
    """Return the time if a moment is today, its weekday within a week, else its date."""
    local, today = moment.astimezone(), now.astimezone()
    days = (today.date() - local.date()).days
    if days <= 0:
        return f"{local:%H:%M}"
    if days < 7:
        return f"{local:%A}"
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"
