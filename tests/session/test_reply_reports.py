"""Reports of replies are computed from their recordings on request."""

from __future__ import annotations

from chatgrid_tui.engine.stream_report import StreamReport
from chatgrid_tui.session.changes import TurnChanged
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.session.reply_reports import ReplyReports
from fakes import FakeAnswer, delta, says
from session.room import OpenRoom, Room, reply_of


async def report_in(room: Room, conversation: Conversation) -> StreamReport:
    """Return the report of the newest reply once it is available."""
    turn, reply = conversation.turns[-1], reply_of(conversation)
    before = room.session.changes_seen.count(TurnChanged(conversation, turn))
    if (report := room.session.reports.get(conversation, turn, reply)) is None:
        await room.session.until(lambda: room.session.changes_seen.count(TurnChanged(conversation, turn)) > before)
        report = room.session.reports.get(conversation, turn, reply)
    assert report is not None
    return report


async def test_a_report_is_the_same_after_a_restart(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    await room.say(conversation, "Hi", FakeAnswer(delta("One "), delta("two")))
    report = await report_in(room, conversation)
    assert (report.events, [notice.kind for notice in report.notices]) == (2, ["no_end_mark"])
    again = await rooms()
    reopened = await again.session.open(conversation.id)
    assert await report_in(again, reopened) == report


async def test_a_damaged_recording_has_no_report_and_costs_no_other(rooms: OpenRoom) -> None:
    room = await rooms()
    conversation = room.begin()
    damaged = await room.say(conversation, "Hi", says("One"))
    await room.say(conversation, "Bye", says("Two"))
    await room.history.save_recordings(damaged.id, [b"not a recording"])
    reports = ReplyReports(room.history, lambda reply: (), room.session.notify)
    first, second = conversation.turns
    assert reports.get(conversation, second, reply_of(conversation)) is None
    assert reports.get(conversation, first, damaged) is None
    before = room.session.changes_seen.count(TurnChanged(conversation, second))
    await room.session.until(lambda: room.session.changes_seen.count(TurnChanged(conversation, second)) > before)
    assert reports.get(conversation, second, reply_of(conversation)) is not None
    assert reports.get(conversation, first, damaged) is None
    await reports.close()
