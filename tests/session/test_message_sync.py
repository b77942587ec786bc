"""Messages stored at the service are fetched and merged with local turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import pytest

from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import RemoteMessage
from chatgrid_tui.model.request import Request
from chatgrid_tui.session import tasks
from chatgrid_tui.session.changes import TurnsMerged, UnhandledError
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.sync import merge, message_sync
from chatgrid_tui.session.tasks import Steps
from fakes import DONE, FakeAnswer, delta, listing
from session.grid import NOON, Grid, chat, refused, said
from session.room import BOARD, BOT, GRID, OpenRoom, Room, regenerate, text_of


def talk(first: int, last: int) -> list[dict[str, Json]]:
    """Return messages of both sides by turns; the even ones are mine."""
    return [said(number, "assistant" if number % 2 else "user") for number in range(first, last)]


async def listed(room: Room, grid: Grid) -> Conversation:
    """List the newest chat of a service, and open it."""
    grid.serve(room)
    room.session.remote.chat_list.show_board(GRID, BOARD, 0)
    await room.session.until(lambda: not room.session.remote.chat_list.busy)
    return await room.session.open(room.session.index.at(0).id)


async def fetched(room: Room, conversation: Conversation) -> None:
    """Fetch the newest messages."""
    before = len(merges(room, conversation))
    room.session.remote.messages.fetch(conversation, force=True)
    await room.session.until(lambda: len(merges(room, conversation)) > before)
    await still(room, conversation)


async def still(room: Room, conversation: Conversation) -> None:
    """Wait until nothing is being fetched, and what was is kept."""
    await room.session.until(lambda: not room.session.remote.messages.busy(conversation))
    await room.history.mark_read(0)


def merges(room: Room, conversation: Conversation) -> list[TurnsMerged]:
    return [one for one in room.session.changes_seen if one == TurnsMerged(conversation)]


def lines(conversation: Conversation) -> list[str]:
    return [f"{turn.shown} > {text_of(turn.reply)}" for turn in conversation.turns]


async def test_the_newest_page_comes_first_and_older_ones_on_request(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 250)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    assert lines(conversation) == [f"Said {number} > Said {number + 1}" for number in range(150, 250, 2)]
    for count in (100, 125, 125):
        room.session.remote.messages.fetch_older(conversation)
        await still(room, conversation)
        assert len(conversation.turns) == count
    assert lines(conversation)[0] == "Said 0 > Said 1"
    assert room.session.remote.messages.count(conversation) == 250
    assert [asked for asked in grid.asked if "messages" in asked] == [
        "GET chats/chat-1/messages",
        "GET chats/chat-1/messages after m-150",
        "GET chats/chat-1/messages after m-50",
    ]


async def test_fetched_messages_are_there_offline_and_new_ones_are_added(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 4)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    row = room.session.index.at(0)
    assert (row.preview, row.preview_mine) == ("Said 3", False)
    again = await rooms()
    reopened = await again.session.open(row.id)
    assert lines(reopened) == ["Said 0 > Said 1", "Said 2 > Said 3"]
    assert again.session.index.at(0).preview == "Said 3"
    grid.messages["chat-1"] = talk(0, 2) + talk(4, 6)  # two were deleted there, two are new
    grid.serve(again)
    await fetched(again, reopened)
    assert lines(reopened) == ["Said 0 > Said 1", "Said 4 > Said 5"]


async def test_fetching_again_continues_with_older_messages(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 350)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    room.session.remote.messages.fetch_older(conversation)
    await still(room, conversation)
    grid.messages["chat-1"] = talk(0, 352)
    await fetched(room, conversation)
    for _ in range(2):
        room.session.remote.messages.fetch_older(conversation)
        await still(room, conversation)
    assert lines(conversation) == [f"Said {number} > Said {number + 1}" for number in range(0, 352, 2)]
    grid.messages["chat-1"] = talk(0, 354)
    await fetched(room, conversation)
    assert room.session.remote.messages.count(conversation) == 354


async def test_a_gap_since_the_last_time_is_closed(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 20)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    again = await rooms()
    grid.messages["chat-1"] = talk(0, 350)
    grid.serve(again)
    reopened = await again.session.open(conversation.id)
    await fetched(again, reopened)
    assert lines(reopened) == [f"Said {number} > Said {number + 1}" for number in range(0, 350, 2)]


async def test_an_expired_cursor_starts_again(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 250)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    grid.messages["chat-1"] = [one for one in talk(0, 250) if one["id"] != "m-150"] + talk(250, 252)
    room.session.remote.messages.fetch_older(conversation)
    await still(room, conversation)
    assert lines(conversation)[-1] == "Said 250 > Said 251"
    room.session.remote.messages.fetch_older(conversation)
    await still(room, conversation)
    assert len({line for line in lines(conversation)}) == len(conversation.turns)


async def test_a_reply_that_streams_meanwhile_is_not_disturbed(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 4)})
    conversation = await listed(room, grid)
    gate = asyncio.Event()
    room.script(FakeAnswer(chunk("So "), gate, chunk("far"), END))
    await room.session.outbox.send(conversation, "Mine")
    await room.session.until(lambda: text_of(conversation.turns[-1].reply) == "So ")
    live = conversation.turns[-1]
    grid.messages["chat-1"] += [said(9_000_000, "user", "Later, from elsewhere")]
    await fetched(room, conversation)
    assert conversation.turns[-1] is live
    assert conversation.live is live.reply
    assert lines(conversation)[-2] == "Later, from elsewhere > "
    gate.set()
    await room.session.until_ended(1)
    assert text_of(live.reply) == "So far"
    (kept,) = await room.stored(conversation)
    assert kept.replies[-1].bubbles == ("So far",)


async def test_after_a_stop_it_is_known_what_the_service_stored(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": []})
    conversation = await listed(room, grid)
    room.script(FakeAnswer(chunk("The long"), asyncio.Event()))
    await room.session.outbox.send(conversation, "Tell me")
    await room.session.until(lambda: text_of(conversation.turns[-1].reply) == "The long")
    now = conversation.turns[-1].sent_at.isoformat()
    grid.messages["chat-1"] = [
        said(1, "user", "Tell me") | {"created_at": now},
        said(2, "assistant", "The long story") | {"created_at": now},
    ]
    room.session.outbox.stop(conversation)
    await room.session.until(lambda: len(conversation.turns) == 2)
    assert lines(conversation) == ["Tell me > The long", " > The long story"]
    assert conversation.turns[1].note == "The service stored more of this reply than arrived here."


async def test_a_conversation_that_is_gone_stays_here_and_is_marked(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 2)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    grid.chats, grid.messages = [], {}
    await fetched(room, conversation)
    assert conversation.gone
    assert lines(conversation) == ["Said 0 > Said 1"]
    assert room.session.index.at(0).gone
    again = await rooms()
    reopened = await again.session.open(conversation.id)
    assert reopened.gone
    Grid([chat(1)], {"chat-1": talk(0, 2)}).serve(again)
    await fetched(again, reopened)
    assert not reopened.gone


async def test_sending_to_one_that_is_gone_marks_it(room: Room) -> None:
    conversation = await listed(room, Grid([chat(1)], {"chat-1": []}))
    Grid().serve(room)
    reply = await room.say(conversation, "Still there?", refused(404, "not_found"))
    assert reply.state == "failed"
    await room.session.until(lambda: conversation.gone)


async def test_failed_fetches_are_reported_and_requests_for_them_answered(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 2)})
    conversation = await listed(room, grid)
    grid.trouble = [refused(403, "forbidden"), refused(403, "forbidden")]
    room.session.remote.messages.fetch(conversation)
    await room.session.until(lambda: bool(room.session.remote.status(conversation).text))
    assert room.session.remote.status(conversation).text == "The key does not allow reading this (403 forbidden)."
    with pytest.raises(UsageProblem, match="The key does not allow reading this"):
        await room.session.remote.fetch_now(conversation)
    assert await room.session.remote.fetch_now(conversation) == 2
    assert room.session.remote.status(conversation).text == ""


async def test_in_another_window_messages_are_shown_and_not_written(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 2)})
    conversation = await listed(room, grid)
    second = await rooms(beside=True)
    grid.serve(second)
    reopened = await second.session.open(conversation.id)
    await fetched(second, reopened)
    assert lines(reopened) == ["Said 0 > Said 1"]
    assert await second.history.messages(conversation.id) == []
    assert not second.session.alerts.messages


async def test_turns_of_the_service_support_all_actions(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 3)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    await room.session.outbox.choose_suggestion(conversation, conversation.turns[0], 0)
    with pytest.raises(UsageProblem, match="sent from here"):
        regenerate(room.session, conversation)
    assert not room.transport.sent
    assert await room.session.outbox.take_back(conversation) is None
    reply = await room.say(conversation, "Mine", FakeAnswer(chunk("Yes"), END))
    assert text_of(reply) == "Yes"
    assert len(await room.stored(conversation)) == 1
    await still(room, conversation)
    assert room.session.remote.messages.count(conversation) == 3  # read again when the reply had ended
    assert lines(conversation) == ["Said 0 > Said 1", "Said 2 > ", "Mine > Yes"]


# ChatIQ


def iq(*contents: tuple[str, str]) -> Callable[[Request], FakeAnswer | None]:
    """Answer with the messages of a ChatIQ conversation, pairs of sender and text; `since` is heeded."""

    def answer(request: Request) -> FakeAnswer | None:
        if request.method != "GET" or "/messages" not in request.url:
            return None
        found = [
            {"id": f"q{number}", "sender": sender, "content": text, "created_at": f"2026-03-04T12:{number:02}:00"}
            for number, (sender, text) in enumerate(contents)
        ]
        since = request.url.partition("since=")[2][:21].replace("%3A", ":")[:16]
        return listing({"messages": [one for one in found if str(one["created_at"])[:16] > since]})

    return answer


async def test_messages_of_a_person_at_chatiq_are_fetched(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin(BOT)
    await room.say(conversation, "Help", FakeAnswer(delta("One moment."), iq_name("c-1"), DONE))
    for turn in conversation.turns:
        turn.sent_at = turn.sent_at.replace(year=2026, month=3, day=4, hour=12, minute=0)
    room.transport.aside = iq(("user", "Help"), ("bot", "One moment."), ("bot", "Here is Ann."))
    assert await room.session.remote.fetch_now(conversation) == 1
    assert lines(conversation) == ["Help > One moment.", " > Here is Ann."]
    room.transport.aside = iq(("user", "Help"), ("bot", "One moment."), ("bot", "Here is Ann."), ("bot", "Well?"))
    assert await room.session.remote.fetch_now(conversation) == 1
    assert await room.session.remote.fetch_now(conversation) == 0
    again = await rooms()
    again.transport.aside = lambda request: None
    assert len((await again.session.open(conversation.id)).turns) >= 3


def iq_name(name: str) -> bytes:
    return f'data: {{"conversationId": "{name}"}}\n\n'.encode()


async def test_if_nothing_is_stored_nothing_is_fetched(room: Room) -> None:
    for provider in (replace(BOT, options=(("private_mode", True),)), BOT):
        with pytest.raises(UsageProblem, match="no messages"):
            await room.session.remote.fetch_now(room.begin(provider))


def chunk(text: str) -> bytes:
    return b'data: {"event": "message.delta", "content": "' + text.encode() + b'"}\n\n'


END = b'data: {"event": "message.complete", "content": ""}\n\n'


async def test_pages_without_messages_lose_nothing(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 4)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    again = await rooms()
    grid.serve(again)
    reopened = await again.session.open(conversation.id)
    grid.trouble = [listing({"data": [], "has_more": True, "cursor": f"c-{number}"}) for number in range(20)]
    again.session.remote.messages.fetch(reopened)
    await still(again, reopened)
    assert not [change for change in again.session.changes_seen if isinstance(change, UnhandledError)]
    assert lines(reopened) == ["Said 0 > Said 1", "Said 2 > Said 3"]
    assert len(grid.trouble) == 19


async def test_the_same_page_again_and_again_is_the_last(room: Room) -> None:
    grid = Grid([chat(1)], {"chat-1": talk(0, 250)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    same = listing({"data": talk(50, 150)[::-1], "has_more": True, "cursor": "m-150"})
    grid.trouble = [same, same]
    for _ in range(3):
        room.session.remote.messages.fetch_older(conversation)
        await still(room, conversation)
    assert len(grid.trouble) == 1
    assert len(conversation.turns) == 100


async def test_a_gap_that_could_not_be_closed_is_closed_the_next_time(rooms: OpenRoom) -> None:
    room = await rooms()
    grid = Grid([chat(1)], {"chat-1": talk(0, 20)})
    conversation = await listed(room, grid)
    await fetched(room, conversation)
    grid.messages["chat-1"] = talk(0, 350)
    answer, asked = grid.answer, []

    def breaking_off(request: Request) -> FakeAnswer | None:
        asked.append(request)
        return refused(500, "internal_error") if len(asked) == 2 else answer(request)

    room.transport.aside = breaking_off
    room.session.remote.messages.fetch(conversation, force=True)
    await still(room, conversation)
    assert len(conversation.turns) == 10
    await fetched(room, conversation)
    assert lines(conversation) == [f"Said {number} > Said {number + 1}" for number in range(0, 350, 2)]


async def test_messages_sent_during_a_long_merge_are_not_lost(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_SLICE", -1.0)  # every step lets others in
    grid = Grid([chat(1)], {"chat-1": talk(0, 60)})
    conversation = await listed(room, grid)
    steps = 0
    original_merge = merge.merge

    def interrupted(
        turns: Sequence[Turn], messages: Sequence[RemoteMessage], speaker: str, pinned: Turn | None
    ) -> Steps[list[Turn]]:
        """Put something in line in the middle of it, twice."""
        nonlocal steps
        work = original_merge(turns, messages, speaker, pinned)
        while True:
            steps += 1
            if steps in (20, 120):
                here = Turn(7, f"Meanwhile {steps}", f"Meanwhile {steps}", NOON, queued=True)
                conversation.turns = [*conversation.turns, here]
            try:
                yield next(work)
            except StopIteration as end:
                return cast(list[Turn], end.value)

    monkeypatch.setattr(message_sync, "merge", interrupted)
    await fetched(room, conversation)
    assert len(conversation.turns) == 32
    assert [turn.shown for turn in conversation.turns[-2:]] == ["Meanwhile 20", "Meanwhile 120"]
