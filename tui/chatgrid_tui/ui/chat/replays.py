"""Replays replies in the conversation, at their pace. Nothing is sent, and nothing is saved."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, assert_never

from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.worker import Worker

from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.session.tasks import Steps, cooperatively
from chatgrid_tui.ui.background_work import Work
from chatgrid_tui.ui.chat_page import ChatPage
from chatgrid_tui.ui.navigation import Navigation
from chatgrid_tui.ui.startup import Pace
from chatgrid_tui.ui.widgets.status_line import Status

if TYPE_CHECKING:  # not needed for the first frame
    from chatgrid_tui.session.player import Player
    from chatgrid_tui.session.session import Session

ReplayTask: TypeAlias = Literal["start", "pause", "step", "mark", "slower", "faster"]
_FRAME: Final = 1 / 20
"""Seconds between checks for due parts."""
_SECOND: Final = 1.0


@dataclass(slots=True, eq=False)
class Replay:
    """A reply that is being replayed, in a turn that replaces its own."""

    conversation: Conversation
    turn: Turn
    player: Player
    stand_in: Turn
    rest: list[Turn]
    """The turns whose replies are played after it, hidden until then."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    requested: list[Callable[[], Steps[None]]] = field(default_factory=list)
    """The steps requested by keys that are not done yet."""

    @property
    def turns(self) -> list[Turn]:
        """The turns to show."""
        shown = [turn for turn in self.conversation.turns if turn not in self.rest]
        return [self.stand_in if turn is self.turn else turn for turn in shown]


class Replays:
    """Starts, controls and ends the replay of a reply, one at a time."""

    def __init__(self, page: ChatPage, work: Work, navigation: Navigation) -> None:
        self._page = page
        self._work = work
        self._navigation = navigation
        self._current: Replay | None = None
        self._playing: Worker[None] | None = None
        self._gap_told = 0.0

    @property
    def player(self) -> Player | None:
        """The player of the current replay."""
        return None if self._current is None else self._current.player

    def takes_keys(self, focused: Widget | None) -> bool:
        """Return whether the keys of a replay work: one is running, and no text field has the focus."""
        return self._current is not None and not _is_written_in(focused)

    def status(self, status: Status) -> Status:
        """Return a status with the state of the replay instead of its own."""
        if self._current is None:
            return status
        player = self._current.player
        speed = "" if player.speed == 1.0 else f" · {_speed(player.speed)}"
        state, short = f"Replaying {_place(player)}{speed}", f"{player.position:.1f} s{speed}"
        if player.paused:
            state, short = f"Paused at {_place(player)}{speed}", f"Paused{speed}"
        if not player.timed:
            state = short = "Paused" if player.paused else "Replaying"
        return replace(status, state=state, state_short=short, tone="live")

    def do(self, task: ReplayTask) -> None:
        """Start a replay, or control the current one."""
        replay = self._current
        if task == "start":
            self._start_here()
        elif replay is not None:
            match task:
                case "pause" if replay.player.paused:
                    replay.player.resume()
                case "pause":
                    replay.player.pause()
                case "step" | "mark":
                    replay.player.pause()
                    replay.requested.append(replay.player.step if task == "step" else replay.player.go_to_marker)
                case "slower" | "faster":
                    _change_speed(replay.player, 1 if task == "faster" else -1)
                case _:
                    assert_never(task)
            replay.changed.set()
            self._page.show_status()
            self._page.show_hints()

    def start(self, turns: Sequence[Turn], pace: Pace) -> None:
        """Replay the replies of some turns of the conversation on the screen, one after another."""
        session, conversation = self._navigation.session, self._navigation.conversation
        if session is not None and conversation is not None and turns:
            self.stop()
            if _is_written_in(self._page.app.focused):
                self._page.transcript.focus(scroll_visible=False)
            self._playing = self._work.do(partial(self._play_all, session, conversation, turns, pace), "replay")

    def stop(self) -> bool:
        """End the replay, and show the stored reply again; return whether there was a replay."""
        replay = self.forget()
        if replay is None:
            return False
        if replay.conversation is self._navigation.conversation:
            self._show(replay.conversation.turns, None)
        return True

    def forget(self) -> Replay | None:
        """End the replay without changing the screen; return the replay."""
        if self._playing is not None:
            self._playing.cancel()
        replay, self._current, self._playing = self._current, None, None
        return replay

    def _start_here(self) -> None:
        """Replay the reply with the cursor, or the newest one."""
        conversation, shown = self._navigation.conversation, self._page.transcript.document.turns
        if conversation is None:
            return
        if self._current is not None:
            self.start([self._current.turn], Pace())
        elif conversation.live is not None:
            self._page.toast("A reply is being written.")
        else:
            bubble = self._page.transcript.cursor.bubble
            under_cursor = [shown[bubble[0]]] if bubble is not None and bubble[0] < len(shown) else []
            answered = [turn for turn in (*under_cursor, *reversed(conversation.turns)) if turn.reply is not None]
            if not answered:
                self._page.toast("This conversation is empty.")
            self.start(answered[:1], Pace())

    async def _play_all(
        self, session: Session, conversation: Conversation, turns: Sequence[Turn], pace: Pace
    ) -> None:
        paused = False
        for number, turn in enumerate(turns):
            replay = await self._begin(session, conversation, turn, pace)
            if replay is None:
                self._say_why_not(turn)
                continue
            if conversation.live is not None:
                return  # a message was sent meanwhile
            replay.rest = list(turns[number + 1 :])
            if paused:
                replay.player.pause()
            self._current = replay
            self._show(replay.turns, replay)
            await self._play(replay)
            pace, paused = replace(pace, speed=replay.player.speed), replay.player.paused
        self._playing = None
        self.stop()

    def _say_why_not(self, turn: Turn) -> None:
        from chatgrid_tui.session.details import why_not_recorded

        if turn.reply is not None:
            self._page.toast(why_not_recorded(turn, turn.reply))

    async def _begin(self, session: Session, conversation: Conversation, turn: Turn, pace: Pace) -> Replay | None:
        """Return the replay of a turn; None if the turn was not recorded."""
        from chatgrid_tui.session.player import Player

        stored = turn.reply
        recordings = () if stored is None else (await session.wire_facts(conversation, stored)).recordings
        if stored is None or not recordings:
            return None
        dialect = DIALECTS.get(recordings[-1].kind) or DIALECTS[conversation.provider.kind]
        reply = Reply(stored.id, stored.speaker, stored.started_at)
        player = Player(
            recordings, dialect, reply, speed=pace.speed, idle_time_limit=pace.idle_time_limit, clock=session.clock
        )
        if not player.timed:
            player.pause()
            self._page.toast("This recording has no times.")
        stand_in = Turn(turn.id, turn.shown, turn.sent, turn.sent_at, [reply], remote=turn.remote)
        return Replay(conversation, turn, player, stand_in, [])

    async def _play(self, replay: Replay) -> None:
        player = replay.player
        steps = player.advance
        while not player.ended:
            if not replay.requested:
                with contextlib.suppress(TimeoutError):
                    due_in = max(_FRAME, min(player.due_in, _SECOND / 4))
                    await asyncio.wait_for(replay.changed.wait(), None if player.paused else due_in)
            replay.changed.clear()
            steps = replay.requested.pop(0) if replay.requested else player.advance
            await cooperatively(steps(), partial(self._show_progress, replay))
            self._show_progress(replay)
        if steps == player.go_to_marker:
            self._page.toast("There was no further stall, error or note.")

    def _show_progress(self, replay: Replay) -> None:
        """Show what was played since the last call."""
        player, transcript = replay.player, self._page.transcript
        transcript.tick(player.reply.started_at + timedelta(seconds=player.position))
        transcript.turn_changed(replay.stand_in)
        if (gap := player.shortened_gap) and gap != self._gap_told:
            from chatgrid_tui.session.player import gap_shortened

            self._page.toast(gap_shortened(player))
        self._gap_told = gap
        self._page.show_status()

    def _show(self, turns: Sequence[Turn], replay: Replay | None) -> None:
        """Show the turns of a conversation, with or without a replayed one."""
        transcript = self._page.transcript
        transcript.turns_merged(turns)
        if replay is not None:
            transcript.viewport.bring_near(turns.index(replay.stand_in), 0)
        self._page.show_replay()


def _is_written_in(focused: Widget | None) -> bool:
    return isinstance(focused, Input) or (isinstance(focused, TextArea) and not focused.read_only)


def _place(player: Player) -> str:
    return f"{player.position:,.1f} s of {player.duration:,.1f} s"


def _speed(speed: float) -> str:
    return "max" if math.isinf(speed) else f"{speed:g}x"


def _change_speed(player: Player, step: int) -> None:
    """Select the next slower or faster speed."""
    from chatgrid_tui.session.player import SPEEDS

    if step > 0:
        speed = next((speed for speed in SPEEDS if speed > player.speed), player.speed)
    else:
        speed = next((speed for speed in reversed(SPEEDS) if speed < player.speed), player.speed)
    player.set_speed(speed)
