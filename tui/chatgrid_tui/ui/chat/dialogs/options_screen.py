"""The options of one conversation, which replace those of its provider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.widgets import Button

from chatgrid_tui.config.field_text import parameter_lines, parameters_in
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation, Parameters
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.parts import SAVE_FORM
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.fields import LinesField
from chatgrid_tui.ui.form.form_screen import FormScreen
from chatgrid_tui.ui.form.row import FormRow
from chatgrid_tui.ui.overlays.overlay import OverlayButton, lies_over
from chatgrid_tui.ui.widgets.cells import is_tall

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session

_PROMPT_ROWS: Final = 6
_SAME_PROMPT: Final = "Same as the provider. What you type here applies only to this conversation."
_OWN_PROMPT: Final = "Only for this conversation."
_SAME_PARAMETERS: Final = "Same as the provider. One per line, such as temperature = 0.2 or max_tokens = 500."
_OWN_PARAMETERS: Final = "Only for this conversation, instead of the provider's. One per line."


@dataclass(frozen=True, slots=True)
class Options:
    """A system prompt and parameters; None for those of the provider."""

    system: str | None
    parameters: Parameters | None


class OptionsScreen(FormScreen[Options]):
    """Shows what a conversation sends in addition to its messages, and returns what to send from now on, or None for
    no change. An option that equals the provider's will follow later changes of the provider.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._prompt, self._parameters = LinesField(), LinesField()
        provider = conversation.provider
        super().__init__(
            "Options of this conversation",
            clean_line(f"{provider.shown} · {conversation.board.name}"),
            [
                FormRow("system", "System prompt", self._prompt, _SAME_PROMPT),
                FormRow("parameters", "Parameters", self._parameters, _SAME_PARAMETERS),
            ],
            [
                OverlayButton("Save", action=SAVE_FORM, id="save"),
                OverlayButton("Use the provider's", id="reset"),
                OverlayButton("Cancel", key="Esc", id="cancel"),
            ],
        )
        option = DIALECTS[provider.kind].option("parameters")
        assert option is not None, "it is offered only if the kind has it"
        self._option = option
        self._of_provider = (provider.system, parameter_lines(dict(provider.parameters)))
        own = conversation.parameters
        self._saved = (
            self._of_provider[0] if conversation.system is None else conversation.system,
            self._of_provider[1] if own is None else parameter_lines(dict(own)),
        )

    def on_mount(self) -> None:
        """Show the current options, and focus the prompt."""
        self._prompt.styles.height = self._parameters.styles.height = _PROMPT_ROWS // (1 if is_tall(self) else 2)
        self._put(*self._saved)
        for field in (self._prompt, self._parameters):
            field.move_cursor(field.document.end)
        self._prompt.focus()

    def action_save(self) -> None:
        """Return the typed options, unless they are invalid."""
        parameters, problem = parameters_in(self._parameters.value, self._option)
        if problem:
            self._show_state(problem)
            self._parameters.focus()
            return
        prompt = self._prompt.value
        same = parameters == parameters_in(self._of_provider[1], self._option)[0]
        self.dismiss(
            Options(
                None if prompt.strip() == self._of_provider[0].strip() else prompt,
                None if same else tuple(parameters.items()),
            )
        )

    @property
    def touched(self) -> bool:
        """Whether it has unsaved changes."""
        return self._typed != self._saved

    def forget(self) -> None:
        """Treat the current content as saved."""
        self._saved = self._typed

    @property
    def _typed(self) -> tuple[str, str]:
        return self._prompt.value, self._parameters.value

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        event.stop()
        match event.button.id:
            case "save":
                self.action_save()
            case "reset":
                self._put(*self._of_provider)
            case _:
                self.action_close()

    def on_form_row_changed(self, event: FormRow.Changed) -> None:
        """Show whether the options are now the provider's."""
        event.stop()
        self._show_state()

    def _put(self, prompt: str, parameters: str) -> None:
        self._prompt.put(prompt)
        self._parameters.put(parameters)
        self._show_state()

    def _show_state(self, problem: str = "") -> None:
        """Show for each field whether its value is the provider's, or what is wrong with it."""
        same = self._prompt.value.strip() == self._of_provider[0].strip()
        self.rows["system"].show(_SAME_PROMPT if same else _OWN_PROMPT)
        same = self._parameters.value.strip() == self._of_provider[1].strip()
        self.rows["parameters"].show(_SAME_PARAMETERS if same else _OWN_PARAMETERS, problem)


class ChatOptions:
    """Shows the options of a conversation, and applies the changes."""

    def __init__(self, page: ChatPage, work: Work) -> None:
        self._page = page
        self._work = work

    def offer(self, session: Session, conversation: Conversation) -> None:
        """Show the options of a conversation, if its kind of service has any."""
        dialect = DIALECTS[conversation.provider.kind]
        if not dialect.takes_options:
            self._page.toast(f"{dialect.name} has no options.")
            return
        if lies_over(self._page.app, OptionsScreen):
            return  # another one would hide what is typed there

        def take(options: Options | None) -> None:
            if options is not None:
                self._work.do(partial(self._take, session, conversation, options), "options")

        self._page.app.push_screen(OptionsScreen(conversation), take)

    async def _take(self, session: Session, conversation: Conversation, options: Options) -> None:
        if (options.system, options.parameters) == (conversation.system, conversation.parameters):
            return
        await session.set_options(conversation, options.system, options.parameters)
        self._page.toast("The options apply from the next message on.")
        self._page.show_status()
