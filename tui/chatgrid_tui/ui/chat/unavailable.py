"""Why a command cannot work in the current conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.wording.failures import VIEW_ONLY
from chatgrid_tui.ui.actions.message import COMPOSING, QUEUE
from chatgrid_tui.ui.actions.reading import ATTACHMENTS, VARIANTS
from chatgrid_tui.ui.actions.wire import IN_REPLAY

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_EMPTY: Final = "This conversation is empty."
_READ_ONLY: Final = "The history is read-only here."
_NOT_IN_VIEW: Final = (
    "chat.import",
    "app.switch",
    "app.search",
    "chat.new",
    "chat.split",
    "chat.new_user",
    "chat.fork",
    "chat.run_again",
    "chat.edit",
    "chat.regenerate",
    "chat.resend_message",
    "chat.quote",
    "chat.mark",
    "chat.resend",
    "chat.keep_recording",
    "chat.rename",
    "chat.pin",
    "chat.archive",
    "chat.delete",
    "chat.undo_delete",
    "chat.fetch",
    "chat.options",
    "chat.memory",
    *(action.id for action in (*COMPOSING, *QUEUE, *ATTACHMENTS)),
    "app.configuration",
    "provider.list",
    "provider.add",
    "provider.edit",
    "provider.test",
    "provider.remove",
)
_ON_PROVIDER: Final = ("provider.edit", "provider.test", "provider.remove")
_THAT_WRITE: Final = (
    "chat.import",
    "chat.new_user",
    "chat.fork",
    "chat.run_again",
    "chat.edit",
    "chat.regenerate",
    "chat.resend_message",
    "chat.rename",
    "chat.pin",
    "chat.archive",
    "chat.delete",
    "chat.fetch",
    "chat.options",
    "chat.mark",
    "chat.resend",
    "chat.keep_recording",
    *(action.id for action in QUEUE),
)
_NEED_ID: Final = ("chat.rename", "chat.pin", "chat.archive", "chat.delete", "chat.fetch", "chat.memory")
_NEED_TURNS: Final = (
    "chat.copy_transcript",
    "transcript.copy_code",
    "chat.newest",
    "chat.oldest",
    "chat.page_up",
    "chat.page_down",
    "chat.find",
    "chat.menu",
    "chat.fork",
    "chat.run_again",
    "chat.edit",
    "chat.regenerate",
    "chat.resend_message",
    "chat.copy_markdown",
    "chat.copy_text",
    "chat.view",
    "chat.quote",
    "chat.details",
    "chat.mark",
    "chat.copy_curl",
    "chat.copy_httpx",
    "chat.resend",
    "chat.evidence",
    "chat.save_recording",
    "chat.keep_recording",
    "chat.check_stored",
    "chat.replay",
)


def view_only_reason(session: Session | None) -> str:
    """Return why nothing can be sent or changed in what is shown, as a sentence; empty if something can."""
    return "" if session is None or session.read_only is None else VIEW_ONLY.get(session.read_only, "")


def why_no_memory(conversation: Conversation) -> str:
    """Return why the service has no memory of a conversation, as a sentence; empty if it can have one."""
    dialect = DIALECTS[conversation.provider.kind]
    if dialect.remote_chats is None:
        return f"{dialect.name} has no memory of a chat."
    return "" if conversation.remote_id else "The service has no chat for it."


def refusals(
    session: Session | None, conversation: Conversation | None, *, finding: bool, selected: bool, replaying: bool
) -> dict[str, str]:
    """Return why commands cannot work now, by action id.

    `finding` is whether the find bar is open, `selected` whether text is selected, `replaying` whether a reply is
    replayed.
    """
    if session is None or conversation is None:
        return {}
    dialect, provider = DIALECTS[conversation.provider.kind], conversation.provider
    stoppable = conversation.live is not None or replaying or session.reruns.progress(conversation)
    reasons = {
        "chat.stop": "" if stoppable else "No reply is being written.",
        "chat.resend": "" if conversation.live is None else "A reply is being written.",
        "chat.regenerate": "" if conversation.live is None else "A reply is being written.",
        "chat.mark": "" if conversation.live is None else "A reply is being written.",
        "chat.replay": "" if conversation.live is None else "A reply is being written.",
        "chat.alerts": "" if session.alerts.conditions or session.alerts.messages else "There are no notices.",
        "chat.copy": "" if selected else "Nothing is selected.",
        "chat.options": "" if dialect.takes_options else f"{dialect.name} has no options.",
        "chat.fetch": "" if conversation.has_remote_messages else "The service does not store its messages.",
        "chat.memory": why_no_memory(conversation),
    }
    reasons |= dict.fromkeys(("chat.find_next", "chat.find_previous"), "" if finding else "Find something first.")
    if not replaying:
        reasons |= dict.fromkeys((action.id for action in IN_REPLAY), "Nothing is being replayed.")
    if not any(turn.has_variants for turn in conversation.turns):
        reasons |= dict.fromkeys((action.id for action in VARIANTS), "No message has several replies.")
    if not any(turn.reply is not None and turn.reply.attachments for turn in conversation.turns):
        reasons |= dict.fromkeys((action.id for action in ATTACHMENTS), "No reply here has files.")
    if not conversation.turns:
        reasons |= dict.fromkeys(_NEED_TURNS, _EMPTY)
    if not conversation.id:
        reasons |= dict.fromkeys(_NEED_ID, _EMPTY)
    if session.deletions.newest is None:
        reasons["chat.undo_delete"] = "There is no deletion to undo."
    if session.read_only:
        reasons |= dict.fromkeys(_THAT_WRITE, _READ_ONLY)
    if provider.embedded:
        reasons |= dict.fromkeys(_ON_PROVIDER, "The local bots need no settings.")
    elif provider.name not in session.clients.settings.providers:
        reasons |= dict.fromkeys(_ON_PROVIDER, "Its provider is not configured.")
    if reason := view_only_reason(session):
        reasons |= dict.fromkeys(_NOT_IN_VIEW, reason)
        reasons["chat.keep_recording"] = "This reply is not in the history."
        reasons["chat.stop"] = reasons["chat.stop"] or ("" if replaying else reason)
    return {action: reason for action, reason in reasons.items() if reason}
