"""The application: its look, its global keys, and how it starts and ends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.screen import Screen
from textual.worker import WorkerFailed

from chatgrid_tui.config.settings import BubbleStyle
from chatgrid_tui.config.themes import Theme
from chatgrid_tui.engine.clock import SYSTEM_CLOCK, Clock
from chatgrid_tui.errors import ChatgridError, UsageProblem
from chatgrid_tui.markdown import parser
from chatgrid_tui.ui import key_help, process_memory
from chatgrid_tui.ui.actions.action import Action, either_case, keys_of
from chatgrid_tui.ui.actions.everywhere import APP_ACTIONS, QUIT
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import ASCII_SIGNS, UNICODE_SIGNS, Look
from chatgrid_tui.ui.background_work import LEADS, Work
from chatgrid_tui.ui.chat.chat_screen import ChatScreen
from chatgrid_tui.ui.chat.focus import key_group_of
from chatgrid_tui.ui.chat.parts import part_of, part_refusals
from chatgrid_tui.ui.ending import TERMINAL_LOST, Ending
from chatgrid_tui.ui.key_settings import read_keys
from chatgrid_tui.ui.output_filter import OUTPUT_FILTER
from chatgrid_tui.ui.overlays.keys_screen import KeysScreen
from chatgrid_tui.ui.overlays.overlay import OverlayScreen
from chatgrid_tui.ui.overlays.palette import Command, PaletteScreen, show_palette
from chatgrid_tui.ui.palette_commands import action_commands, theme_commands
from chatgrid_tui.ui.startup import Open
from chatgrid_tui.ui.terminal.changed_cells import ChangedCells
from chatgrid_tui.ui.terminal.picture_layer import PictureLayer
from chatgrid_tui.ui.textual_theme import css_variables, use_themes
from chatgrid_tui.ui.type_ahead import Handled, TypeAhead
from chatgrid_tui.ui.widgets import clusters
from chatgrid_tui.ui.widgets.cells import COLUMN_CLASSES, ROW_CLASSES, size_classes

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.session import Session


class ChatgridApp(App[int]):
    """The app. It owns the look, and starts and ends the session; everything else belongs to the screen."""

    TITLE = "chatgrid-tui"
    BINDINGS: ClassVar[list[BindingType]] = [action.binding for action in APP_ACTIONS]
    ENABLE_COMMAND_PALETTE = False  # Textual's own; `action_command_palette` shows ours
    CSS_PATH: ClassVar[list[str | PurePath]] = ["widgets/frame.tcss", "chat/chat.tcss"]
    # Textual never reads the style sheet of a default screen.
    HORIZONTAL_BREAKPOINTS = COLUMN_CLASSES
    VERTICAL_BREAKPOINTS = ROW_CLASSES

    def __init__(
        self,
        open_session: Open,
        themes: Mapping[str, Theme],
        theme: str,
        *,
        keys: Mapping[str, str] | None = None,
        ascii_signs: bool = False,
        bubbles: BubbleStyle = "filled",
        reduced_motion: bool = False,
        keep_theme: Callable[[str], Awaitable[str]] | None = None,
        at_end: Callable[[], Awaitable[None]] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`open_session` is called after the first frame, `at_end` when the session is closed. `keep_theme` saves the
        choice of a theme and returns a sentence for the user, which may be empty, or raises `ChatgridError`.
        """
        self._themes = dict(themes)
        self._default_theme = self._drawn_theme = theme
        super().__init__()
        still = reduced_motion or self.animation_level == "none"
        self._look = Look(self._themes[theme], ASCII_SIGNS if ascii_signs else UNICODE_SIGNS, still, bubbles)
        self._open_session = open_session
        self._keep_theme = keep_theme
        self.type_ahead = TypeAhead(self, super().on_event)
        self._cells = ChangedCells()
        self.picture_layer = PictureLayer(lambda: self._driver, self._cells.forget)
        self._warmed_up = False
        self.refusal: ChatgridError | None = None
        """Why nothing could be opened, so that the app ended."""
        self.chat = ChatScreen(clock, self.commands)
        self._ending = Ending(self, self.chat, at_end)
        read = read_keys(keys or {})
        self.chat.keymap, self._complaints = read.keymap, read.complaints
        self.set_keymap({action: either_case(given) for action, given in read.keymap.items()})
        use_themes(self, self._themes.values(), theme)

    @property
    def look(self) -> Look:
        """The current look."""
        return self._look

    @property
    def crash(self) -> BaseException | None:
        """The unexpected error that ended the app, or None."""
        return self._exception.error if isinstance(self._exception, WorkerFailed) else self._exception

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver for the terminal, with our own reading of its input.

        Raises:
            UsageProblem: the environment names a driver that cannot be used.
        """
        try:
            driver = super().get_driver_class()
        except (ImportError, AttributeError, ValueError, RuntimeError) as problem:
            raise UsageProblem(f"TEXTUAL_DRIVER names no driver that can be used: {problem}.") from problem
        if sys.platform == "win32":
            return driver
        from chatgrid_tui.ui.terminal.drivers import driver_for

        return driver_for(driver)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the variables of the style sheets, which every theme must define."""
        return css_variables(self._themes[self._default_theme])

    def get_line_filters(self) -> list[LineFilter]:
        """Return the filters for every line that is written. The last one lets no control character through.

        Without colours the theme has none; Textual's filter for greys would make the terminal's own colours black.
        """
        filters = [known for known in super().get_line_filters() if not isinstance(known, Monochrome)]
        return [*filters, OUTPUT_FILTER]

    def get_default_screen(self) -> Screen[None]:
        """Return the only screen, to which others are added."""
        self.chat.add_class(*size_classes(self.size))  # the first resize would style everything again for them
        return self.chat

    def on_mount(self) -> None:
        """Handle signals, and start after the first frame."""
        self._ending.quit_key = key_name(keys_of(QUIT, self.chat.keymap)[0], self._look.signs)
        if not self.is_headless:
            self._ending.catch_signals()
        self.call_after_refresh(self.run_worker, self._begin, name=LEADS, group="session", exit_on_error=True)
        self.call_after_refresh(self.type_ahead.begin)

    async def on_event(self, event: events.Event) -> None:
        """Pass keys and clicks on in order. Overrides `App.on_event`."""
        await self.type_ahead.take(event)

    def action_redraw(self) -> None:
        """Draw everything again, as after a resize: the terminal may have lost its content."""
        self.picture_layer.forget()
        self.screen.refresh()

    on_resize = action_redraw

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write the changed cells, and the picture over them. Overrides `App._display`."""
        super()._display(screen, self._cells.update(renderable, partial(self.picture_layer.after_frame, screen)))

    def on_handled(self, message: Handled) -> None:
        """Let the next key through."""
        message.stop()
        self.type_ahead.handled(message)

    def watch_theme(self, name: str) -> None:
        """Draw everything in another theme."""
        if name in self._themes:
            self._look = replace(self._look, theme=self._themes[name])
            for screen in self.screen_stack if self.is_running else ():
                if (draw_anew := getattr(screen, "look_changed", None)) is not None:
                    draw_anew()

    def action_show_keys(self) -> None:
        """Show all keys, or close them again."""
        if isinstance(self.screen, KeysScreen):
            self.screen.action_close()
        else:
            self.push_screen(KeysScreen(key_help.key_groups(self.chat.keymap, key_group_of(self.chat))))

    def commands(self) -> list[Command]:
        """Return the commands of the palette: all actions, and the themes."""
        refusals = part_refusals(self.chat) | self.chat.refusals()
        return [
            *action_commands(self.chat.keymap, self._look.signs, refusals, self._run),
            *theme_commands(self._themes, self.theme, self._choose_theme),
        ]

    def action_command_palette(self) -> None:
        """Show all commands, or close the palette. They act on the page, so no other screen may be open."""
        if isinstance(self.screen, PaletteScreen):
            self.screen.action_close()
            return
        if isinstance(self.screen, OverlayScreen):
            self.screen.toast("Close this first: the commands are for the page below.")
            return
        show_palette(self, self.commands())

    def action_help_quit(self) -> None:
        """Show how to quit, since that is what many mean by Ctrl+C."""
        self.chat.toast(f"Nothing is selected. {self._ending.quit_key} quits.")

    async def action_quit(self) -> None:
        """Stop and save what is being written, and exit. A screen with unsaved changes may ask first. The second
        time, exit without waiting.
        """
        if not self._ending.under_way:
            for screen in reversed(self.screen_stack):
                asks_first = getattr(screen, "ask_before_quitting", None)
                if asks_first is not None and asks_first():
                    return
        self._ending.begin(0)

    async def end(self, code: int) -> None:
        """Save pending changes and exit."""
        await self._ending.end(code)

    async def _begin(self) -> None:
        try:
            opening = await self._open_session(self.chat.notices.show_progress)
        except ChatgridError as problem:
            self.refusal = problem
            self._ending.begin_once(2)
            return
        if opening.conversation.turns:
            await asyncio.to_thread(parser.load)
        self.chat.opened(opening)
        process_memory.resume_collection()
        for complaint in self._complaints:
            self.chat.notices.add(complaint)

    def on_composer_changed(self) -> None:
        """Load what sends messages and draws replies when the first one is typed."""
        if self.chat.session is not None and not self._warmed_up:
            self._warmed_up = True
            Work(self.chat).do(partial(self._warm_up, self.chat.session), "warm up")

    async def _warm_up(self, session: Session) -> None:
        # One after another: each thread that loads modules slows down keys.
        await asyncio.to_thread(clusters.load)
        await asyncio.to_thread(parser.load)
        await session.clients.warm_up()
        await asyncio.to_thread(process_memory.return_large_blocks)
        process_memory.resume_collection()

    async def _run(self, action: Action) -> None:
        await (self if action in APP_ACTIONS else part_of(self.chat, action)).run_action(action.run)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the style sheets. If a theme breaks them, use the previous theme.

        Overrides `App.refresh_css`.
        """
        try:
            super().refresh_css(animate)
        except Exception as problem:  # errors in style sheets have no common base class
            if self.theme == self._drawn_theme:
                raise
            why = f"The theme {self.theme} cannot be drawn ({type(problem).__name__}). It was not applied."
            self.theme = self._drawn_theme
            self.chat.notices.add(why)
        else:
            self._drawn_theme = self.theme

    def _choose_theme(self, name: str) -> None:
        self.theme = name
        self.call_after_refresh(self._keep_if_drawn, name)

    def _keep_if_drawn(self, name: str) -> None:
        if self._drawn_theme == name == self.theme:
            Work(self.chat).do(partial(self._keep_choice, name), "theme")

    async def _keep_choice(self, theme: str) -> None:
        sentence = await self._keep_theme(theme) if self._keep_theme is not None else ""
        if self.chat.session is not None:
            self.chat.session.alerts.end("settings read only")
        if sentence:
            self.chat.toast(sentence)

    # Unexpected errors, which the caller finds in `crash`. Textual would print local variables: messages and keys.

    def _fatal_error(self) -> None:
        """Exit after an error, and print nothing."""
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Exit. Without an error, the terminal could not be read any more; then save everything first."""
        if self._exception is not None:
            self._close_messages_no_wait()
        else:
            self._ending.begin_once(TERMINAL_LOST)
