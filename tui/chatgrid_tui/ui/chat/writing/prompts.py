"""Prompts in the composer: choosing one, filling in its variables, and saving a message as one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chatgrid_tui.config.prompt_files import Prompt, ReadPrompts, no_variables, read_prompts, save_prompt, variables
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.user_files import shown_path
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.overlays.picker import PickerScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow

if TYPE_CHECKING:
    from pathlib import Path


class Prompts:
    """Puts prompts into the composer, and leads through the variables of the last one."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._names: frozenset[str] = frozenset()
        """The variables of the prompt in the composer."""
        self._conversation: Conversation | None = None
        """The conversation in whose composer it is."""
        self._around: tuple[str, str, str] | None = None
        """The variable that was selected last: the text before it, its name, and the text after it."""
        self._sent_anyway = ""
        """The text that is sent with open variables if Enter is pressed again."""

    @property
    def folder(self) -> Path | None:
        """The folder of the prompts, once the session has started."""
        session = self._navigation.session
        return None if session is None else session.clients.paths.prompts

    async def read(self) -> ReadPrompts:
        """Read all prompts, in a thread."""
        folder = self.folder
        return ReadPrompts() if folder is None else await asyncio.to_thread(read_prompts, folder)

    def offer(self) -> None:
        """Show the list of prompts."""
        self._work.do(self._offer, "prompts", leads=True)

    async def _offer(self) -> None:
        read = await self.read()
        if read.problem:
            self._page.notices.add(read.problem)
        if not read.prompts:
            where = "" if self.folder is None else f" in {shown_path(self.folder)}"
            self._page.toast(f"There are no Markdown or text files{where}.")
            return
        if lies_over(self._page.app, PickerScreen):
            return  # requested twice

        def put(chosen: str | None) -> None:
            if chosen is not None:
                self.put(next(prompt for prompt in read.prompts if prompt.file == chosen))

        rows = [prompt_row(prompt, prompt.file) for prompt in read.prompts]
        screen = PickerScreen("Prompts", [PickerGroup("", rows)], placeholder="Type a part of a name")
        self._page.app.push_screen(screen, put)

    def put(self, prompt: Prompt, *, replace: bool = False) -> None:
        """Insert a prompt at the cursor, or in place of the text, and select its first variable."""
        field = self._page.composer.field
        if replace:
            field.select_all()
        self._page.composer.focus()
        field.replace(self._foldable(prompt), *field.selection, maintain_selection_offset=False)
        found = variables(prompt.text)
        self._names, self._conversation = frozenset(each.name for each in found), self._navigation.conversation
        self._around, self._sent_anyway = None, ""
        told = [f"{clean_line(each, 30)} is no variable, and stays." for each in no_variables(prompt.text)[:1]]
        if len(self._names) > 1:
            told.insert(0, f"Tab goes to the next of {len(self._names)} variables.")
        if told:
            self._page.toast(" ".join(told))
        self._select_next(from_start=True)

    def _foldable(self, prompt: Prompt) -> str:
        """Return the text for the composer: long pieces are labels, variables are not."""
        shown, at = "", 0
        folds = self._page.composer.field.folds
        for variable in variables(prompt.text):
            shown += folds.fold(prompt.text[at : variable.start], shown)
            shown += prompt.text[variable.start : variable.end]
            at = variable.end
        return shown + folds.fold(prompt.text[at:], shown)

    # Variables

    def next_variable(self) -> bool:
        """Fill in what was typed for the last variable wherever else it occurs, and select the next one. Return
        whether there is one.
        """
        self._repeat()
        return self._select_next()

    def forget(self) -> bool:
        """Treat the rest of the variables as text. Return whether there were any."""
        were_open = bool(self._open_names())
        self._names, self._around, self._sent_anyway = frozenset(), None, ""
        return were_open

    def complete(self, text: str) -> str | None:
        """Return the text to send in place of a submitted `text`, or None to wait: variables are open. If the same
        text is submitted again, it is sent as it is.
        """
        if not self._names:
            return text
        repeated = self._repeat()
        whole = self._page.composer.text
        if whole != self._sent_anyway and self._select_next() and self._around is not None:
            self._sent_anyway = whole
            variable = f"{{{{{self._around[1]}}}}}"
            self._page.toast(f"{variable} is not filled in. Enter again sends the message as it is.")
            return None
        self.forget()
        return whole if repeated else text

    def _open_names(self) -> list[str]:
        if not self._names or self._conversation is not self._navigation.conversation:
            return []
        return [each.name for each in variables(self._page.composer.field.text) if each.name in self._names]

    def _select_next(self, *, from_start: bool = False) -> bool:
        """Select the next variable after the cursor, or the first one."""
        field = self._page.composer.field
        if not self._open_names():
            self._names, self._around = frozenset(), None
            return False
        text = field.text
        found = [each for each in variables(text) if each.name in self._names]
        at = _index(text, max(field.selection))
        after = [] if from_start else [each for each in found if each.start >= at]
        chosen = (after or found)[0]
        self._around = text[: chosen.start], chosen.name, text[chosen.end :]
        field.move_cursor(_location(text, chosen.start))
        field.move_cursor(_location(text, chosen.end), select=True)
        return True

    def _repeat(self) -> bool:
        """Fill in the value of the last variable wherever else it occurs. Return whether it occurs."""
        field = self._page.composer.field
        if self._around is None:
            return False
        before, name, after = self._around
        text, self._around = field.text, None
        value = text[len(before) : len(text) - len(after)]
        if not value or text != f"{before}{value}{after}" or name in (each.name for each in variables(value)):
            return False  # nothing was typed, or something else was changed
        filled = _filled(before, name, value) + value, _filled(after, name, value)
        if "".join(filled) == text:
            return False
        field.replace("".join(filled), (0, 0), field.document.end, maintain_selection_offset=False)
        field.move_cursor(_location("".join(filled), len(filled[0])))
        return True

    # Saving

    def offer_saving(self) -> None:
        """Ask for a name, and save the message in the composer as a prompt."""
        text, folder = self._page.composer.text, self.folder
        if folder is None or lies_over(self._page.app, NameScreen):
            return

        async def make(name: str) -> str:
            try:
                file = await asyncio.to_thread(save_prompt, folder, name, text)
            except UsageProblem as problem:
                return str(problem)
            self._page.toast(f"Saved {file.name}, in {file.parent}.")
            return ""

        help_text = "Words in double braces such as {{dish}} are filled in when it is used."
        report = self._page.notices.add
        screen = NameScreen("Save message as a prompt", help_text=help_text, make=make, report=report)
        self._page.app.push_screen(screen)


def prompt_row(prompt: Prompt, row_id: str) -> PickerRow:
    """Return the row of a prompt in a list."""
    return PickerRow(row_id, prompt.name, prompt.summary, also=prompt.file, unavailable=bool(prompt.problem))


def _index(text: str, location: tuple[int, int]) -> int:
    """Return the index of a row and column."""
    row, column = location
    return sum(len(line) + 1 for line in text.split("\n")[:row]) + column


def _location(text: str, index: int) -> tuple[int, int]:
    """Return the row and column of an index."""
    return text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1


def _filled(text: str, name: str, value: str) -> str:
    """Return `text` with a value in place of a variable."""
    parts, at = [], 0
    for each in variables(text):
        if each.name == name:
            parts += [text[at : each.start], value]
            at = each.end
    return "".join((*parts, text[at:]))
