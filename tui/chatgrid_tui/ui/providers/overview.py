"""The page of all providers: connects its screen with the session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final, Protocol
from urllib.parse import urlsplit

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ChatgridError, KeyProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.provider_health import ProviderHealth, shortly
from chatgrid_tui.session.providers.connection_test import check_connection
from chatgrid_tui.session.session import Session
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.form.results import ResultLine
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.overlays.picker_rows import PickerGroup, PickerRow
from chatgrid_tui.ui.providers.configuring import result_lines
from chatgrid_tui.ui.providers.overview_screen import ADD, ProvidersScreen
from chatgrid_tui.ui.switching.states import PRODUCTION, standing_words
from chatgrid_tui.ui.widgets.tone import Tone
from chatgrid_tui.ui.work import Work

_ADD_ROW: Final = PickerRow(ADD, "+ Add a provider")


class Providers(Protocol):
    """Adds, edits and removes providers."""

    def add(self) -> None: ...
    def edit(self, provider_name: str) -> None: ...
    def remove(self, provider_name: str) -> None: ...


class ProvidersPage:
    """Shows all providers and does the work of their page. A running test goes on if the page is closed."""

    def __init__(self, page: ChatPage, work: Work, session: Session, providers: Providers) -> None:
        self._page = page
        self._work = work
        self._session = session
        self._providers = providers
        self._screen: ProvidersScreen | None = None
        self._listed = session.clients.settings
        """The settings that are listed."""
        self._problems: dict[str, str] = {}
        """Why a key cannot be read, by provider."""

    def offer(self, here: str) -> None:
        """Show all providers, with the one called `here` chosen."""
        if lies_over(self._page.app, ProvidersScreen):
            return
        self._screen = ProvidersScreen(self._groups(), here, self, self._state_of, self._about)
        self._page.app.push_screen(self._screen)
        self._work.do(self._look_up_keys, "keys")

    # Actions of the screen

    def edit(self, provider: str) -> None:
        """Edit a provider, or add one."""
        if provider == ADD:
            self._providers.add()
        elif (known := self._known(provider)) is not None and not known.embedded:
            self._providers.edit(provider)
        elif known is not None:
            self._page.toast("The demo bots are built in and cannot be edited.")

    def test(self, provider: str) -> None:
        """Test a provider, without sending a message."""
        known, screen = self._known(provider), self._screen
        if known is not None and screen is not None:
            screen.show_results("Test", (ResultLine("Test", "", "It is running, for ten seconds at most."),))
            self._work.do(partial(self._test, screen, known), "provider test")

    def remove(self, provider: str) -> None:
        """Remove a provider, after a question."""
        if (known := self._known(provider)) is not None and not known.embedded:
            self._providers.remove(provider)

    def seen_again(self) -> None:
        """Update the list, as an overlay may have changed providers and keys."""
        self._listed = self._session.clients.settings
        if self._screen is not None:
            self._screen.put(self._groups())
            self._work.do(self._look_up_keys, "keys")

    def tick(self) -> None:
        """Update the list if the settings have changed."""
        if self._listed is not self._session.clients.settings:
            self.seen_again()

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

    async def _test(self, screen: ProvidersScreen, provider: Provider) -> None:
        title = f"Test of {clean_line(provider.shown, 60)}"
        try:
            report = await check_connection(await self._session.clients.get(provider))
            lines = result_lines(report)
        except ChatgridError as problem:
            lines = (ResultLine("Test", "Failed", str(problem), "failed"),)
        if screen.is_attached and screen.chosen == provider.name:
            screen.show_results(title, lines)

    # Display

    def _known(self, name: str) -> Provider | None:
        return self._session.clients.settings.providers.get(name)

    def _groups(self) -> list[PickerGroup]:
        rows: dict[bool, list[PickerRow]] = {False: [], True: []}
        for provider in self._session.clients.settings.providers.values():
            kind, host = DIALECTS[provider.kind].name, urlsplit(provider.base_url).netloc
            row = PickerRow(provider.name, clean_line(provider.shown), clean_line(host), place=kind)
            rows[provider.embedded].append(row)
        return [
            PickerGroup("Your providers", rows[False]),
            PickerGroup("Local bots", rows[True]),
            PickerGroup("", [_ADD_ROW]),
        ]

    def _state_of(self, row: PickerRow) -> tuple[str, Tone]:
        provider = self._known(row.id)
        if provider is None:
            return "", "quiet"
        words, tone = standing_words(self._session.clients.health_monitor.of(provider.name))
        if provider.production:
            return (f"{PRODUCTION} · {words}" if words else PRODUCTION), "production"
        return words, tone

    def _about(self, name: str) -> tuple[str, Sequence[ResultLine]]:
        """Return the title and the lines about a provider."""
        provider = self._known(name)
        if provider is None:
            return "", ()
        health = self._session.clients.health_monitor.of(name)
        lines = [self._key_line(provider)]
        if DIALECTS[provider.kind].account is not None or health.credits is not None:
            lines.append(_credits_line(health))
        lines.append(_allowance_line(health, self._session.clock.utc_now()))
        return clean_line(provider.shown, 60), lines

    def _key_line(self, provider: Provider) -> ResultLine:
        if provider.embedded:
            return ResultLine("Key", "none", "No key is needed.", "quiet")
        if problem := self._problems.get(provider.name):
            return ResultLine("Key", "not usable", f" {problem}", "failed")
        key = self._session.clients.key_status(provider)
        if key.source:
            return ResultLine("Key", key.shown, " ".join(filter(None, (f"From {key.source}.", key.warning))), "plain")
        source = self._session.clients.settings.key_sources.get(provider.name)
        if source is not None and source.command:
            command = clean_line(source.command[0], 60)
            return ResultLine("Key", "not asked", f"The command {command} prints it when it is needed.", "quiet")
        return ResultLine("Key", "none", key.missing or "It is being looked for.", "quiet")


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
