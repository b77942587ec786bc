"""The options of one conversation: what it sends otherwise than its provider says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from chatgrid_tui.config.line_formats import parameter_lines, parameters_in
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation, Parameters
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.button import FormButton
from chatgrid_tui.ui.form.field import FormField
from chatgrid_tui.ui.form.fields import FormFields
from chatgrid_tui.ui.form.lines import FormLines
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.confirm import UnsavedScreen
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.widgets.cells import TINY_BELOW, is_tall
from chatgrid_tui.ui.widgets.header import Header
from chatgrid_tui.ui.work import Work

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_FRAME_ROWS: Final = 6
_PROMPT_ROWS: Final = 6
_SAME_PROMPT: Final = "As the provider says. What is typed here goes for this conversation alone."
_OWN_PROMPT: Final = "For this conversation alone."
_SAME_PARAMETERS: Final = "As the provider says. One a line, such as temperature = 0.2 or max_tokens = 500."
_OWN_PARAMETERS: Final = "For this conversation alone, in place of the provider's. One a line."


@dataclass(frozen=True, slots=True)
class Options:
    """A system prompt and parameters; None is what the provider says."""

    system: str | None
    parameters: Parameters | None


class OptionsScreen(UnsavedScreen[Options]):
    """Shows what a conversation sends beside its messages, and gives back what is to be sent from now on; None where
    nothing is to be changed. What is as the provider says stays that way when the provider is changed.
    """

    DEFAULT_CSS = """
    OptionsScreen {
        & Overlay > Header {
            margin: 1 2 0 2;
        }
        & #options {
            margin: 1 1 0 3;
        }
        & #buttons {
            height: 1;
            margin: 0 3 1 17;
            background: $cg-overlay;
        }
        &.-tiny #buttons {
            margin: 0 1 1 3;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field above", show=False),
        Binding("down", "app.focus_next", "Field below", show=False),
        Binding("ctrl+s", "save", "Save", show=False, priority=True),
        Binding("escape", "close", "Cancel", show=False, priority=True),
    ]

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        provider = conversation.provider
        option = DIALECTS[provider.kind].option("parameters")
        assert option is not None, "it is offered only if the kind has it"
        self._option = option
        self._theirs = (provider.system, parameter_lines(dict(provider.parameters)))
        own = conversation.parameters
        self._before = (
            self._theirs[0] if conversation.system is None else conversation.system,
            self._theirs[1] if own is None else parameter_lines(dict(own)),
        )
        place = f"{provider.shown} · {conversation.board.name}"
        self._header = Header("Options of this conversation", clean_line(place), surface="overlay", margins=(1, 1))
        self._prompt, self._parameters = FormLines(), FormLines()
        self._rows = (
            FormRow("System prompt", self._prompt, _SAME_PROMPT),
            FormRow("Parameters", self._parameters, _SAME_PARAMETERS),
        )
        self._fields = FormFields(id="options")
        self._buttons = (
            FormButton("save", "Save", "Ctrl+S"),
            FormButton("theirs", "Use the provider's"),
            FormButton("cancel", "Cancel", "Esc"),
        )

    def compose(self) -> ComposeResult:
        """Put the overlay together."""
        with self.overlay:
            yield self._header
            with self._fields:
                yield from self._rows
            with Horizontal(id="buttons"):
                yield from self._buttons

    def on_mount(self) -> None:
        """Show what is sent now, and begin at the prompt."""
        for widget in (self._prompt, self._prompt.lines):
            widget.styles.height = _PROMPT_ROWS if is_tall(self) else _PROMPT_ROWS // 2
        self._put(*self._before)
        for field in (self._prompt, self._parameters):
            field.lines.move_cursor(field.lines.document.end)
        self._prompt.target.focus()

    def fit(self, top: int, height: int) -> None:
        """Give the fields what room there is; what has none scrolls."""
        tiny = self.app.size.width < TINY_BELOW
        self.set_class(tiny, "-tiny")
        for row in self._rows:
            row.stack(tiny)
        self._fields.styles.max_height = max(2, height - 2 * top - _FRAME_ROWS)

    def action_save(self) -> None:
        """Give back what is typed, unless it cannot be read."""
        parameters, sentence = parameters_in(self._parameters.value, self._option)
        if sentence:
            self._show_state(sentence)
            self._parameters.target.focus()
            return
        prompt = self._prompt.value
        same = parameters == parameters_in(self._theirs[1], self._option)[0]
        self.dismiss(
            Options(
                None if prompt.strip() == self._theirs[0].strip() else prompt,
                None if same else tuple(parameters.items()),
            )
        )

    @property
    def touched(self) -> bool:
        """Whether something stands in it that is not saved."""
        return self._typed != self._before

    def forget(self) -> None:
        """Let what stands in it now count as saved."""
        self._before = self._typed

    @property
    def _typed(self) -> tuple[str, str]:
        return self._prompt.value, self._parameters.value

    @on(FormButton.Pressed)
    def _button_was_pressed(self, event: FormButton.Pressed) -> None:
        event.stop()
        match event.button:
            case "save":
                self.action_save()
            case "theirs":
                self._put(*self._theirs)
            case _:
                self.action_close()

    @on(FormField.Changed)
    def _field_was_changed(self, event: FormField.Changed) -> None:
        event.stop()
        self._show_state()

    def _put(self, prompt: str, parameters: str) -> None:
        self._prompt.put(prompt)
        self._parameters.put(parameters)
        self._show_state()

    def _show_state(self, wrong: str = "") -> None:
        """Say of each field whose it is, or what is wrong with it."""
        prompt, parameters = self._rows
        same = self._prompt.value.strip() == self._theirs[0].strip()
        prompt.show(_SAME_PROMPT if same else _OWN_PROMPT)
        same = self._parameters.value.strip() == self._theirs[1].strip()
        parameters.show(_SAME_PARAMETERS if same else _OWN_PARAMETERS, wrong)

    def look_changed(self) -> None:
        """Draw anew with other colours or signs."""
        super().look_changed()
        for part in (self._header, *self._rows, *self._buttons):
            part.look_changed()


class ChatOptions:
    """Offers the options of a conversation, and lets it send what was chosen."""

    def __init__(self, page: ChatPage, work: Work) -> None:
        self._page = page
        self._work = work

    def offer(self, session: Session, conversation: Conversation) -> None:
        """Show the options of a conversation, where its kind of service takes any."""
        dialect = DIALECTS[conversation.provider.kind]
        if not dialect.takes_options:
            self._page.toast(f"{dialect.name} takes no options.")
            return
        if lies_over(self._page.app, OptionsScreen):
            return  # what is typed there is not to be lost behind another

        def take(options: Options | None) -> None:
            if options is not None:
                self._work.do(partial(self._take, session, conversation, options), "options")

        self._page.app.push_screen(OptionsScreen(conversation), take)

    async def _take(self, session: Session, conversation: Conversation, options: Options) -> None:
        if (options.system, options.parameters) == (conversation.system, conversation.parameters):
            return
        await session.set_options(conversation, options.system, options.parameters)
        self._page.toast("The options go along with the next message.")
        self._page.show_status()
