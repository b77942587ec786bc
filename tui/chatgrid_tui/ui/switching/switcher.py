"""The switcher. It opens at once with what is stored here, and adds what services list while it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol, assert_never

from chatgrid_tui.errors import ChatgridError, ServiceProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.session import Session
from chatgrid_tui.session.wording.failures import explain
from chatgrid_tui.text import clean_line
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.overlays.name_screen import NameScreen
from chatgrid_tui.ui.overlays.overlay import lies_over
from chatgrid_tui.ui.switching.destinations import (
    AddProvider,
    Destination,
    MakeBoard,
    ToBoard,
    ToConversation,
    ToProvider,
)
from chatgrid_tui.ui.switching.states import RowStates
from chatgrid_tui.ui.switching.switcher_rows import SwitcherRows
from chatgrid_tui.ui.switching.switcher_screen import SwitcherScreen

_EMBEDDED = "The demo bots are built in and cannot be edited."
_NOT_CONFIGURED = "No provider is configured for this row."
_NAME_HELP = "People see this name. It can be changed at the service."


class Providers(Protocol):
    """Adds, edits and removes providers."""

    def add(self) -> None: ...
    def edit(self, provider: str) -> None: ...
    def remove(self, provider: str) -> None: ...


class Switcher:
    """Lists all places, and opens the one that was chosen."""

    def __init__(
        self,
        page: ChatPage,
        work: Work,
        session: Session,
        navigation: Navigation,
        providers: Providers,
        waiting: Callable[[int], bool],
        keymap: Mapping[str, str],
    ) -> None:
        """`waiting` returns whether the conversation with an id needs attention. `keymap` has the changed keys."""
        self._page = page
        self._work = work
        self._session = session
        self._navigation = navigation
        self._providers = providers
        self._waiting = waiting
        self._keymap = keymap
        self._rows = SwitcherRows(session)
        self._screen: SwitcherScreen | None = None
        self._here: Conversation | None = None
        self._listed = session.clients.settings
        """The settings that are listed."""

    def offer(self, current: Conversation) -> None:
        """Show all places. `current` is the conversation on the screen."""
        if lies_over(self._page.app, SwitcherScreen):
            return
        self._here = current
        states = RowStates(self._session, current, self._waiting)
        groups = [*self._rows.at_rest(current), *self._rows.offers()]
        self._screen = SwitcherScreen(groups, self, lambda row: states.of(self._rows.target(row.id)), self._keymap)
        self._page.app.push_screen(self._screen, self._chosen)
        self._update()

    # Actions of the screen

    def new_there(self, row_id: str) -> bool:
        """Start a conversation where a row leads. If that is impossible, say why and return False."""
        settings = self._session.clients.settings
        match self._rows.target(row_id):
            case ToBoard() | ToProvider() as target:
                self._go(target)
            case ToConversation(number):
                row = self._session.index.get(number)
                provider = settings.providers.get(row.provider) if row is not None else None
                if row is None or provider is None:
                    self._page.toast(_NOT_CONFIGURED)
                    return False
                self._navigation.new(provider, Board(row.board, row.board_name or row.board))
            case _:
                self._page.toast("A new conversation needs a board or a provider.")
                return False
        return True

    def edit(self, row_id: str) -> None:
        """Edit the provider of a row, or say why not."""
        provider = self._provider_of(row_id)
        if provider is None:
            self._page.toast(_NOT_CONFIGURED)
        elif provider.embedded:
            self._page.toast(_EMBEDDED)
        else:
            self._providers.edit(provider.name)

    def remove(self, row_id: str) -> None:
        """Remove the provider of a row, or explain why it cannot be removed."""
        target = self._rows.target(row_id)
        if not isinstance(target, ToProvider):
            self._page.toast("Only providers can be removed here.")
        elif target.provider.embedded:
            self._page.toast(_EMBEDDED)
        else:
            self._providers.remove(target.provider.name)

    def seen_again(self) -> None:
        """Update the list, as an overlay may have changed the providers."""
        self._update()

    def tick(self) -> None:
        """Update the list if the settings have changed."""
        if self._listed is not self._session.clients.settings:
            self._update()

    # Content

    def _update(self) -> None:
        """List what is stored here, and request the lists that are not up to date."""
        screen = self._screen
        if screen is None:
            return
        self._listed = self._session.clients.settings
        self._work.do(partial(self._list, screen), "places")
        for provider in self._session.clients.settings.providers.values():
            if self._session.recents.is_due(provider):
                self._work.do(partial(self._ask, screen, provider), "places")

    async def _ask(self, screen: SwitcherScreen, provider: Provider) -> None:
        if await self._session.recents.refresh(provider):
            await self._list(screen)

    async def _list(self, screen: SwitcherScreen) -> None:
        """Add everything to the list if it is still open."""
        places = await self._rows.all()
        if screen is self._screen and screen.is_attached and self._here is not None:
            screen.put([*self._rows.at_rest(self._here), *places, *self._rows.offers()])

    # Destinations

    def _chosen(self, row_id: str | None) -> None:
        self._screen = None
        target = self._rows.target(row_id)
        if target is not None:
            self._go(target)

    def _go(self, target: Destination) -> None:
        match target:
            case ToConversation(number):
                self._navigation.open(number)
            case ToBoard(provider, board):
                self._navigation.new(self._session.clients.current(provider), board)
            case ToProvider(provider):
                self._navigation.begin_at(provider, self._session.recents.default_board(provider))
            case MakeBoard(provider):
                self._ask_for_board(provider)
            case AddProvider():
                self._providers.add()
            case _:
                assert_never(target)

    def _provider_of(self, row_id: str) -> Provider | None:
        match self._rows.target(row_id):
            case ToBoard(provider, _) | ToProvider(provider) | MakeBoard(provider):
                return provider
            case ToConversation(number):
                row = self._session.index.get(number)
                return self._session.clients.settings.providers.get(row.provider) if row is not None else None
            case _:
                return None

    # New boards

    def _ask_for_board(self, provider: Provider) -> None:
        made: list[Board] = []

        def go(name: str | None) -> None:
            if name is not None:
                self._navigation.new(provider, made[-1])

        title = f"New board at {clean_line(provider.shown, 60)}"
        make = partial(self._make_board, provider, made)
        report = self._page.notices.add
        screen = NameScreen(title, help_text=_NAME_HELP, verb="Create", make=make, report=report)
        self._page.app.push_screen(screen, go)

    async def _make_board(self, provider: Provider, made: list[Board], name: str) -> str:
        """Create a board and append it to `made`. Return what is wrong, or an empty string."""
        try:
            client = await self._session.clients.get(provider)
            board = await client.create_board(name)
        except ServiceProblem as problem:
            return self._explained(provider, problem)
        except ChatgridError as problem:
            return str(problem)
        made.append(board)
        await self._session.recents.add_board(provider, board)
        return ""

    def _explained(self, provider: Provider, problem: ServiceProblem) -> str:
        failure, key = problem.failure, self._session.clients.key_status(provider)
        explanation = explain(failure, key, "safe")
        return " ".join(filter(None, (explanation.headline, explanation.text)))
