"""What a conversation sends differently: its own prompt and parameters, private mode, a shared session."""

from __future__ import annotations

from dataclasses import replace

from chatgrid_tui.config.settings import Settings
from chatgrid_tui.model.json import Json
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.request import Request
from fakes import FakeAnswer, delta, says
from session.room import BOT, MODEL, SITE, OpenRoom, Room, text_of

PRIVATE = replace(BOT, options=(("private_mode", True),))
SHARED = replace(SITE, options=(("new_conversation", "same session"),))
STRICT = Provider("model", "openai", "http://127.0.0.1:1", system="Be brief.", parameters=(("temperature", 0.2),))


def done(text: str) -> FakeAnswer:
    line = b'{"type":"done","message":"%s","conversationId":"k1"}\n' % text.encode()
    return FakeAnswer(line, headers={"content-type": "application/x-ndjson"})


async def test_a_conversation_sends_its_own_prompt_and_parameters(rooms: OpenRoom) -> None:
    room = await rooms(providers=(STRICT,))
    conversation, usual = room.begin(STRICT), room.begin(STRICT)
    await room.session.set_options(conversation, "Be rude.", (("temperature", 1.5), ("seed", 7)))
    await room.say(conversation, "Hello", says("Hi"))
    await room.say(usual, "Hello", says("Hi"))
    own, others = room.transport.bodies
    assert own["messages"] == [{"role": "system", "content": "Be rude."}, {"role": "user", "content": "Hello"}]
    assert (own["temperature"], own["seed"]) == (1.5, 7)
    assert others["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert (others["temperature"], "seed" in others) == (0.2, False)


async def test_options_outlive_the_program_and_can_be_taken_back(rooms: OpenRoom) -> None:
    room = await rooms(providers=(STRICT,))
    conversation = room.begin(STRICT)
    await room.say(conversation, "Hello", says("Hi"))
    await room.session.set_options(conversation, "", (("stop", ["a"]), ("deep", {"seed": 1})))
    room = await rooms(providers=(STRICT,))
    found = await room.session.open(conversation.id)
    assert (found.system, found.parameters) == ("", (("stop", ["a"]), ("deep", {"seed": 1})))
    await room.say(found, "Again", says("Hi"))
    (body,) = room.transport.bodies
    assert [said["role"] for said in body["messages"]] == ["user", "assistant", "user"]  # type: ignore[attr-defined]
    await room.session.set_options(found, None, None)
    room = await rooms(providers=(STRICT,))
    found = await room.session.open(conversation.id)
    assert (found.system, found.parameters) == (None, None)


async def test_options_set_before_the_first_message_are_kept(rooms: OpenRoom) -> None:
    room = await rooms(providers=(STRICT,))
    conversation = room.begin(STRICT)
    await room.session.set_options(conversation, "Be rude.", None)
    assert room.begin(STRICT) is conversation
    room = await rooms(providers=(STRICT,))
    restored = await room.session.open_last()
    assert restored is not None
    assert (restored.system, restored.parameters) == ("Be rude.", None)
    await room.say(restored, "Hello", says("Hi"))
    room = await rooms(providers=(STRICT,))
    assert (await room.session.open(restored.id)).system == "Be rude."


async def test_options_that_cannot_be_read_are_left_out(room: Room) -> None:
    conversation = room.begin()
    unreadable: list[Json] = [None, [], "x", {"system": 7, "parameters": [1]}, {}]
    for options in unreadable:
        conversation.restore_options(options)
        assert (conversation.system, conversation.parameters) == (None, None)


async def test_in_private_all_that_was_said_goes_along_and_no_id(rooms: OpenRoom) -> None:
    room = await rooms(providers=(PRIVATE,))
    conversation = room.begin(PRIVATE)
    conversation.remote_id = "from-before-it-was-private"
    bubbles = FakeAnswer(b'data: {"responses":["One","Two"]}\n\ndata: [DONE]\n\n')
    named = FakeAnswer(delta("Yes"), b'data: {"conversationId":"c9"}\n\ndata: [DONE]\n\n')
    await room.say(conversation, "First", bubbles)
    await room.say(conversation, "Second", named)
    await room.say(conversation, "Third", says("Bye"))
    first, second, third = room.transport.bodies
    assert ("history" in first, first["private_mode"], "conversation_id" in first) == (False, True, False)
    assert second["history"] == [
        {"role": "user", "content": "First"},
        {"role": "assistant", "content": "One\n\nTwo"},
    ]
    assert [said["content"] for said in third["history"]] == ["First", "One\n\nTwo", "Second", "Yes"]  # type: ignore[attr-defined]
    assert conversation.remote_id == "from-before-it-was-private"


async def test_in_private_nothing_can_be_stored_twice(rooms: OpenRoom) -> None:
    room = await rooms(providers=(PRIVATE,))
    assert room.begin(PRIVATE).resend == "safe"
    assert room.begin(BOT).resend == "unknown"


async def test_a_new_conversation_may_go_on_with_the_same_session(rooms: OpenRoom) -> None:
    room = await rooms(providers=(SHARED,))
    first, second = room.begin(SHARED), room.begin(SHARED)
    await room.say(first, "One", done("1"))
    await room.say(second, "Two", done("2"))
    room = await rooms(providers=(SHARED,))
    later = room.begin(SHARED)
    await room.say(later, "Three", done("3"))
    assert text_of(later.turns[-1].reply) == "3"
    assert first.remote_id == second.remote_id == later.remote_id
    assert len(later.remote_id) == 32


async def test_a_new_user_starts_a_session_which_the_next_conversations_share(rooms: OpenRoom) -> None:
    room = await rooms(providers=(SHARED,))
    first = room.begin(SHARED)
    await room.say(first, "One", done("1"))
    await room.session.forget_user(SHARED, first.board)
    room = await rooms(providers=(SHARED,))  # also if the program ends in between
    second, third = room.begin(SHARED), room.begin(SHARED)
    await room.say(second, "Two", done("2"))
    await room.say(third, "Three", done("3"))
    assert first.remote_id != second.remote_id == third.remote_id


async def test_without_a_shared_session_each_conversation_is_a_new_user(room: Room) -> None:
    first, second = room.begin(SITE), room.begin(SITE)
    await room.say(first, "One", done("1"))
    await room.say(second, "Two", done("2"))
    assert first.remote_id != second.remote_id


async def test_a_provider_that_moved_is_found_where_it_is_now(room: Room) -> None:
    conversation = room.begin()
    await room.say(conversation, "Hello", says("Hi"))
    moved = replace(MODEL, base_url="http://127.0.0.1:9", title="Moved")
    room.session.clients.reconfigure(Settings(providers={"model": moved}))
    urls: list[str] = []

    async def note(request: Request) -> None:
        urls.append(request.url)

    room.transport.before = note
    await room.say(conversation, "Hello again", says("Hi"))
    assert urls == ["http://127.0.0.1:9/v1/chat/completions"]
    assert conversation.provider.shown == "Moved"
