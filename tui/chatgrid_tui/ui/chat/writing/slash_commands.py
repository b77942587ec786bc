"""Completion of a message that begins with a slash: prompts, commands of the palette, and what was said before.

A bot may have commands that begin with a slash itself. So nothing is chosen until an arrow key, Tab or the mouse has
chosen it, and until then Enter sends the message as always.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from textual.worker import Worker

from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat.writing.composing import Composing
from chatgrid_tui.ui.chat.writing.recall import said_in
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.completion_view import CompletionView
from chatgrid_tui.ui.overlays.palette import Command, command_row
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerRow

if TYPE_CHECKING:  # loaded with the first slash
    from chatgrid_tui.config.prompt_files import Prompt

CompletionKey: TypeAlias = Literal["up", "down", "tab", "enter"]

_SLASH: Final = "/"
_LONGEST: Final = 80
"""Characters of a message for which there may be a completion."""
_MOST_SAID: Final = 8


class SlashCommands:
    """Offers completions while the composer has a line that was begun with a slash, and does what was chosen."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation, composing: Composing) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._composing = composing
        self.is_offering = False
        """Whether the text was begun with a slash, and Esc was not pressed since."""
        self._text = ""
        """The text that the list is for."""
        self._read: tuple[Prompt, ...] = ()
        self._reading: Worker[None] | None = None
        """Reads the prompts for the list."""
        self._listed: dict[str, Command] = {}

    @property
    def view(self) -> CompletionView:
        """The list."""
        return self._page.completions

    def typed(self, text: str) -> None:
        """Offer what matches the text, which was just changed."""
        before, self._text = self._text, text
        if not _may_be_completed(text):
            self.close()
        elif self.is_offering:
            self._filter()
        elif not before and not self._page.composer.is_recalled:
            self._open()

    def loaded(self, text: str) -> None:
        """Offer nothing for a text that nobody has just typed."""
        self.close()
        self._text = text

    def close(self) -> bool:
        """Offer nothing more for this text, and leave it as it is. Return whether something was offered."""
        was_open, self.is_offering = self.view.is_open, False
        self.view.show(shown=False)
        return was_open

    def takes(self, key: CompletionKey) -> bool:
        """Return whether a key is for the list: Enter only if a completion is chosen."""
        field = self._page.composer.field
        if not self.view.is_open or not field.has_focus:
            return False
        if field.text != self._text:  # typed, but not reported yet
            self.typed(field.text)
        return self.view.is_open and (key != "enter" or self.view.list.row is not None)

    def press(self, key: CompletionKey) -> None:
        """Move in the list, or take the chosen completion. Tab chooses the first one if there is none. Before the
        list is complete, another row may be the first, so the keys wait.
        """
        if self._reading is None or self._reading.is_finished:
            self._press(key)
        else:
            self._work.do(partial(self._press_after, self._reading, key), "slash commands", leads=True)

    async def _press_after(self, reading: Worker[None], key: CompletionKey) -> None:
        await reading.wait()
        if self.view.is_open:
            self._press(key)

    def _press(self, key: CompletionKey) -> None:
        if key in ("up", "down"):
            self.view.list.move(-1 if key == "up" else 1)
        elif self.view.list.row is None:
            self.view.list.move(1)
        else:
            self.take()

    def take(self) -> None:
        """Do what the chosen row says: put a text into the composer, or run a command in place of the text."""
        row, composer = self.view.list.row, self._page.composer
        if row is None:
            return
        if row.unavailable:
            self._page.toast(row.detail)
            return
        self.close()
        kind, _, name = row.id.partition(":")
        if kind == "prompt":
            self._composing.prompts.put(next(prompt for prompt in self._read if prompt.file == name), replace=True)
        elif kind == "said":
            composer.field.select_all()
            composer.paste(name)
        else:
            composer.clear()
            self._page.app.call_later(self._listed[name].run)

    def _open(self) -> None:
        self.is_offering = True
        self.view.show(shown=True)  # first: then the text is no message for the commands
        self._listed = {command.label: command for command in self._page.commands()}
        self.view.list.put(self._groups())
        self._filter()
        self._reading = self._work.do(self._read_prompts, "slash commands")

    def _filter(self) -> None:
        self.view.list.filter(self._text.removeprefix(_SLASH))
        self._show()

    def _show(self) -> None:
        self.view.show(shown=self.view.list.counts[0] > 0)

    async def _read_prompts(self) -> None:
        self._read = (await self._composing.prompts.read()).prompts
        if self.is_offering:
            self.view.list.put(self._groups())
            if self.view.list.row is None:
                self._filter()  # the best ones first
            self._show()

    def _groups(self) -> list[PickerGroup]:
        from chatgrid_tui.ui.chat.writing.prompts import prompt_row

        said = [PickerRow(f"said:{text}", text) for text in _said(self._navigation.conversation)]
        prompts = [prompt_row(prompt, f"prompt:{prompt.file}") for prompt in self._read]
        titles = dict.fromkeys(command.group for command in self._listed.values())
        return [
            PickerGroup("Said before", said),
            PickerGroup("Prompts", prompts),
            *(PickerGroup(title, self._rows(title)) for title in titles),
        ]

    def _rows(self, title: str) -> list[PickerRow]:
        commands = (command for command in self._listed.values() if command.group == title)
        return [command_row(command, f"command:{command.label}") for command in commands]


def _may_be_completed(text: str) -> bool:
    return text.startswith(_SLASH) and len(text) <= _LONGEST and "\n" not in text


def _said(conversation: Conversation | None) -> list[str]:
    """Return the newest messages of a conversation that begin with a slash, each once."""
    if conversation is None:
        return []
    texts = (text.strip() for text in reversed(said_in(conversation)))
    said = dict.fromkeys(clean_line(text, _LONGEST) for text in texts if _may_be_completed(text))
    return list(said)[:_MOST_SAID]
