"""Sentences on what a bot knows of a conversation that was forked, and of a new user."""

from __future__ import annotations

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.units import counted

_ALL = "Forked here. The bot knows all of this: it is sent along with each message."


def what_is_known(provider: Provider) -> str:
    """Return what the bot of a forked conversation will know of the copied messages."""
    along = DIALECTS[provider.kind].sent_along(provider)
    if along.most is None:
        return _ALL
    if along.most:
        last = f"the last {counted(along.most, 'message')} of this"
        if along.each_time:
            return f"Forked here. The bot knows no more than {last}, sent along with each message."
        return f"Forked here. The next message takes {last} along; the bot will remember nothing else from above."
    if provider.same_session:
        return "Forked here. The bot continues its last session; it is not told what is above."
    return "Forked here. The bot starts anew: it will remember only what is sent from here on."


def what_is_new(provider: Provider) -> str:
    """Return what a conversation of a new user is to a service."""
    dialect = DIALECTS[provider.kind]
    if dialect.has_sessions:
        return "New user: the next message starts a fresh session."
    service = dialect.service or dialect.name
    return f"{service[0].upper()}{service[1:]} has no sessions: this is simply a new conversation."
