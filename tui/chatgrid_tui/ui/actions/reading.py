"""The actions on what a conversation shows: to find, copy, mark and compare it."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from chatgrid_tui.ui.actions.action import Action

FIND: Final = Action("chat.find", "find", ("ctrl+f", "f3"), "Find", "again: the next match", "Reading")
FIND_NEXT: Final = Action("chat.find_next", "find_step(-1)", ("ctrl+g",), "Find next", "upwards", "Reading")
FIND_PREVIOUS: Final = Action(
    "chat.find_previous",
    "find_step(1)",
    ("shift+f3", "f15"),  # many terminals call Shift+F3 F15
    "Find previous",
    "downwards",
    "Reading",
)
CHOOSE: Final = Action(
    "chat.choose",
    "choose",
    ("tab", "shift+tab"),
    "Choose",
    "a suggestion or button, then a bubble",
    "Reading",
    priority=False,
)
COPY_CODE: Final = Action(
    "transcript.copy_code",
    "in_transcript('copy_code')",
    ("ctrl+y",),
    "Copy code",
    "in view; again: the next block",
    "Reading",
    priority=False,
)
MENU: Final = Action(
    "chat.menu",
    "bubble('menu')",
    ("f9", "menu", "f16"),  # many terminals call the menu key F16
    "Menu",
    "like a right-click",
    "Reading",
    priority=False,
    long_title="Menu of the bubble",
)
COPY_MARKDOWN: Final = Action(
    "chat.copy_markdown", "bubble('copy')", (), "Copy as Markdown", "the bubble as its source", "Reading"
)
COPY_TEXT: Final = Action(
    "chat.copy_text",
    "bubble('copy_text')",
    ("ctrl+t",),
    "Copy as text",
    "the bubble without its Markdown",
    "Reading",
    priority=False,
)
QUOTE: Final = Action(
    "chat.quote",
    "bubble('quote')",
    ("ctrl+u",),
    "Quote",
    "the bubble or the selection",
    "Reading",
    priority=False,
)
DETAILS: Final = Action(
    "chat.details",
    "bubble('details')",
    ("ctrl+d",),
    "Details",
    "everything known about the reply",
    "Reading",
    priority=False,
)
MARK: Final = Action(
    "chat.mark", "bubble('mark')", ("alt+m",), "Mark reply", "right, wrong, unsafe, slow or format", "Reading"
)
NEWEST: Final = Action(
    "chat.newest",
    "in_transcript('newest')",
    ("end", "ctrl+end"),
    "Newest",
    "the end of the conversation",
    "Reading",
    priority=False,
    long_title="Go to the newest text",
)
OLDEST: Final = Action(
    "chat.oldest",
    "in_transcript('oldest')",
    ("home", "ctrl+home"),
    "Oldest",
    "of the conversation",
    "Reading",
    priority=False,
    long_title="Go to the beginning",
)
PAGE_UP: Final = Action(
    "chat.page_up",
    "in_transcript('page(-1)')",
    ("pageup",),
    "Page up",
    "in the conversation",
    "Reading",
    priority=False,
)
PAGE_DOWN: Final = Action(
    "chat.page_down",
    "in_transcript('page(1)')",
    ("pagedown",),
    "Page down",
    "in the conversation",
    "Reading",
    priority=False,
)
COPY: Final = Action(
    "chat.copy",
    "copy_selection",
    ("ctrl+c", "super+c"),
    "Copy",
    "as its source",
    "Reading",
    priority=False,
    long_title="Copy the selection",
)
FIND_ACTIONS: Final = (FIND, FIND_NEXT, FIND_PREVIOUS)
PREVIOUS_VARIANT: Final = Action(
    "chat.previous_variant",
    "bubble('previous_variant')",
    ("alt+left",),
    "Previous reply",
    "to the same message",
    "Reading",
)
NEXT_VARIANT: Final = Action(
    "chat.next_variant",
    "bubble('next_variant')",
    ("alt+right",),
    "Next reply",
    "to the same message",
    "Reading",
)
COMPARE_VARIANTS: Final = Action(
    "chat.compare_variants",
    "bubble('compare_variants')",
    (),
    "Compare replies",
    "to the same message, word by word",
    "Reading",
)
VARIANTS: Final = (PREVIOUS_VARIANT, NEXT_VARIANT, COMPARE_VARIANTS)
AttachmentTask: TypeAlias = Literal["save_file", "show_picture"]
"""Save a file of a reply; show one that is a picture."""
SAVE_FILE: Final = Action(
    "chat.save_file", "bubble('save_file')", (), "Save file", "a file of the reply, from its host", "Reading"
)
SHOW_PICTURE: Final = Action(
    "chat.show_picture", "bubble('show_picture')", ("alt+i",), "Show picture", "the pictures of the reply", "Reading"
)
ATTACHMENTS: Final = (SAVE_FILE, SHOW_PICTURE)
VIEW: Final = Action(
    "chat.view", "bubble('view')", (), "View in pager", "zoom a bubble to the whole terminal", "Reading"
)
