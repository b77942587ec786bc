"""The first screen: what there is to talk to before anything was said."""

from __future__ import annotations

from collections.abc import Sequence

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.opening import LocalBot
from chatgrid_tui.ui.transcript.welcome import Choice, Welcome


def first_run(bots: Sequence[LocalBot], conversation: Conversation) -> Welcome:
    """Return the first screen over the embedded bots, the one being talked to marked."""
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
        (
            "To test a bot of your own, add its provider to config.toml: ChatGrid, ChatIQ, Open Chat Widget, "
            "or any server that speaks OpenAI's format. The README shows how.",
        ),
        chosen=chosen,
    )


def new_conversation(conversation: Conversation) -> Welcome:
    """Return what stands in a conversation in which nothing was said yet."""
    board, provider = clean_line(conversation.board.name), clean_line(conversation.provider.shown)
    return Welcome(
        "chatgrid-tui",
        "",
        (f"A new conversation with {board} on {provider}. It is kept as soon as you send a message.",),
    )
