"""The first screen: the demo bots, before there is a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.hue import Hue
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.startup import LocalBot
from chatgrid_tui.ui.transcript.render.welcome import Choice, Welcome

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.providers.discovery import LocalServer

HueOf: TypeAlias = Callable[[str, str, str], Hue]
"""Returns the hue of a board, given the name of its provider, its id and its name."""
WAYS_TO_ADD: Final = ("Add a provider", "Paste a cURL command")
"""The first buttons. Both open an empty form, which accepts a pasted command in any field."""


def welcome_to(
    conversation: Conversation, bots: Sequence[LocalBot], hue_of: HueOf, servers: Sequence[LocalServer] = ()
) -> Welcome:
    """Return what an empty conversation shows: the first screen if it is with one of the demo bots."""
    on_bots = any(bot.provider.name == conversation.provider.name for bot in bots)
    return first_run(bots, conversation, hue_of, servers) if on_bots else new_conversation(conversation)


def first_run(
    bots: Sequence[LocalBot], conversation: Conversation, hue_of: HueOf, servers: Sequence[LocalServer] = ()
) -> Welcome:
    """Return the first screen with the demo bots, with the open one marked. `servers` are model servers that were
    found on this machine, and are offered as well.
    """
    chosen = _place_of(conversation, bots)
    choices = [
        Choice(
            Speaker(bot.board.name, hue_of(bot.provider.name, bot.board.id, bot.board.name)),
            bot.description,
            # The open bot may use another dialect than the one that is offered here.
            (conversation if number == chosen else bot).provider.shown.rpartition(", ")[2],
        )
        for number, bot in enumerate(bots)
    ]
    return Welcome(
        "on this machine",
        (
            "Five bots run here: **every kind of reply**, no key needed.\n"
            "Write to the one with the bar, or choose another.",
        ),
        tuple(choices),
        (f"Your own: {_kinds_of_services()}.",),
        (*WAYS_TO_ADD, *map(_offer, servers)),
        chosen=chosen,
    )


def _place_of(conversation: Conversation, bots: Sequence[LocalBot]) -> int | None:
    """Return the index of the bot that a conversation is with: the same one, else one with the same name."""
    board = conversation.board
    names = [bot.board.name.casefold() for bot in bots]
    for number, bot in enumerate(bots):
        if (bot.provider.name, bot.board.id) == (conversation.provider.name, board.id):
            return number
    name = board.name.casefold().replace("-", " ")
    return names.index(name) if name in names else None


def _kinds_of_services() -> str:
    *others, last = (dialect.offered_as or dialect.name for dialect in DIALECTS.values())
    return f"{', '.join(others)}, or {last}"


def _offer(server: LocalServer) -> str:
    models = "1 model" if server.models == 1 else f"{server.models:,} models"
    return f"Add {server.preset.title}, {models} at localhost:{server.preset.port}"


def new_conversation(conversation: Conversation) -> Welcome:
    """Return what an empty conversation shows."""
    board, provider = clean_line(conversation.board.name), clean_line(conversation.provider.shown)
    if conversation.provider.base_url and not conversation.board.id:
        what = DIALECTS[conversation.provider.kind].nouns.one
        text = (
            f"A new conversation on {provider}. No {what} is known yet; your first message asks the service for one."
        )
    elif conversation.provider.base_url:
        text = f"A new conversation with {board} on {provider}. It is saved as soon as you send a message."
    else:
        text = f"The provider {provider} is no longer configured. Ctrl+K goes elsewhere, and adds another."
    return Welcome(paragraphs=(text,))
