"""One turn without an app: what is sent, what is received, and in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest

from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.client import Client
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.engine.exchange import ParsedChunk
from chatgrid_tui.errors import ConnectionProblem, KeyProblem, UsageProblem
from chatgrid_tui.model.events import BodyEnded, ConversationNamed, Event, Finished, TextDelta
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.request import Outgoing, Request
from chatgrid_tui.session.turns.turn_run import BoardFound, RemoteIdChanged, TurnRun, TurnStep
from fakes import DONE, FakeAnswer, FakeTransport, ManualClock, broken, delta, listing, says
from session.room import BOT, GRID, MODEL, SITE, text_of


@dataclass(frozen=True)
class Sends:
    """A request is sent."""

    method: str
    path: str


@dataclass(frozen=True)
class Applies:
    """The events of a chunk were applied."""

    events: tuple[Event, ...]


Entry: TypeAlias = Sends | Applies | BoardFound | RemoteIdChanged


class SessionsInMemory:
    """Shared sessions that are not saved."""

    def __init__(self) -> None:
        self._sessions: dict[tuple[str, str], str] = {}

    async def recall(self, provider: str, board: str) -> str:
        return self._sessions.get((provider, board), "")

    async def remember(self, provider: str, board: str, session: str) -> None:
        self._sessions[provider, board] = session


class Playbook:
    """A turn against scripted answers. `entries` is what went out and what the turn yielded, in order."""

    def __init__(self, *answers: FakeAnswer | ConnectionProblem) -> None:
        self.entries: list[Entry] = []
        self.transport = FakeTransport(*answers)
        self.transport.before = self._note

    def turn(
        self,
        provider: Provider,
        *,
        board: str = "b",
        conversation: str = "",
        sessions: SessionsInMemory | None = None,
        key_problem: KeyProblem | None = None,
    ) -> TurnRun:
        """Return a turn that says hello."""

        async def find_key() -> Secret | None:
            if key_problem is not None:
                raise key_problem
            return None

        client = Client(provider, self.transport, find_key)
        return TurnRun(client, Outgoing(provider, board, "Hello", conversation), title="Title", sessions=sessions)

    async def play(self, run: TurnRun) -> Sequence[Entry]:
        """Run a turn to its end, and return the entries."""
        async with aclosing(run.steps()) as steps:
            async for step in steps:
                self.entries.append(_entry(step))
        return self.entries

    async def _note(self, request: Request) -> None:
        self.entries.append(Sends(request.method, urlsplit(request.url).path))


def _entry(step: TurnStep) -> Entry:
    if isinstance(step, ParsedChunk):
        return Applies(tuple(event for record in step.records for event in record.events))
    return step


CHAT = Sends("POST", "/v1/chat/completions")
ENDS = Applies((BodyEnded(),))


async def test_a_message_goes_out_and_each_chunk_is_applied_as_it_comes() -> None:
    playbook = Playbook(says("Hi", " there"))
    run = playbook.turn(MODEL)
    assert await playbook.play(run) == [
        CHAT,
        Applies((TextDelta(0, "Hi"),)),
        Applies((TextDelta(0, " there"),)),
        Applies((Finished(),)),
        ENDS,
    ]
    assert (run.reply.state, text_of(run.reply), run.remote_id) == ("finished", "Hi there", "")


async def test_a_chunk_is_yielded_after_it_was_applied() -> None:
    run = Playbook(says("Hi", " there")).turn(MODEL)
    texts = [text_of(run.reply) async for _ in run.steps()]
    assert texts == ["Hi", "Hi there", "Hi there", "Hi there"]


async def test_a_chat_is_created_before_the_message_is_sent_to_it() -> None:
    answer = FakeAnswer(b'data: {"event":"message.delta","delta":"Hi"}\n\n')
    playbook = Playbook(listing({"data": {"id": "c7"}}), answer)
    run = playbook.turn(GRID)
    entries = await playbook.play(run)
    assert entries[:3] == [
        Sends("POST", "/v1/boards/b/chats"),
        RemoteIdChanged("c7"),
        Sends("POST", "/v1/boards/b/chats/c7/messages"),
    ]
    assert playbook.transport.bodies[0] == {"title": "Title"}
    assert run.remote_id == "c7"


async def test_a_conversation_that_has_an_id_is_continued() -> None:
    playbook = Playbook(FakeAnswer(b""))
    run = playbook.turn(GRID, conversation="c1")
    assert (await playbook.play(run))[0] == Sends("POST", "/v1/boards/b/chats/c1/messages")
    assert run.remote_id == "c1"


NAMED = FakeAnswer(delta("Hi"), b'data: {"conversationId":"c9"}\n\n', DONE)


@pytest.mark.parametrize("before", ["", "c1"], ids=["new", "continued"])
async def test_the_service_names_the_conversation_with_its_reply(before: str) -> None:
    playbook = Playbook(NAMED)
    run = playbook.turn(BOT, conversation=before)
    assert await playbook.play(run) == [
        Sends("POST", "/api/chat"),
        Applies((TextDelta(0, "Hi"),)),
        RemoteIdChanged("c9"),
        Applies((ConversationNamed("c9"),)),
        Applies((Finished(),)),
        ENDS,
    ]
    assert run.remote_id == "c9"


async def test_the_same_name_again_is_no_change() -> None:
    playbook = Playbook(NAMED)
    run = playbook.turn(BOT, conversation="c9")
    assert RemoteIdChanged("c9") not in await playbook.play(run)


async def test_in_private_there_is_no_conversation_to_continue() -> None:
    playbook = Playbook(NAMED)
    run = playbook.turn(replace(BOT, options=(("private_mode", True),)))
    assert RemoteIdChanged("c9") not in await playbook.play(run)
    assert (run.remote_id, run.reply.conversation_id) == ("", "c9")


def widget_answer() -> FakeAnswer:
    line = b'{"type":"done","message":"Hi","conversationId":"k1"}\n'
    return FakeAnswer(line, headers={"content-type": "application/x-ndjson"})


async def test_a_widget_is_continued_by_our_id_and_not_by_the_one_it_names() -> None:
    playbook = Playbook(widget_answer())
    run = playbook.turn(SITE)
    begun, *_ = await playbook.play(run)
    assert begun == RemoteIdChanged(run.remote_id)
    assert (len(run.remote_id), run.reply.conversation_id) == (32, "k1")


@pytest.mark.parametrize("shared", [True, False])
async def test_conversations_may_share_a_session_on_each_board(*, shared: bool) -> None:
    provider, sessions = (
        replace(SITE, options=(("new_conversation", "same session"),) if shared else ()),
        SessionsInMemory(),
    )
    ids = []
    for board in ("b", "b", "other"):
        playbook = Playbook(widget_answer())
        run = playbook.turn(provider, board=board, sessions=sessions)
        await playbook.play(run)
        ids.append(run.remote_id)
    assert (ids[0] == ids[1]) is shared
    assert ids[0] != ids[2]


async def test_without_a_board_the_first_one_is_found() -> None:
    playbook = Playbook(listing({"data": [{"id": "llama"}, {"id": "other"}]}), says("Hi"))
    run = playbook.turn(MODEL, board="")
    entries = await playbook.play(run)
    assert entries[:3] == [Sends("GET", "/v1/models"), BoardFound(Board("llama", "llama")), CHAT]
    assert playbook.transport.bodies[1]["model"] == "llama"
    assert run.reply.speaker == "llama"


async def test_each_request_of_a_reply_is_recorded() -> None:
    refused = listing({"error": {"message": "Unknown parameter: 'stream_options'."}}, 400)
    playbook = Playbook(refused, says("Hi"))
    run = playbook.turn(MODEL)
    assert not run.recordings
    entries = await playbook.play(run)
    assert [entry for entry in entries if isinstance(entry, Sends)] == [CHAT, CHAT]
    assert [recording.status for recording in run.recordings] == [400, 200]


@pytest.mark.parametrize(("answers", "state"), [([broken("refused")], "truncated"), ([listing({}, 500)], "failed")])
async def test_a_conversation_that_cannot_begin_ends_the_reply(
    answers: list[FakeAnswer | ConnectionProblem], state: str
) -> None:
    playbook = Playbook(*answers)
    run = playbook.turn(GRID)
    assert await playbook.play(run) == [Sends("POST", "/v1/boards/b/chats")]
    assert run.reply.state == state
    assert run.reply.failure is not None


async def test_a_connection_that_breaks_ends_the_reply_with_what_came() -> None:
    playbook = Playbook(FakeAnswer(delta("Hi"), broken()))
    run = playbook.turn(MODEL)
    lost = Failure("network", "dropped", place="bots.example")
    assert await playbook.play(run) == [CHAT, Applies((TextDelta(0, "Hi"),)), Applies((BodyEnded(lost),))]
    assert (run.reply.state, text_of(run.reply)) == ("truncated", "Hi")


@pytest.mark.parametrize("problem", ["key", "board"])
async def test_if_nothing_can_be_sent_the_caller_gets_the_error(problem: str) -> None:
    if problem == "key":
        playbook = Playbook()
        run = playbook.turn(MODEL, key_problem=KeyProblem("No key."))
    else:
        playbook = Playbook(listing({"data": []}))
        run = playbook.turn(MODEL, board="")
    with pytest.raises(KeyProblem if problem == "key" else UsageProblem):
        await playbook.play(run)
    assert run.reply.live
    assert CHAT not in playbook.entries


async def test_closing_the_steps_closes_the_connection_and_leaves_the_reply_to_the_caller() -> None:
    answer = FakeAnswer(delta("Hi"), asyncio.Event())
    run = Playbook(answer).turn(MODEL)
    steps = run.steps()
    await anext(steps)
    await steps.aclose()
    assert answer.closed.is_set()
    assert (run.reply.state, text_of(run.reply)) == ("writing", "Hi")


async def test_events_are_reported_once_each_right_after_they_were_applied() -> None:
    reported: list[tuple[Event, str]] = []

    async def find_key() -> Secret | None:
        return None

    def report(event: Event) -> None:
        reported.append((event, text_of(run.reply)))

    transport = FakeTransport(FakeAnswer(delta("Hi") + delta(" there") + DONE))
    outgoing = Outgoing(MODEL, "m", "Hello")
    run = TurnRun(Client(MODEL, transport, find_key), outgoing, on_event=report)
    async for _ in run.steps():
        pass
    assert reported == [
        (TextDelta(0, "Hi"), "Hi"),
        (TextDelta(0, " there"), "Hi there"),
        (Finished(), "Hi there"),
        (BodyEnded(), "Hi there"),
    ]


async def test_turns_run_independently_at_the_same_time() -> None:
    playbook = Playbook(*(says(str(number)) for number in range(5)))
    runs = [playbook.turn(MODEL) for _ in range(5)]
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(playbook.play(run))
    assert sorted(text_of(run.reply) for run in runs) == ["0", "1", "2", "3", "4"]
    assert all(run.reply.state == "finished" for run in runs)


async def test_time_is_measured_on_the_given_clock() -> None:
    clock = ManualClock()

    async def find_key() -> Secret | None:
        await clock.advance(2.5)
        return None

    client = Client(GRID, FakeTransport(broken("refused")), find_key)
    run = TurnRun(client, Outgoing(GRID, "b", "Hello"), clock=Clock(clock, sleep=clock.sleep))
    async for _ in run.steps():
        pass
    assert run.reply.duration == run.elapsed == 2.5
