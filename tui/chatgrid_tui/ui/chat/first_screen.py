"""The first screen: what there is to talk to before anything was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.startup import LocalBot
from chatgrid_tui.ui.transcript.render.welcome import Choice, Welcome

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.providers.discovery import LocalServer


def welcome_to(conversation: Conversation, bots: Sequence[LocalBot], servers: Sequence[LocalServer] = ()) -> Welcome:
    """Return what stands where nothing was said yet: the first screen where that is with one of the bots."""
    on_bots = any(bot.provider.name == conversation.provider.name for bot in bots)
    return first_run(bots, conversation, servers) if on_bots else new_conversation(conversation)


def first_run(bots: Sequence[LocalBot], conversation: Conversation, servers: Sequence[LocalServer] = ()) -> Welcome:
    """Return the first screen over the embedded bots, the one being talked to marked. `servers` of models that answer
    on this machine are offered beside a provider of one's own.
    """
    at = (conversation.provider.name, conversation.board.id)
    chosen = next((n for n, bot in enumerate(bots) if (bot.provider.name, bot.board.id) == at), None)
    return Welcome(
        "chatgrid-tui",
        "on this machine",
        (
            "Talk to streaming chat bots, and see what they really send. "
            "These five run here. Nothing leaves this machine.",
        ),
        tuple(Choice(bot.board.name, bot.description) for bot in bots),
        (f"To test a bot of your own, add its provider: {_kinds_of_services()}.",),
        ("Add a provider", *map(_offer, servers)),
        chosen=chosen,
    )


def _kinds_of_services() -> str:
    *others, last = (dialect.offered_as or dialect.name for dialect in DIALECTS.values())
    return f"{', '.join(others)}, or {last}"


def _offer(server: LocalServer) -> str:
    models = "1 model" if server.models == 1 else f"{server.models:,} models"
    return f"Add {server.preset.title}, {models} at localhost:{server.preset.port}"


def new_conversation(conversation: Conversation) -> Welcome:
    """Return what stands in a conversation in which nothing was said yet."""
    board, provider = clean_line(conversation.board.name), clean_line(conversation.provider.shown)
    if conversation.provider.base_url and not conversation.board.id:
        what = DIALECTS[conversation.provider.kind].nouns.one
        words = (
            f"A new conversation on {provider}. No {what} is known yet; your first message asks the service for one."
        )
    elif conversation.provider.base_url:
        words = f"A new conversation with {board} on {provider}. It is kept as soon as you send a message."
    else:
        words = f"The provider {provider} is not configured any more. Ctrl+K goes elsewhere, and adds another."
    return Welcome("chatgrid-tui", "", (words,))
