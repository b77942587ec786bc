"""Two conversations side by side: each is used on its own, and nothing typed in either is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest import mock

from app.scripted import HeldBot, held_bot, provider
from app.window import Window, opened
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.session.conversation import Conversation
from chatgrid_tui.ui.chat.chat_pane import ChatPane


@asynccontextmanager
async def two_bots(folder: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Window, HeldBot, HeldBot]]:
    async with held_bot() as left, held_bot() as right:
        config = provider(left.url) + provider(right.url, name="other", board="other-bot")
        async with opened(folder, config=config, size=size) as window:
            yield window, left, right


def panes(window: Window) -> tuple[ChatPane, ...]:
    return window.app.chat.panes.all


async def splits(window: Window) -> ChatPane:
    """Open the second pane, which has the focus then."""
    await window.press("ctrl+backslash")
    await window.until(lambda: len(panes(window)) == 2, "the second pane")
    second = panes(window)[1]
    await window.until(lambda: window.app.focused is second.composer.field, "the focus in the second pane")
    return second


async def is_answered(window: Window, bot: HeldBot, message: str, reply: str) -> None:
    """Send a message, and let the bot answer it."""
    await window.sends(message)
    bot.says(reply)
    bot.ends()
    await window.ended()


async def changes_pane(window: Window) -> None:
    before = window.app.chat.page
    await window.press("ctrl+backslash")
    await window.until(lambda: window.app.chat.page is not before, "the other pane")
    await window.until(lambda: window.app.focused is window.app.chat.composer.field, "the focus in the other pane")


async def test_two_replies_stream_side_by_side_without_disturbing_each_other(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, left, right):
        await window.sends("To the left")
        left.says("Left one. ")
        await window.sees("Left one.")
        second = await splits(window)
        providers = window.session.clients.settings.providers
        second.controller.navigation.begin_at(providers["other"])
        await window.until(lambda: window.conversation.provider.name == "other")
        await window.sends("To the right")
        right.says("Right one. ")
        left.says("Left two. ")
        await window.sees("Left two.", "Right one.")
        assert window.find("Right one.")[0] > 60 > window.find("Left two.")[0]
        await window.press("escape")  # stops the reply on the side with the focus only
        await window.sees("You stopped this reply")
        left.says("Left three.")
        left.ends()
        await window.sees("Left three.")
        first = panes(window)[0].controller.conversation
        await window.until(lambda: first is not None and first.live is None, "the end of the reply at the left")
        row = window.session.index.get(first.id if first is not None else 0)
        assert row is not None and row.unread == 0


async def test_what_is_typed_in_both_stays_also_after_a_restart(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, *_):
        await window.writes("for the left")
        await splits(window)
        await window.writes("for the right")
        await changes_pane(window)
        assert window.typed == "for the left"
    async with opened(tmp_path) as window:
        drafts = {window.typed}
        await splits(window)
        await window.until(lambda: bool(window.typed), "the other draft")
        assert drafts | {window.typed} == {"for the left", "for the right"}


async def test_an_edited_recalled_message_is_there_on_the_other_side(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, left, _):
        await is_answered(window, left, "First", "One")
        await is_answered(window, left, "Second", "Two")
        edited = window.conversation
        await window.press("up", "up", "!", "down")
        assert window.typed == "Second", "the edited message is out of sight"
        await window.begins_new()
        second = await splits(window)
        second.controller.navigation.open(edited.id)
        await window.until(lambda: second.controller.conversation is edited, "the conversation on the other side")
        await window.press("up", "up")
        assert second.composer.text == "First!"
        await window.press("down")
        assert second.composer.text == "Second"
    async with opened(tmp_path) as window:
        await window.until(lambda: any(pane.composer.text == "First!" for pane in panes(window)), "what was edited")


async def test_closing_a_side_keeps_the_conversation_with_the_focus(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, left, _):
        await is_answered(window, left, "At the left", "Left.")
        await splits(window)
        await window.writes("for the right")
        await window.press("alt+w")
        await window.until(lambda: len(panes(window)) == 1 and window.typed == "for the right", "the right one alone")
        assert not window.conversation.turns
        await splits(window)
        await window.writes("unsent")
        await changes_pane(window)
        await window.pilot.click(offset=window.find("Close other"))
        await window.until(lambda: len(panes(window)) == 1, "the left one alone")
        await window.until(lambda: window.app.focused is window.app.chat.composer.field)
        assert window.typed == "for the right"


async def test_a_conversation_is_never_on_both_sides(tmp_path: Path) -> None:
    async with two_bots(tmp_path, size=(150, 40)) as (window, left, _):
        await is_answered(window, left, "At the left", "Left.")
        shown = window.conversation
        await splits(window)
        await window.press("f6", "enter")
        await window.until(lambda: window.conversation is shown, "the pane that shows it")
        assert window.app.chat.page is panes(window)[0]
        await window.pilot.click(panes(window)[1].composer.field)
        await window.until(lambda: window.app.chat.page is panes(window)[1], "a click changes the side")
        await window.pilot.click(panes(window)[0].header)
        await window.until(lambda: window.app.chat.page is panes(window)[0], "so does one on the header")


async def test_on_a_narrow_screen_the_key_changes_between_them(tmp_path: Path) -> None:
    async with two_bots(tmp_path, size=(80, 24)) as (window, left, _):
        await is_answered(window, left, "At the left", "Left.")
        await splits(window)
        await window.sees("2 of 2")
        await window.sees_no("Left.")
        await changes_pane(window)
        await window.sees("1 of 2", "Left.")
        await window.resizes(120, 40)
        await window.sees("Left.", "New conversation")
        await window.sees_no("1 of 2")
        await window.press("f2")  # the wire pane takes the place of the other side
        await window.sees_no("New conversation")


async def test_a_hit_of_the_search_is_shown_on_the_side_that_has_its_conversation(tmp_path: Path) -> None:
    async with two_bots(tmp_path, size=(80, 24)) as (window, left, _):
        await is_answered(window, left, "The parcel", "It was sent.")
        shown = window.conversation
        await splits(window)
        await window.press("ctrl+s", *"parcel")
        await window.sees("Go to the message", "The parcel")
        await window.press("enter")
        await window.until(lambda: window.conversation is shown, "the side that shows it")
        transcript = panes(window)[0].transcript
        await window.until(lambda: window.app.focused is transcript, "the focus in the conversation")
        assert transcript.cursor.bubble == (0, -1)
        assert panes(window)[0].find.is_open and not panes(window)[1].find.is_open


async def test_the_list_and_the_wire_pane_act_on_the_side_with_the_focus(tmp_path: Path) -> None:
    async with two_bots(tmp_path, size=(150, 40)) as (window, left, _):
        await window.sends("Stays here")
        left.says("Yes.")
        left.ends()
        await window.ended()
        second = await splits(window)
        await window.sends("At the right")
        left.says("Some words", " for you and me.")
        left.ends()
        await window.ended()
        await window.press("f6", "p")
        await window.until(lambda: "Pinned." in _rows_of(window, second.region.x), "the message at the right")
        await window.press("escape", "f2")
        await window.sees("closed")
        await window.clicks("you and me")
        await window.sees("Record 2")


async def test_what_a_closed_side_was_doing_comes_back_to_the_one_that_is_left(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def refuse(*message: object, **more: object) -> None:
        await go_on.wait()
        raise UsageProblem("Not now.")

    async with two_bots(tmp_path) as (window, *_):
        second = await splits(window)
        with mock.patch.object(window.session.outbox, "send", refuse):
            await window.writes("sent at the right")
            await window.press("enter")
            await window.until(lambda: not window.typed, "the message on its way")
            await window.writes("typed after it")
            await window.press("alt+w")
            await window.until(lambda: len(panes(window)) == 1 and window.typed == "typed after it", "one side")
            go_on.set()
            await window.until(lambda: window.typed == "sent at the right\ntyped after it", "both texts")
            await window.sees("Not now.")
        second.toast("Copied the transcript.")
        await window.sees("Copied the transcript.")


async def test_one_message_goes_to_both_sides_and_their_replies_are_compared(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, left, right):
        await window.press("alt+a")
        await window.sees("The page is not split.")
        second = await splits(window)
        second.controller.navigation.begin_at(window.session.clients.settings.providers["other"])
        await window.until(lambda: window.conversation.provider.name == "other")
        await window.press("alt+c")
        await window.sees("There is no reply yet to compare on both sides.")
        await window.writes("a draft")
        await changes_pane(window)
        window.hits(*"Hello", "alt+a")  # the message is whole although the keys come at once
        conversations = [pane.controller.conversation for pane in panes(window)]
        await window.until(lambda: all(one is not None and one.live is not None for one in conversations), "both")
        assert [turn.sent for one in conversations if one is not None for turn in one.turns] == ["Hello", "Hello"]
        assert [pane.composer.text for pane in panes(window)] == ["", "a draft"]
        await window.until(
            lambda: [one.draft for one in conversations if one is not None] == ["", "a draft"], "drafts"
        )
        await window.press("alt+c")
        await window.sees("A reply is being written.")
        left.says("The one answer")
        right.says("The other answer")
        await window.sees("The one answer", "The other answer")
        await window.writes("Next")
        await window.clicks("Ask both")
        await window.until(lambda: all(one is not None and one.queued for one in conversations), "both in the queue")
        for bot in (left, right):
            bot.ends()
        await window.until(lambda: not any(one is None or one.queued for one in conversations), "the next ones")
        await window.press("escape")
        await changes_pane(window)
        await window.press("escape")
        await window.until(lambda: not any(one is None or one.live for one in conversations), "no reply")
        await window.clicks("Compare")
        await window.sees("support-bot, compared with other-bot", "Left", "Right", "The reply")


async def test_undoing_a_deletion_leaves_both_sides_as_they_are(tmp_path: Path) -> None:
    async with two_bots(tmp_path) as (window, left, _):
        await is_answered(window, left, "At the left", "Left.")
        deleted = window.conversation
        await splits(window)
        right = window.conversation
        await changes_pane(window)
        await window.app.chat.run_action("conversation('delete')")
        await window.until(lambda: deleted.deleting, "the deletion")
        await changes_pane(window)
        await window.press("ctrl+z")
        await window.sees("Restored.")
        assert not deleted.deleting
        assert window.conversation is right and deleted not in [
            pane.controller.conversation for pane in panes(window)
        ]


async def test_nothing_is_sent_if_one_side_cannot_send_it(tmp_path: Path) -> None:
    def check(conversation: Conversation, text: str) -> None:
        if conversation is refusing:
            raise UsageProblem("Not this.")

    async with two_bots(tmp_path, size=(80, 24)) as (window, *_):
        await splits(window)
        refusing = window.conversation
        await changes_pane(window)
        await window.writes("Hello")
        with mock.patch.object(window.session.outbox, "check_send", check):
            await window.press("alt+a")
            await window.sees("The other side: Not this.")
        assert window.typed == "Hello" and not window.conversation.turns
        await window.press("alt+a")
        await window.sees("Sent to both sides.")
        assert [turn.sent for turn in (*window.conversation.turns, *refusing.turns)] == ["Hello", "Hello"]


async def test_what_the_other_side_does_not_accept_comes_back_there(tmp_path: Path) -> None:
    async def refuse(*message: object, **more: object) -> None:
        raise UsageProblem("Not now.")

    async with two_bots(tmp_path) as (window, *_):
        await splits(window)
        await window.writes("a draft")
        await changes_pane(window)
        await window.writes("Hello")
        with mock.patch.object(window.session.outbox, "send", refuse):
            await window.press("alt+a")
            await window.sees("Not now.")
            await window.until(lambda: panes(window)[1].composer.text == "Hello\na draft", "the text at the right")
            await window.until(lambda: window.typed == "Hello", "the text at the left")


def _rows_of(window: Window, left: int) -> str:
    return " ".join(line[left:] for line in window.lines)
