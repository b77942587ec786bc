"""The content of the footer: the keys of what has the focus, with the way out first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias

from chatgrid_tui.ui.actions import parts
from chatgrid_tui.ui.actions.action import Action, hints
from chatgrid_tui.ui.actions.conversation import BACK, BOTH_SIDES, SPLIT, STOP, UNDO_DELETE, UNSPLIT
from chatgrid_tui.ui.actions.everywhere import SEARCH
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.actions.message import LEAVE_RECALLED
from chatgrid_tui.ui.actions.parts import IN_CONVERSATION, IN_LIST, IN_WIRE
from chatgrid_tui.ui.actions.reading import NEWEST
from chatgrid_tui.ui.actions.table import IN_FOOTER, IN_RECORDING, IN_TRANSCRIPT
from chatgrid_tui.ui.actions.wire import IN_REPLAY, REPLAY, REPLAY_PAUSE
from chatgrid_tui.ui.appearance import Signs
from chatgrid_tui.ui.chat.controller import ChatController
from chatgrid_tui.ui.conversation_list.conversation_list import ConversationList
from chatgrid_tui.ui.key_help import how_to_send
from chatgrid_tui.ui.transcript.presses import PressWord

Focus: TypeAlias = Literal[
    "message", "conversation", "list", "list over page", "list filter", "find", "wire", "other"
]
"""What has the focus."""
KEY_GROUPS: Final[Mapping[Focus, str]] = {
    "conversation": IN_CONVERSATION,
    "list": IN_LIST,
    "list over page": IN_LIST,
    "wire": IN_WIRE,
}
"""The group that F1 shows first."""


_IN_SPLIT: Final = (replace(SPLIT, label="Other side"), *BOTH_SIDES, replace(UNSPLIT, label="Close other"))
"""Further entries while there are two panes."""
_CLOSE_WIRE: Final = Action("chat.wire", "wire", ("f2",), "Close", "", "")
"""What F2 does while the wire pane has the focus."""
_GO_ON: Final = replace(REPLAY_PAUSE, label="Go on")
"""What Space does while a replay is paused."""
_CLOSE: Final = Action("chat.stop", "escape", ("escape",), "Close", "", "")
"""What Esc does while find, a filter or the list over the page is open."""


def _in_list(action: Action) -> KeyHint:
    return KeyHint(f"in_list({action.run!r})", action.keys[:1], action.label, action.id)


def _in_wire(action: Action) -> KeyHint:
    return KeyHint(f"focused.{action.run}", action.keys[:1], action.label, action.id)


_SEND: Final = KeyHint(f"focused.{parts.SEND.run}", parts.SEND.keys, parts.SEND.label, parts.SEND.id)
"""A further entry while there is a message, so that a click sends it."""
_IN_FIND: Final = (
    KeyHint("find_step(-1)", parts.FIND_UP.keys[:1], parts.FIND_UP.label, parts.FIND_UP.id),
    KeyHint("find_step(1)", parts.FIND_DOWN.keys[:1], parts.FIND_DOWN.label, parts.FIND_DOWN.id),
)
"""Further entries during find."""
_IN_WIRE: Final = (
    _in_wire(parts.SHOW_IN_REPLY),
    _in_wire(parts.NEXT_NOTE),
    KeyHint("focused.view(1)", ("left right",), "View"),
    _in_wire(parts.FILTER_WIRE),
    _in_wire(parts.HOLD),
    KeyHint(REPLAY.run, REPLAY.keys, REPLAY.label, REPLAY.id),
    _in_wire(parts.ROW_IN_FULL),
    _in_wire(parts.COPY_ROW),
)
"""Further entries while the wire pane has the focus."""
_SEARCH: Final = KeyHint(SEARCH.run, SEARCH.keys, SEARCH.label, SEARCH.id)
"""A further entry in the list, whose filter does not look into messages."""
_FIRST_LISTED: Final = (parts.OPEN_ROW, parts.FILTER_ROWS, parts.ROW_MENU)
_LISTED: Final = (
    parts.RENAME_ROW,
    parts.MARK_ROW,
    parts.PIN_ROW,
    parts.ARCHIVE_ROW,
    parts.DELETE_ROW,
)
_IN_LIST: Final = (
    *(_in_list(action) for action in _FIRST_LISTED),
    _SEARCH,
    *(_in_list(action) for action in _LISTED),
)
"""Further entries while the list of conversations has the focus."""
_WITH_MARKED: Final = tuple(
    _in_list(action)
    for action in (
        parts.MARK_ROW,
        parts.DELETE_ROW,
        parts.ARCHIVE_ROW,
        parts.PIN_ROW,
        parts.EXPORT_ROW,
        parts.ROW_MENU,
    )
)
"""These entries instead while rows are marked: what can be done with several."""
_IN_LIST_FILTER: Final = (
    KeyHint("in_list('open')", ("enter",), "Open"),
    _SEARCH,
    KeyHint("", ("up down",), "Move"),
)
"""Further entries while the list is filtered."""
_MEMORY_IN_LIST: Final = _in_list(parts.MEMORY_OF_ROW)
"""A further entry while the cursor of the list is on a chat with a memory."""


def footer_hints(
    focus: Focus,
    controller: ChatController,
    rows: ConversationList,
    split: bool,
    new_below: bool,
    press: PressWord,
    written: bool,
    keymap: Mapping[str, str],
) -> list[KeyHint]:
    """Return the entries for what has the focus. `rows` is the list; `split` is whether there are two panes,
    `new_below` whether there is newer text below, `press` what Enter does in the transcript, `written` whether there
    is a message to send, and `keymap` the keys in `[keys]`.
    """
    conversation = controller.conversation
    is_viewed = bool(controller.view_only_reason)
    is_busy = controller.beginnings.running or (conversation is not None and conversation.live is not None)
    live = is_busy and not is_viewed
    shown = [NEWEST] if new_below else []
    if focus == "message" and controller.recall.is_active:
        shown.append(LEAVE_RECALLED)
    elif live or focus != "message":
        shown.append(STOP if live else BACK)
    others: tuple[Action, ...] = IN_RECORDING if is_viewed else IN_FOOTER
    others = (*_IN_SPLIT, *others) if split else others
    own: list[KeyHint] = []
    match focus:
        case "conversation":
            own = [replace(IN_TRANSCRIPT[0], label=press), *IN_TRANSCRIPT[1:]]
        case "wire":
            shown, own, others = [_CLOSE_WIRE], [*_IN_WIRE], ()
        case "list filter":
            shown, own, others = [_CLOSE], [*_IN_LIST_FILTER], ()
        case "list" | "list over page":
            if focus == "list over page":
                shown, others = [_CLOSE], ()
            own = _for_rows(rows, controller)
        case "find":
            shown, own, others = [_CLOSE], [*_IN_FIND], ()
        case "message":
            own = [_SEND] if written and not is_viewed else []
        case "other":
            pass
    if (player := controller.replays.player) is not None:
        is_written = focus in ("find", "list filter") or (focus == "message" and not is_viewed)
        in_replay = (_GO_ON, *IN_REPLAY[1:]) if player.paused else IN_REPLAY
        shown, own, others = [STOP], [], IN_FOOTER if is_written else in_replay
    if conversation is None:
        shown, others = [], ()  # none of it works yet
    own = [*_undo(focus, controller), *own]
    own = [hint.with_keys(keymap) for hint in own]
    return [*hints(shown, keymap), *own, *hints(others, keymap)]


def _for_rows(rows: ConversationList, controller: ChatController) -> list[KeyHint]:
    """Return the entries for the row with the cursor, or for those that are marked."""
    if controller.view_only_reason:
        return [hint for hint in _IN_LIST if hint.id in ("list.open", "list.filter")]
    if rows.marked:
        return [*_WITH_MARKED]
    has_memory = controller.conversation_actions.has_memory(rows.highlighted)
    return [*([_MEMORY_IN_LIST] if has_memory else []), *_IN_LIST]


def _undo(focus: Focus, controller: ChatController) -> list[KeyHint]:
    """Return the entry that undoes a deletion, with the seconds that are left for it."""
    session = controller.navigation.session
    if session is None or not (left := session.deletions.seconds_left):
        return []
    in_list = focus in ("list", "list over page")
    keys, action = (("u",), "list.undo") if in_list else (UNDO_DELETE.keys, UNDO_DELETE.id)
    return [KeyHint(UNDO_DELETE.run, keys, f"Undo delete, {left} s", action)]


def composer_hint(controller: ChatController, signs: Signs, keymap: Mapping[str, str]) -> str:
    """Return the hint in the empty composer: how to send a message, or what Tab does on the first screen."""
    conversation = controller.conversation
    if conversation is None or controller.view_only_reason:
        return ""
    if conversation.provider.embedded and not conversation.turns:
        return "Tab chooses a bot · Enter sends"
    return how_to_send(keymap, signs)
