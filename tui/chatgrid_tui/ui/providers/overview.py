"""All providers on one page: their health, the keys in use, and the remaining credits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar, Final
from urllib.parse import urlsplit

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, KeyProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.provider_health import ProviderHealth, shortly
from chatgrid_tui.session.providers.connection_test import check_connection
from chatgrid_tui.session.session import Session
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.actions.action import hints
from chatgrid_tui.ui.actions.keys import KeyHint
from chatgrid_tui.ui.actions.parts import PROVIDERS_ACTIONS
from chatgrid_tui.ui.appearance import look_of
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.form_screen import STYLES
from chatgrid_tui.ui.form.results import ResultLine, Results, result_lines
from chatgrid_tui.ui.overlays.overlay import OVERLAY_STYLES
from chatgrid_tui.ui.overlays.picker import ListScreen
from chatgrid_tui.ui.overlays.picker_list import PickerGroup, PickerList, PickerRow
from chatgrid_tui.ui.providers.configuring import ConfiguringProviders
from chatgrid_tui.ui.switching.states import PRODUCTION, standing_words
from chatgrid_tui.ui.widgets.cells import is_tall
from chatgrid_tui.ui.widgets.tone import Tone

_ADD: Final = PickerRow("add a provider", "+ Add a provider")
_TICK: Final = 1.0
_TICK_REDUCED: Final = 2.0
_FRAME_ROWS: Final = 6
_DETAIL_ROWS: Final = 6
_LEFT_BELOW: Final = 6
_CLOSE: Final = KeyHint("close", ("escape",), "Close")


class ProvidersScreen(ListScreen[None]):
    """Lists the providers, with details of the chosen one below. A running test continues if the page is closed."""

    CSS_PATH = [OVERLAY_STYLES, STYLES]  # noqa: RUF012 (declared by Textual)
    BINDINGS: ClassVar[list[BindingType]] = [action.binding for action in PROVIDERS_ACTIONS]

    def __init__(
        self,
        page: ChatPage,
        work: Work,
        session: Session,
        providers: ConfiguringProviders,
        chosen: str,
        keymap: Mapping[str, str],
    ) -> None:
        """`chosen` is the name of the provider to start with. `keymap` has the changed keys."""
        self._page = page
        self._work = work
        self._session = session
        self._providers = providers
        self._listed = session.clients.settings
        """The settings that are listed."""
        self._problems: dict[str, str] = {}
        """Why a key cannot be read, by provider."""
        super().__init__(
            "Providers and keys", self._groups(), chosen, (_CLOSE, *hints(PROVIDERS_ACTIONS, keymap)), self._state_of
        )
        self._details, self._results = Results(), Results()

    def compose(self) -> ComposeResult:
        """Overrides `Screen.compose`."""
        with self.overlay:
            yield self._header
            yield self._list
            yield self._details
            yield self._results
            yield self._keys

    def on_mount(self) -> None:
        """Show the health of all, and keep it up to date."""
        self._show()
        self.set_interval(_TICK_REDUCED if look_of(self).reduced_motion else _TICK, self._tick)

    def on_screen_resume(self) -> None:
        """Update the list, as an overlay may have changed providers and keys."""
        self._listed = self._session.clients.settings
        self._list.put(self._groups())
        self._show()
        self.on_resize()
        self._work.do(self._look_up_keys, "keys")

    def fit(self, top: int, height: int) -> None:
        """Give the list the room that the details leave."""
        tall = is_tall(self)
        below = _DETAIL_ROWS + (self._results.size.height + 1 if self._results.display else 0)
        room = height - top - _FRAME_ROWS - below - (_LEFT_BELOW if tall else top)
        self._list.space(tall)
        self._list.styles.height = max(2, min(self._list.height, room))
        self.call_after_refresh(self._list.show_chosen)

    # Keys

    def action_edit(self) -> None:
        """Edit the chosen provider, or add one."""
        if self.chosen == _ADD.id:
            self._providers.add()
        elif (provider := self._chosen_provider) is not None and not provider.embedded:
            self._providers.edit(provider.name)
        elif provider is not None:
            self._page.toast("The demo bots are built in and cannot be edited.")

    def action_test(self) -> None:
        """Test the chosen provider, without sending a message."""
        if (provider := self._chosen_provider) is not None:
            self._show_results("Test", ResultLine("Test", "", "It is running, for ten seconds at most."))
            self._work.do(partial(self._test, provider), "provider test")

    def action_remove(self) -> None:
        """Remove the chosen provider, after a question."""
        if (provider := self._chosen_provider) is not None and not provider.embedded:
            self._providers.remove(provider.name)

    @on(PickerList.Chosen)
    def _another_chosen(self, event: PickerList.Chosen) -> None:
        event.stop()
        self._show_results("")
        self._show()

    @on(OptionList.OptionSelected)
    def _row_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.chosen == _ADD.id:
            self._providers.add()

    # Background work

    async def _look_up_keys(self) -> None:
        """Look up the keys that need no command, as a command may ask for a fingerprint."""
        settings = self._session.clients.settings
        for provider in list(settings.providers.values()):
            source = settings.key_sources.get(provider.name)
            if source is None or source.command or provider.embedded:
                continue
            try:
                await self._session.clients.look_up_key(provider)
                self._problems.pop(provider.name, None)
            except KeyProblem as problem:
                self._problems[provider.name] = str(problem)

    async def _test(self, provider: Provider) -> None:
        try:
            lines = result_lines(await check_connection(await self._session.clients.get(provider)))
        except ChatgridError as problem:
            lines = (ResultLine("Test", "Failed", str(problem), "failed"),)
        if self.is_attached and self.chosen == provider.name:
            self._show_results(f"Test of {clean_line(provider.shown, 60)}", *lines)

    # Display

    def _tick(self) -> None:
        if self._listed is not self._session.clients.settings:
            self.on_screen_resume()
        self._show()

    def _show(self) -> None:
        """Show the current state of all."""
        if self.is_attached:
            self._header.show(self._title, f"{self._list.counts[1]:,}")
            self._list.update_states()
            provider = self._chosen_provider
            if provider is None:
                self._details.show("")
            else:
                self._details.show(clean_line(provider.shown, 60), self._details_of(provider))

    def _show_results(self, title: str, *lines: ResultLine) -> None:
        self._results.show(title, lines)
        self.call_after_refresh(self.on_resize)

    @property
    def _chosen_provider(self) -> Provider | None:
        return self._session.clients.settings.providers.get(self.chosen or "")

    def _groups(self) -> list[PickerGroup]:
        rows: dict[bool, list[PickerRow]] = {False: [], True: []}
        for provider in self._session.clients.settings.providers.values():
            kind, host = DIALECTS[provider.kind].name, urlsplit(provider.base_url).netloc
            row = PickerRow(provider.name, clean_line(provider.shown), clean_line(host), place=kind)
            rows[provider.embedded].append(row)
        return [
            PickerGroup("Your providers", rows[False]),
            PickerGroup("Local bots", rows[True]),
            PickerGroup("", [_ADD], "always"),
        ]

    def _state_of(self, row: PickerRow) -> tuple[str, Tone]:
        provider = self._session.clients.settings.providers.get(row.id)
        if provider is None:
            return "", "quiet"
        text, tone = standing_words(self._session.clients.health_monitor.of(provider.name))
        if provider.production:
            return (f"{PRODUCTION} · {text}" if text else PRODUCTION), "production"
        return text, tone

    def _details_of(self, provider: Provider) -> list[ResultLine]:
        health = self._session.clients.health_monitor.of(provider.name)
        lines = [self._key_line(provider)]
        if DIALECTS[provider.kind].account is not None or health.credits is not None:
            lines.append(_credits_line(health))
        lines.append(_allowance_line(health, self._session.clock.utc_now()))
        return lines

    def _key_line(self, provider: Provider) -> ResultLine:
        if provider.embedded:
            return ResultLine("Key", "none", "No key is needed.", "quiet")
        if problem := self._problems.get(provider.name):
            return ResultLine("Key", "not usable", problem, "failed")
        key = self._session.clients.key_status(provider)
        if key.source:
            end = "set" if key.shown == "…" else key.shown
            return ResultLine("Key", end, " ".join(filter(None, (f"From {key.source}.", key.warning))))
        source = self._session.clients.settings.key_sources.get(provider.name)
        if source is not None and source.command:
            command = clean_line(source.command[0], 60)
            return ResultLine("Key", "not asked", f"The command {command} prints it when it is needed.", "quiet")
        return ResultLine("Key", "none", key.missing or "It is being looked up.", "quiet")


def _credits_line(health: ProviderHealth) -> ResultLine:
    if health.credits is None:
        return ResultLine("Credits", "unknown", "The service has not reported any.", "quiet")
    return ResultLine("Credits", f"{health.credits:,}", "are left to be spent.")


def _allowance_line(health: ProviderHealth, now: datetime) -> ResultLine:
    allowance = health.allowance
    if health.state == "limited":
        left = (health.until - now).total_seconds() if health.until is not None else 0
        ends = f"The limit ends in {shortly(left)}." if left > 0 else "The service did not say for how long."
        return ResultLine("Requests", "limited", ends, "waiting")
    if allowance is None or allowance.remaining is None:
        return ResultLine("Requests", "unknown", "The service has not reported a limit.", "quiet")
    of = f"of {allowance.limit:,} are left" if allowance.limit is not None else "are left"
    left = (allowance.resets_at - now).total_seconds() if allowance.resets_at is not None else 0
    resets = f"; resets in {shortly(left)}" if left > 0 else ""
    return ResultLine("Requests", f"{allowance.remaining:,}", f"{of}{resets}.")
