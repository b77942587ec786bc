"""Add, change, test and remove providers: connects the form with the session."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from textual.worker import Worker

from chatgrid_tui.errors import ChatgridError, KeyProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.startup import Opening

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.config.provider_fields import KeyPlace
    from chatgrid_tui.engine.client import Client
    from chatgrid_tui.session.providers.discovery import LocalServer
    from chatgrid_tui.session.providers.provider_editor import ProviderEditor, Saved
    from chatgrid_tui.session.session import Session
    from chatgrid_tui.ui.providers.configuration_file import ConfigurationFile
    from chatgrid_tui.ui.providers.form import ProviderForm
    from chatgrid_tui.ui.providers.form_rows import BeginAt

_COUNTS_AFTER: Final = 0.5
"""Seconds after which the duration of a test is shown."""
_VERDICTS: Final = {"good": "", "unknown": "Not everything could be checked.", "bad": "The test found a problem."}


class ConfiguringProviders:
    """Opens the provider's form and does its work, which continues if the form is closed."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._test: Worker[None] | None = None
        self.servers: tuple[LocalServer, ...] = ()
        """Model servers that were found on this machine."""

    def begin(self, opening: Opening) -> None:
        """Look for model servers on this machine if nothing is configured. Called when the session starts."""
        settings = opening.session.clients.settings
        if opening.bots and settings.probe_local and not settings.document.get("providers"):
            self._work.do(partial(self._look_for_servers, opening.session), "local servers")

    # Actions

    def do(self, action: str) -> None:
        """Do `edit`, `test` or `remove` with the current provider, or `add` another."""
        current = self._navigation.conversation
        if action == "add":
            self.add()
        elif current is not None:
            actions = {"edit": self.edit, "test": self.check, "remove": self.remove}
            actions[action](current.provider.name)

    def add(self, preset: str = "") -> None:
        """Open an empty form; `preset` is the id of a well-known server to start with."""
        self._open("", preset=preset)

    def edit(self, provider_name: str, begin_at: BeginAt = "title") -> None:
        """Open the form of a provider."""
        self._open(provider_name, begin_at=begin_at)

    def check(self, provider_name: str) -> None:
        """Open the form of a provider and test it."""
        self._open(provider_name, testing=True)

    def remove(self, provider_name: str, form: ProviderForm | None = None) -> None:
        """Remove a provider, after a question. `form` is closed then."""
        if (editor := self._editor()) is not None:
            self._work.do(partial(self._ask_to_remove, editor, provider_name, form), "configure", leads=True)

    @cached_property
    def file(self) -> ConfigurationFile:
        """Opens the configuration itself."""
        from chatgrid_tui.ui.providers.configuration_file import ConfigurationFile

        return ConfigurationFile(self._page, self._work, self._show_changed)

    def take_offer(self, number: int) -> None:
        """Do the action of a button on the first screen: the first opens an empty form, the others add a server."""
        if number == 0:
            self.add()
        elif number <= len(self.servers) and (editor := self._editor()) is not None:
            adding = partial(self._add_server, editor, self.servers[number - 1])
            self._work.do(adding, "configure", leads=True)

    # Work of the form

    def test(self, form: ProviderForm) -> None:
        """Test the provider in the form, without sending a message."""
        editor, valid = self._editor(), form.validated()
        if editor is not None and valid is not None:
            self.stop_testing(form)
            trying = partial(editor.trial, form.filled, valid, form.form_model.context)
            self._test = self._work.do(partial(self._check_form, form, trying), "provider test")

    def stop_testing(self, form: ProviderForm) -> bool:
        """Stop the running test. Return whether there was one."""
        if self._test is None or self._test.is_finished:
            return False
        self._test.cancel()
        self._test = None
        form.show_results("")
        form.say("The test was stopped.")
        return True

    def save(self, form: ProviderForm) -> None:
        """Save the provider in the form, and use it."""
        editor, valid = self._editor(), form.validated()
        if editor is not None and valid is not None:
            self.stop_testing(form)
            form.busy(True)
            form.say("Saving.")
            saving = partial(editor.save, form.filled, valid, form.form_model.context)
            self._work.do(partial(self._save, form, saving), "configure")

    # Background work

    def _editor(self) -> ProviderEditor | None:
        from chatgrid_tui.session.providers.provider_editor import ProviderEditor

        return ProviderEditor(self._navigation.session) if self._navigation.session is not None else None

    def _open(self, editing: str, *, preset: str = "", testing: bool = False, begin_at: BeginAt = "title") -> None:
        if (editor := self._editor()) is not None:
            showing = partial(self._show, editor, editing, preset, testing, begin_at)
            self._work.do(showing, "configure", leads=True)

    async def _show(
        self, editor: ProviderEditor, editing: str, preset: str, testing: bool, begin_at: BeginAt
    ) -> None:
        from chatgrid_tui.ui.providers.form import ProviderForm

        form = ProviderForm(await editor.begin(editing), self, preset=preset, begin_at=begin_at)
        if lies_over(self._page.app, ProviderForm):
            return  # another form would hide what is typed there
        await self._page.app.push_screen(form)
        if testing:
            self.test(form)

    async def _look_for_servers(self, session: Session) -> None:
        from chatgrid_tui.session.providers.discovery import find_local_servers

        self.servers = await find_local_servers(session.clients)
        if self.servers:
            self._page.show_welcome()

    async def _add_server(self, editor: ProviderEditor, server: LocalServer) -> None:
        """Add a server, or show in the form why that fails."""
        from chatgrid_tui.config.provider_fields import ValidProvider, validate
        from chatgrid_tui.ui.providers.form_model import FormModel

        form_model = FormModel(await editor.begin(), server.preset.id)
        fields, context = form_model.fields.with_options(title=server.preset.title), form_model.context
        valid = validate(fields, context)
        if isinstance(valid, ValidProvider):
            self._use(await editor.save(fields, valid, context))
        else:
            self.add(server.preset.id)

    async def _check_form(self, form: ProviderForm, trying: partial[Coroutine[object, object, Client]]) -> None:
        from chatgrid_tui.session.providers.connection_test import check_connection
        from chatgrid_tui.ui.form.results import ResultLine, result_lines
        from chatgrid_tui.ui.providers.form import TEST

        begun = time.monotonic()
        counting = self._page.app.set_interval(
            _COUNTS_AFTER, lambda: form.say(f"Testing, {time.monotonic() - begun:.1f} s. Esc stops.")
        )
        form.say("Testing. Esc stops.")
        try:
            report = await check_connection(await trying())
        except ChatgridError as problem:
            form.say("")
            form.show_results(TEST, (ResultLine("Key", "failed", str(problem), "failed"),))
            return
        finally:
            counting.stop()
        form.say(_VERDICTS[report.verdict])
        form.show_results(TEST, result_lines(report))

    async def _save(self, form: ProviderForm, saving: partial[Coroutine[object, object, Saved]]) -> None:
        from chatgrid_tui.ui.form.results import ResultLine

        try:
            saved = await saving()
        except KeyProblem as problem:
            form.say("Not saved.", failed=True)
            other = " It can be stored in keys.toml instead." if form.filled.key_from == "keyring" else ""
            form.wrong("key", f"{problem}{other}")
        except ChatgridError as problem:
            form.say("Not saved.", failed=True)
            form.show_results("Not saved", (ResultLine("File", "failed", str(problem), "failed"),))
        else:
            form.forget()
            form.dismiss(None)
            self._use(saved)
        finally:
            form.busy(False)

    def _use(self, saved: Saved) -> None:
        """Show the saved provider, and start a conversation if it is new."""
        self._show_changed()
        self._page.toast(" ".join((f"{clean_line(saved.provider.shown, 60)} is saved.", *saved.notices)))
        if saved.added:
            self._navigation.begin_at(saved.provider)

    def _show_changed(self) -> None:
        """Update the screen to the current configuration of its provider."""
        conversation, session = self._navigation.conversation, self._navigation.session
        if conversation is None or session is None:
            return
        self._page.show_addressee()
        self._page.show_status()
        self._page.show_welcome()
        self._work.do(partial(self._look_up_key, session, conversation.provider), "key")

    async def _look_up_key(self, session: Session, provider: Provider) -> None:
        if not provider.embedded:
            await session.clients.look_up_key(provider)
            self._page.show_status()

    async def _ask_to_remove(self, editor: ProviderEditor, name: str, form: ProviderForm | None) -> None:
        from chatgrid_tui.session.providers.provider_editor import configured
        from chatgrid_tui.ui.overlays.confirm import ConfirmScreen

        provider = configured(editor.settings, name)
        text = removal_text(await editor.key_place(name))
        title = f"Remove {clean_line(provider.shown, 40)}?"
        if lies_over(self._page.app, ConfirmScreen):
            return  # the question is open already

        def answered(answer: int | None) -> None:
            if answer == 0:
                self._work.do(partial(self._remove, editor, name, form), "configure")

        self._page.app.push_screen(ConfirmScreen(title, text, ("Remove", "Keep")), answered)

    async def _remove(self, editor: ProviderEditor, name: str, form: ProviderForm | None) -> None:
        from chatgrid_tui.session.providers.provider_editor import configured

        shown = configured(editor.settings, name).shown
        notices = await editor.remove(name)
        if form is not None:
            form.forget()
            form.dismiss(None)
        self._show_changed()
        self._page.toast(" ".join((f"{clean_line(shown, 60)} is removed.", *notices)))


def removal_text(place: KeyPlace) -> str:
    """Return what is destroyed by removing a provider whose key is stored at `place`."""
    keys = {
        "keyring": " Its key is removed from the keyring.",
        "file": " Its key is removed from keys.toml.",
        "config": " Its key goes with it.",
    }
    return f"Its entry in config.toml is deleted.{keys.get(place, '')} Its conversations stay, and can be read."
