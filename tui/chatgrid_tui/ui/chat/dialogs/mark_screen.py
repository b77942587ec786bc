"""Marks a reply: the form for the verdict and the note."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Button, Input, RadioButton

from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.model.reply_mark import LONGEST_NOTE, REPLY_VERDICTS, ReplyMark, note_of
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.text import clean, clean_line
from chatgrid_tui.ui.actions.parts import SAVE_FORM
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.fields import ChoiceField, LineField
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton, lies_over
from chatgrid_tui.ui.verdicts import verdict_word

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_NUMBERS: Final = {str(number): verdict for number, verdict in enumerate(REPLY_VERDICTS.values(), 1)}
_CHOICE_HELP: Final = "1 to 5 choose, and lead to the note"
_NOTE_HELP: Final = "Optional: a sentence. Enter saves."

Save: TypeAlias = Callable[[ReplyMark], Awaitable[str]]
"""Saves a mark, and returns an error as a sentence; empty if it was saved."""


class _VerdictField(ChoiceField):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.save", "Save", show=False),
        *(Binding(key, f"screen.judge('{verdict}')", verdict, show=False) for key, verdict in _NUMBERS.items()),
    ]


class _NoteField(LineField):
    class Cut(Message):
        """A pasted text was too long, so that its end was left out."""

    def __init__(self) -> None:
        super().__init__(longest=LONGEST_NOTE)

    def paste(self, pasted: str) -> None:
        """Insert a text on one line, as far as there is room."""
        start, end = sorted(self.selection)
        room = LONGEST_NOTE - len(self.value) + end - start
        looked_at = 4 * LONGEST_NOTE
        text = " ".join(clean(pasted[:looked_at]).split())
        self.replace(text[:room], start, end)
        if len(text) > room or len(pasted) > looked_at:
            self.post_message(self.Cut())


class MarkScreen(FormScreen[ReplyMark]):
    """Asks for a verdict on a reply and a note, and returns them once they are saved."""

    def __init__(
        self, about: str, mark: ReplyMark, save: Save, report: Callable[[str], object] = lambda problem: None
    ) -> None:
        """`about` names the reply, and `mark` is the one it has. `report` is called with an error if the form was
        closed before it.
        """
        self._verdict_field = _VerdictField({v: f"{key} {verdict_word(v)}" for key, v in _NUMBERS.items()})
        self._note_field = _NoteField()
        self._saved, self._save, self._report = mark, save, report
        self._busy = False
        removing = [OverlayButton("Remove the mark", id="remove")] if mark else []
        super().__init__(
            "Mark the reply",
            about,
            [
                FormRow("verdict", "It is", self._verdict_field, _CHOICE_HELP),
                FormRow("note", "Note", self._note_field, _NOTE_HELP),
            ],
            [
                OverlayButton("Save", action=SAVE_FORM, id="save"),
                *removing,
                OverlayButton("Cancel", key="Esc", id="cancel"),
            ],
        )

    def on_mount(self) -> None:
        """Show the current mark, and focus the verdict."""
        self._verdict_field.put(self._saved.verdict or "")
        self._note_field.put(self._saved.note)
        self._verdict_field.focus()

    @property
    def touched(self) -> bool:
        """Whether it has unsaved changes."""
        return self._typed != self._saved

    def forget(self) -> None:
        """Treat the current content as saved."""
        self._saved = self._typed

    @property
    def _typed(self) -> ReplyMark:
        return ReplyMark(REPLY_VERDICTS.get(self._verdict_field.value), note_of(self._note_field.value))

    def on_key(self, event: events.Key) -> None:
        """Begin the note with a letter that is typed while the verdict has the focus."""
        if self.focused is self._verdict_field and event.character is not None and event.character.isalpha():
            event.stop()
            self._note_field.insert_text_at_cursor(event.character)
            self._note_field.focus()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Go on to the note after a click on a verdict, as after its number."""
        if isinstance(event.widget, RadioButton):
            self._note_field.focus()

    def action_judge(self, verdict: str) -> None:
        """Choose a verdict, and go on to the note."""
        self._verdict_field.put(verdict)
        self._note_field.focus()

    def action_save(self) -> None:
        """Save the mark, unless it is empty."""
        if self._typed:
            self._begin(self._typed)
        else:
            self.rows["verdict"].show(_CHOICE_HELP, "Choose what it is, or write a note.")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        match event.button.id:
            case "save":
                self.action_save()
            case "remove":
                self._begin(ReplyMark())
            case _:
                self.action_close()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Remove what was said about the field before."""
        event.stop()
        self.rows["verdict"].show(_CHOICE_HELP)
        if len(self._note_field.value) < LONGEST_NOTE:
            self.rows["note"].show(_NOTE_HELP)

    @on(_NoteField.Cut)
    def _note_was_cut(self, event: _NoteField.Cut) -> None:
        event.stop()
        problem = f"A note has at most {LONGEST_NOTE} characters: the end was left out."
        self.rows["note"].show(_NOTE_HELP, problem)

    @on(Input.Submitted)
    def _enter_in_note(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()  # it would move to the next field
        self.action_save()

    def _begin(self, mark: ReplyMark) -> None:
        if not self._busy:
            self._busy = True
            self.app.run_worker(self._try(mark), group="mark", exit_on_error=True)

    async def _try(self, mark: ReplyMark) -> None:
        problem = await self._save(mark)
        self._busy = False
        if not problem:
            self.dismiss(mark)
        elif self.is_attached:
            self.show_message(problem, failed=True)
        else:
            self._report(problem)


async def offer_mark(page: ChatPage, session: Session, conversation: Conversation, turn: Turn, reply: Reply) -> None:
    """Ask what the user says of a reply, and save it."""
    try:
        session.marks.check(conversation, turn, reply)
    except UsageProblem as problem:
        page.toast(str(problem))
        return
    if lies_over(page.app, MarkScreen):
        return  # requested twice

    async def save(mark: ReplyMark) -> str:
        try:
            await session.marks.save(conversation, turn, reply, mark)
        except ChatgridError as problem:
            return str(problem)
        return ""

    def saved(mark: ReplyMark | None) -> None:
        if mark is not None:
            page.toast("The mark is saved." if mark else "The mark was removed.")

    about = f"{clean_line(reply.speaker, 40)} · {reply.started_at.astimezone():%H:%M}"
    mark = ReplyMark(reply.verdict, note_of(reply.note))
    page.app.push_screen(MarkScreen(about, mark, save, page.notices.add), saved)
