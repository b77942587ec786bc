"""The actions on the files of a reply."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from chatgrid_tui.ui.action import Action

AttachmentTask: TypeAlias = Literal["save_file", "show_picture"]
"""Save a file of a reply; show one that is a picture."""

SAVE_FILE: Final = Action(
    "chat.save_file", "bubble('save_file')", (), "Save file", "a file of the reply, from its host", "Reading"
)
SHOW_PICTURE: Final = Action(
    "chat.show_picture", "bubble('show_picture')", ("alt+i",), "Show picture", "the pictures of the reply", "Reading"
)
ATTACHMENTS: Final = (SAVE_FILE, SHOW_PICTURE)
