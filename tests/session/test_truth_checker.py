"""Services are asked what they stored: when, how often, and what follows from the answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

import quiet
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from fakes import DONE, FakeAnswer, broken, delta, listing
from session.grid import NOON, Grid, refused, said
from session.room import BOARD, BOT, GRID, MODEL, OpenRoom, Room, regenerate, reply_of

END = b'data: {"event": "message.complete", "content": ""}\n\n'
ASKED = "GET chats/chat-9000/messages"


def chunk(text: str) -> bytes:
    return b'data: {"event": "message.delta", "content": "' + text.encode() + b'"}\n\n'


async def passes(room: Room, seconds: float) -> None:
    """Let so much time pass, once the next question is that far away."""
    await quiet.until(
        lambda: any(abs(nap - seconds) < 0.01 for nap in room.clock.naps), lambda: f"a nap of {seconds} s"
    )
    await room.clock.advance(seconds)


class Scene:
    """One conversation with a ChatGrid service, which stores what the test says."""

    def __init__(self, room: Room, grid: Grid, provider: Provider = GRID) -> None:
        self.room, self.grid = room, grid
        self.conversation = room.begin(provider)
        self.trouble: list[FakeAnswer] = []
        """What is answered in place of the next messages."""
        room.transport.aside = self.answer

    def answer(self, request: Request) -> FakeAnswer | None:
        """Answer what is asked besides messages that are sent."""
        is_reading = request.method == "GET" and "/messages" in request.url
        return self.trouble.pop(0) if is_reading and self.trouble else self.grid.answer(request)

    def stores(self, *lines: str) -> None:
        """Let these messages be stored, the user's and the bot's by turns."""
        messages: list[dict[str, Json]] = [
            said(number, "assistant" if number % 2 else "user", line) for number, line in enumerate(lines)
        ]
        self.grid.messages["chat-9000"] = messages

    async def says(self, text: str, *pieces: bytes, stored: tuple[str, ...] = ()) -> Reply:
        """Send a message, and return the reply once it has ended and the service was asked for the first time."""
        before = self.asked

        async def store(request: object) -> None:
            if "chat-9000" in self.grid.messages:
                self.stores(*stored)

        self.room.transport.before = store
        reply = await self.room.say(self.conversation, text, FakeAnswer(*pieces))
        self.room.transport.before = None
        await self.until(lambda: self.asked > before or not self.conversation.provider.has_truth_check)
        return reply

    async def until(self, condition: object) -> None:
        assert callable(condition)
        await self.room.session.until(condition)

    async def settles(self, reply: Reply) -> str:
        """Let the time of the last question come, and return the verdict."""
        await self.passes(2)
        await self.passes(8)
        await self.until(lambda: reply.truth is not None and reply.truth.settled)
        assert reply.truth is not None
        return reply.truth.verdict

    async def passes(self, seconds: float) -> None:
        """Let time pass, and what is read then be merged and saved."""
        await passes(self.room, seconds)

    @property
    def asked(self) -> int:
        """How often the messages were asked for."""
        return self.grid.asked.count(ASKED)


@pytest.fixture
def scene(room: Room) -> Scene:
    return Scene(room, Grid())


async def test_a_service_that_stored_the_same_is_asked_once(scene: Scene) -> None:
    reply = await scene.says("Hi", chunk("Yes."), END, stored=("Hi", "Yes."))
    await scene.until(lambda: reply.truth is not None and reply.truth.settled)
    assert reply.truth is not None
    assert (reply.truth.verdict, reply.truth.after, reply.truth.streamed, reply.truth.stored) == ("same", 0.0, 4, 4)
    await scene.room.clock.advance(60)
    assert scene.asked == 1
    (kept,) = await scene.room.stored(scene.conversation)
    assert kept.replies[0].truth == reply.truth


async def test_what_is_stored_late_is_found_later(scene: Scene) -> None:
    reply = await scene.says("Hi", chunk("Yes."), END)
    await scene.until(lambda: reply.truth is not None)
    assert reply.truth is not None
    assert (reply.truth.verdict, reply.truth.settled) == ("not stored", False)
    await scene.passes(2)
    scene.stores("Hi", "Yes.")
    await scene.passes(8)
    await scene.until(lambda: reply.truth is not None and reply.truth.settled)
    assert (reply.truth.verdict, reply.truth.after, scene.asked) == ("same", 10.0, 3)


@pytest.mark.parametrize(
    ("stored", "verdict"),
    [
        (("Hi", "Yes. And more."), "stored longer"),
        (("Hi", "Ye"), "stored shorter"),
        (("Hi", "No."), "differs"),
        ((), "not stored"),
        (("Hi", "Yes.", "Hi", "Yes."), "twice"),
    ],
)
async def test_each_verdict_settles_after_ten_seconds(scene: Scene, stored: tuple[str, ...], verdict: str) -> None:
    reply = await scene.says("Hi", chunk("Yes."), END, stored=stored)
    assert await scene.settles(reply) == verdict
    assert scene.asked == 3


async def test_after_a_stop_it_is_known_what_became_of_the_half_reply(scene: Scene) -> None:
    scene.room.script(FakeAnswer(chunk("The half"), asyncio.Event()))
    await scene.room.session.outbox.send(scene.conversation, "Hi")
    await scene.until(lambda: reply_of(scene.conversation).characters > 0)
    stopped = reply_of(scene.conversation)
    scene.stores("Hi", "The half and the rest")
    scene.room.session.outbox.stop(scene.conversation)
    assert await scene.settles(stopped) == "stored longer"


async def test_after_a_drop_and_a_retry_a_message_may_be_stored_twice(scene: Scene) -> None:
    dropped = await scene.room.say(scene.conversation, "Hi", FakeAnswer(chunk("A piece"), broken()))
    await scene.until(lambda: dropped.truth is not None)
    assert dropped.truth is not None
    assert (dropped.truth.verdict, dropped.truth.messages) == ("not stored", 0)
    scene.stores("Hi", "A piece and more", "Hi", "Whole.")
    scene.room.script(FakeAnswer(chunk("Whole."), END))
    regenerate(scene.room.session, scene.conversation)
    await scene.room.session.until_ended(2)
    again = reply_of(scene.conversation)
    assert await scene.settles(again) == "twice"
    assert again.truth is not None
    assert (again.truth.sent, again.truth.messages, again.truth.replies) == (2, 2, 1)
    assert dropped.truth.verdict == "not stored", "it was not asked for again"


async def test_nothing_is_asked_where_that_is_turned_off_or_makes_no_sense(rooms: OpenRoom) -> None:
    off = replace(GRID, options=(("skip_truth_check", True),))
    private = replace(BOT, options=(("private_mode", True),))
    for provider in (off, private, MODEL):
        room = await rooms(providers=(provider,), at=(await rooms()).history.folder / provider.name)
        scene = Scene(room, Grid(), provider)
        answer = chunk("Yes.") if provider is off else delta("Yes.")
        reply = await room.say(scene.conversation, "Hi", FakeAnswer(answer, END if provider is off else DONE))
        await room.clock.advance(60)
        assert (scene.asked, reply.truth) == (0, None)
        if provider is not off:
            with pytest.raises(UsageProblem, match=r"private|this kind"):
                await room.session.remote.truth.check_again(scene.conversation, scene.conversation.turns[0], reply)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: refused(401, "unauthorized"), "key"),
        (lambda: refused(403, "forbidden"), "does not allow"),
        (lambda: refused(404, "not_found"), "does not have this conversation"),
        (lambda: listing({"data": "nonsense"}), "not answer with a list"),
        (lambda: FakeAnswer(b"<html>", headers={"content-type": "text/html"}), "with a list"),
        (lambda: FakeAnswer(broken("no answer in time", "timeout")), "did not answer"),
        (lambda: FakeAnswer(broken("dropped")), "did not answer"),
    ],
)
async def test_a_service_that_does_not_tell_is_no_reason_to_warn(scene: Scene, answer: object, words: str) -> None:
    assert callable(answer)
    await scene.says("Warm up", chunk("Yes."), END, stored=("Warm up", "Yes."))
    scene.trouble = [answer() for _ in range(3)]
    reply = await scene.room.say(scene.conversation, "Hi", FakeAnswer(chunk("Yes."), END))
    for seconds in (2, 8):
        await scene.passes(seconds)
    await scene.until(lambda: not scene.trouble and bool(reply.truth_problem))
    assert reply.truth is None
    assert words in reply.truth_problem
    assert not scene.conversation.gone
    assert not scene.room.session.troubles


async def test_a_limit_is_waited_for(scene: Scene) -> None:
    await scene.says("Warm up", chunk("Yes."), END, stored=("Warm up", "Yes."))
    scene.trouble = [refused(429, "rate_limit_exceeded", retry_after="3")]
    scene.stores("Warm up", "Yes.", "Hi", "Yes.")
    reply = await scene.room.say(scene.conversation, "Hi", FakeAnswer(chunk("Yes."), END))
    await scene.until(lambda: "limiting" in scene.room.session.remote.status(scene.conversation).text)
    for _ in range(3):
        await scene.passes(1)
    await scene.until(lambda: reply.truth is not None and reply.truth.settled)
    assert reply.truth is not None
    assert reply.truth.verdict == "same"
    assert not scene.room.session.remote.status(scene.conversation).text


async def test_a_limit_without_end_is_not_waited_for(scene: Scene) -> None:
    await scene.says("Warm up", chunk("Yes."), END, stored=("Warm up", "Yes."))
    scene.trouble = [refused(429, "rate_limit_exceeded", retry_after="1") for _ in range(500)]
    reply = await scene.room.say(scene.conversation, "Hi", FakeAnswer(chunk("Yes."), END))
    await scene.until(lambda: "limiting" in scene.room.session.remote.status(scene.conversation).text)
    for _ in range(200):
        await scene.room.clock.advance(1)
    await scene.until(
        lambda: bool(reply.truth_problem) and not scene.room.session.remote.messages.busy(scene.conversation)
    )
    assert "limits requests" in reply.truth_problem
    left = len(scene.trouble)
    await scene.room.clock.advance(100)
    assert len(scene.trouble) == left > 100


async def test_an_old_reply_is_looked_for_page_by_page(scene: Scene) -> None:
    reply = await scene.says("Hi", chunk("Yes."), END, stored=("Hi", "Yes."))
    await scene.until(lambda: reply.truth is not None and reply.truth.settled)
    turn = scene.conversation.turns[0]
    later = [line for number in range(300) for line in (f"Said {number}", f"Answer {number}")]
    scene.stores("Hi", "No.", *later)
    check = await scene.room.session.remote.truth.check_again(scene.conversation, turn, reply)
    assert (check.verdict, reply.truth is not None and reply.truth.settled) == ("differs", True)
    (diff,) = await scene.room.session.remote.truth.diffs(scene.conversation, turn, reply)
    assert (diff.names, diff.text) == (("streamed", "stored"), "[-Yes-]{+No+}.")
    scene.trouble = [refused(429, "rate_limit_exceeded", retry_after="3")]
    with pytest.raises(UsageProblem, match=r"limit"):
        await scene.room.session.remote.truth.check_again(scene.conversation, turn, reply)


async def test_a_diff_is_there_after_a_restart(rooms: OpenRoom) -> None:
    scene = Scene(await rooms(), Grid())
    reply = await scene.says("Hi", chunk("One two three."), END, stored=("Hi", "One two."))
    assert await scene.settles(reply) == "differs"
    await scene.room.stored(scene.conversation)
    again = await rooms()
    reopened = await again.session.open(scene.conversation.id)
    turn = reopened.turns[0]
    assert turn.reply is not None
    assert turn.reply.truth == reply.truth
    (diff,) = await again.session.remote.truth.diffs(reopened, turn, turn.reply)
    assert diff.text == "One two[- three-]."


async def test_chatiq_is_read_again_from_before_the_reply(room: Room) -> None:
    conversation = room.begin(BOT, BOARD)
    stored: list[dict[str, Json]] = []
    asked: list[str] = []

    def answer(request: object) -> FakeAnswer | None:
        url = str(getattr(request, "url", ""))
        if "/messages" not in url:
            return None
        asked.append(url)
        since = url.partition("since=")[2].replace("%3A", ":")[:19]
        return listing({"messages": [one for one in stored if str(one["created_at"]) > since]})

    def message(number: int, sender: str, content: str) -> dict[str, Json]:
        at = (NOON + timedelta(minutes=number)).isoformat()[:19]
        return {"id": f"q{number}", "sender": sender, "content": content, "created_at": at}

    room.transport.aside = answer
    for number in range(0, 10, 2):
        stored += [message(number, "user", f"Hi {number}"), message(number + 1, "bot", "Ye")]
        name = b'data: {"conversationId": "c-1"}\n\n'
        reply = await room.say(conversation, f"Hi {number}", FakeAnswer(delta("Yes."), name, DONE))
        await room.session.until(lambda: reply.truth is not None)  # noqa: B023
        stored[-1] = message(number + 1, "bot", "Yes.")
        await passes(room, 2)
        await room.session.until(lambda: reply.truth is not None and reply.truth.settled)  # noqa: B023
        assert reply.truth is not None
        assert (reply.truth.verdict, reply.truth.after) == ("same", 2.0)
    assert "since=2026-03-04T12%3A03%3A00" in asked[-1]
    assert len(conversation.turns) == 5


def test_a_turn_of_the_service_has_nothing_to_compare(scene: Scene) -> None:
    turn = Turn(0, "", "", NOON, remote=("m-1",))
    assert asyncio.run(_refusal(scene.room, scene.conversation, turn)).startswith("This was read from the service")


async def _refusal(room: Room, conversation: Conversation, turn: Turn) -> str:
    try:
        await room.session.remote.truth.check_again(conversation, turn, Reply(0, "Bot", NOON, "finished"))
    except UsageProblem as problem:
        return str(problem)
    raise AssertionError("it was compared")
