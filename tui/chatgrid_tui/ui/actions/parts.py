"""The actions that work in one part of the screen, while it has the focus; the palette runs them from elsewhere."""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.action import Action

IN_MESSAGE: Final = "Message"
IN_CONVERSATION: Final = "In the conversation, after Tab"
IN_LIST: Final = "In the list of conversations"
IN_WIRE: Final = "In the wire pane"
IN_SWITCHER: Final = "Where places are listed"
IN_PROVIDERS: Final = "On the page of providers"
IN_FIND: Final = "While finding"
IN_FORM: Final = "In a form"

SEND: Final = Action("composer.send", "send", ("enter",), "Send", "during a reply, queue", IN_MESSAGE)
NEW_LINE: Final = Action(
    "composer.new_line", "new_line", ("ctrl+j", "shift+enter", "alt+enter"), "New line", "in the message", IN_MESSAGE
)
MESSAGE_ACTIONS: Final = (SEND, NEW_LINE)

PRESS: Final = Action(
    "transcript.press",
    "press",
    ("enter",),
    "Press",
    "a button; open a link, file or menu",
    IN_CONVERSATION,
    priority=False,
)
COPY_AT_CURSOR: Final = Action(
    "transcript.copy",
    "copy",
    ("ctrl+c", "super+c"),
    "Copy",
    "the bubble, error or link",
    IN_CONVERSATION,
    priority=False,
    long_title="Copy at the cursor",
)
SELECT_ALL: Final = Action(
    "transcript.select_all",
    "select_all",
    ("ctrl+a",),
    "Select",
    "again: everything",
    IN_CONVERSATION,
    priority=False,
    long_title="Select bubble",
)
CURSOR_ACTIONS: Final = (PRESS, COPY_AT_CURSOR, SELECT_ALL)


def _in_list(name: str, run: str, keys: tuple[str, ...], label: str, description: str, title: str = "") -> Action:
    return Action(f"list.{name}", run, keys, label, description, IN_LIST, priority=False, long_title=title)


OPEN_ROW: Final = _in_list("open", "open", ("enter",), "Open", "the conversation at the cursor", "Open row")
FILTER_ROWS: Final = _in_list(
    "filter", "filter", ("/",), "Filter", "by title, bot and provider; is:archived", "Filter list"
)
ROW_MENU: Final = _in_list("menu", "menu", ("f9", "menu", "f16"), "Menu", "like a right-click", "Menu of the row")
MARK_ROW: Final = _in_list("mark", "mark", ("space",), "Mark", "to act on several; or Ctrl+click", "Mark row")
MARK_UP: Final = _in_list("mark_up", "mark_to(-1)", ("shift+up",), "Mark up", "from row to row; or Shift+click")
MARK_DOWN: Final = _in_list("mark_down", "mark_to(1)", ("shift+down",), "Mark down", "from row to row")
MARK_ALL: Final = _in_list("mark_all", "mark_all", ("ctrl+a",), "Mark all", "again: none", "Mark all rows")
PIN_ROW: Final = _in_list("pin", "ask('pin')", ("p",), "Pin", "to the top of the list; again: no longer")
ARCHIVE_ROW: Final = _in_list("archive", "ask('archive')", ("a",), "Archive", "out of the list; again: back into it")
SHOW_ARCHIVE: Final = _in_list(
    "archived", "show_archive", ("v",), "Archive", "again: the other conversations", "View archive"
)
RENAME_ROW: Final = _in_list("rename", "ask('rename')", ("r",), "Rename", "another title for it")
DELETE_ROW: Final = _in_list(
    "delete", "ask('delete')", ("delete", "backspace"), "Delete", "can be undone for ten seconds"
)
UNDO_DELETE_ROW: Final = _in_list("undo", "screen.conversation('undo')", ("u",), "Undo delete", "within ten seconds")
EXPORT_ROW: Final = _in_list("export", "ask('export')", ("e",), "Export", "as Markdown, HTML, text or JSON")
MEMORY_OF_ROW: Final = _in_list("memory", "ask('memory')", ("m",), "Memory", "what the service remembers of it")
LIST_ACTIONS: Final = (
    OPEN_ROW,
    FILTER_ROWS,
    ROW_MENU,
    MARK_ROW,
    MARK_UP,
    MARK_DOWN,
    MARK_ALL,
    RENAME_ROW,
    PIN_ROW,
    ARCHIVE_ROW,
    SHOW_ARCHIVE,
    DELETE_ROW,
    UNDO_DELETE_ROW,
    EXPORT_ROW,
    MEMORY_OF_ROW,
)


def _in_wire(name: str, run: str, key: str, label: str, description: str, title: str = "") -> Action:
    keys = ("ctrl+c", "super+c") if key == "ctrl+c" else (key,)
    return Action(f"wire.{name}", run, keys, label, description, IN_WIRE, priority=False, long_title=title)


SHOW_IN_REPLY: Final = _in_wire(
    "show", "show_in_reply", "enter", "Show", "or its details on a small screen", "Show row in the reply"
)
ROW_IN_FULL: Final = _in_wire("full", "view_in_full", "v", "In full", "all of its text", "View row in full")
FILTER_WIRE: Final = _in_wire("filter", "filter", "/", "Filter", "by a regular expression", "Filter wire rows")
NEXT_TYPE: Final = _in_wire("type", "next_type", "t", "Type", "list no others", "Next type of rows")
HOLD: Final = _in_wire("hold", "hold", "space", "Hold", "while the stream goes on", "Hold wire pane")
OTHER_TRY: Final = _in_wire("try", "want('try')", "e", "Other try", "if the message was sent again")
NEXT_NOTE: Final = _in_wire("next_mark", "mark(1)", "]", "Next note", "or stall or error")
PREVIOUS_NOTE: Final = _in_wire("previous_mark", "mark(-1)", "[", "Previous note", "or stall or error")
COPY_ROW: Final = _in_wire("copy", "copy", "ctrl+c", "Copy", "its bytes as text", "Copy wire row")
WIRE_ACTIONS: Final = (
    SHOW_IN_REPLY,
    ROW_IN_FULL,
    FILTER_WIRE,
    NEXT_TYPE,
    HOLD,
    OTHER_TRY,
    NEXT_NOTE,
    PREVIOUS_NOTE,
    COPY_ROW,
    _in_wire("curl", "use_request('curl')", "u", "Copy as cURL", "the request of the row, as a command"),
    _in_wire("httpx", "use_request('httpx')", "h", "Copy as httpx", "the request of the row, in Python"),
    _in_wire("resend", "use_request('resend')", "r", "Resend this request", "exactly as it was"),
    _in_wire("save", "want('save')", "s", "Save recording", "in a file"),
    _in_wire("keep", "want('keep')", "k", "Keep recording", "when old ones are deleted; again: do not"),
)

EDIT_PLACE: Final = Action("switcher.edit", "edit", ("f9",), "Edit", "the provider of the row", IN_SWITCHER)
REMOVE_PLACE: Final = Action(
    "switcher.remove",
    "remove",
    ("delete",),
    "Remove",
    "the provider, after confirmation",
    IN_SWITCHER,
    priority=False,
)
SWITCHER_ACTIONS: Final = (EDIT_PLACE, REMOVE_PLACE)


def _in_providers(name: str, keys: tuple[str, ...], label: str, description: str) -> Action:
    return Action(f"providers.{name}", name, keys, label, description, IN_PROVIDERS, priority=False)


EDIT_LISTED: Final = _in_providers("edit", ("enter", "f9"), "Edit", "the provider of the row, or add one")
TEST_LISTED: Final = _in_providers("test", ("t",), "Test", "address, key and listing; sends no message")
REMOVE_LISTED: Final = _in_providers("remove", ("delete",), "Remove", "the provider, after confirmation")
PROVIDERS_ACTIONS: Final = (EDIT_LISTED, TEST_LISTED, REMOVE_LISTED)

FIND_UP: Final = Action("find.next", "step(-1)", ("enter", "up"), "Next", "upwards", IN_FIND, long_title="Next match")
FIND_DOWN: Final = Action(
    "find.previous", "step(1)", ("shift+enter", "down"), "Previous", "downwards", IN_FIND, long_title="Previous match"
)
FIND_ACTIONS: Final = (FIND_UP, FIND_DOWN)

SAVE_FORM: Final = Action("form.save", "save", ("ctrl+s",), "Save", "what was typed", IN_FORM)
TEST_FORM: Final = Action("form.test", "test", ("ctrl+t",), "Test", "a provider; sends no message", IN_FORM)
FORM_ACTIONS: Final = (SAVE_FORM, TEST_FORM)

PART_ACTIONS: Final = (
    *MESSAGE_ACTIONS,
    *CURSOR_ACTIONS,
    *LIST_ACTIONS,
    *WIRE_ACTIONS,
    *SWITCHER_ACTIONS,
    *PROVIDERS_ACTIONS,
    *FIND_ACTIONS,
    *FORM_ACTIONS,
)
