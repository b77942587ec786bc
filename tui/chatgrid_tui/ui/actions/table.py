"""All actions of keys and commands: one table for bindings, footer, palette and F1.

A key can be changed in `[keys]` of the configuration, by the id of its action.
"""

from __future__ import annotations

from typing import Final

from chatgrid_tui.ui.actions.conversation import (
    ALERTS,
    BOTH_SIDES,
    FORK,
    LIST,
    NEW,
    NEW_USER,
    OPTIONS,
    RUN_AGAIN,
    SPLIT,
    STOP,
    UNSPLIT,
    UPKEEP,
)
from chatgrid_tui.ui.actions.everywhere import COMMANDS, KEYS, SEARCH, SWITCH
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.actions.message import COMPOSING, QUEUE, SAY_AGAIN
from chatgrid_tui.ui.actions.parts import COPY_AT_CURSOR, PRESS
from chatgrid_tui.ui.actions.providers import OPEN_CONFIGURATION, PROVIDER_ACTIONS
from chatgrid_tui.ui.actions.reading import (
    ATTACHMENTS,
    CHOOSE,
    COPY,
    COPY_CODE,
    COPY_MARKDOWN,
    COPY_TEXT,
    DETAILS,
    FIND,
    FIND_ACTIONS,
    MARK,
    MENU,
    NEWEST,
    OLDEST,
    PAGE_DOWN,
    PAGE_UP,
    QUOTE,
    VARIANTS,
    VIEW,
)
from chatgrid_tui.ui.actions.wire import ON_WIRE, REPLAY_IN_RECORDING, WIRE

CHAT_ACTIONS: Final = (
    SWITCH,
    SEARCH,
    NEW,
    NEW_USER,
    FORK,
    RUN_AGAIN,
    LIST,
    SPLIT,
    UNSPLIT,
    *BOTH_SIDES,
    STOP,
    ALERTS,
    *UPKEEP,
    OPTIONS,
    *SAY_AGAIN,
    *QUEUE,
    *COMPOSING,
    CHOOSE,
    *FIND_ACTIONS,
    MENU,
    COPY_MARKDOWN,
    COPY_TEXT,
    COPY_CODE,
    COPY,
    VIEW,
    QUOTE,
    DETAILS,
    MARK,
    *VARIANTS,
    *ATTACHMENTS,
    NEWEST,
    OLDEST,
    PAGE_UP,
    PAGE_DOWN,
    *ON_WIRE,
    *PROVIDER_ACTIONS,
    OPEN_CONFIGURATION,
)
ALWAYS_SHOWN: Final = (COMMANDS, KEYS)
IN_FOOTER: Final = (CHOOSE, SWITCH, NEW, WIRE, LIST, FIND)
IN_RECORDING: Final = (CHOOSE, REPLAY_IN_RECORDING, WIRE, FIND, LIST)
"""What the footer shows instead if a file of recordings is open."""
IN_TRANSCRIPT: Final = (
    KeyHint("in_transcript('press')", PRESS.keys, PRESS.label, PRESS.id),
    KeyHint(MENU.run, MENU.keys[:1], MENU.label, MENU.id),
    KeyHint("", ("left right",), "Move"),
    KeyHint("in_transcript('copy')", COPY_AT_CURSOR.keys[:1], COPY_AT_CURSOR.label, COPY_AT_CURSOR.id),
    KeyHint("in_transcript('copy_code')", COPY_CODE.keys, COPY_CODE.label, COPY_CODE.id),
)
"""What the footer adds while the transcript has the focus."""
