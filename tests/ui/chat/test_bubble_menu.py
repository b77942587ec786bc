"""The entries of a bubble's menu, for each kind of bubble, and what they do."""

from __future__ import annotations

import pytest

from chatgrid_tui.markdown.code_and_links import pieces_of
from chatgrid_tui.model.bubble import Bubble
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.session.conversation import Turn
from chatgrid_tui.session.reply import ToolCall
from chatgrid_tui.ui.actions.table import CHAT_ACTIONS
from chatgrid_tui.ui.chat.bubbles.bubble_acts import (
    Act,
    ActOnMessage,
    ActOnQueued,
    CheckStored,
    CopyDetails,
    CopyPlain,
    CopyText,
    ForkHere,
    MarkReply,
    OpenLink,
    QuoteText,
    Refuse,
    ShowDetails,
    ShowFolded,
    UseFile,
    UseRequest,
)
from chatgrid_tui.ui.chat.bubbles.bubble_menu import MOST, BubbleMenu, menu_of, quoted, text_of
from ui.transcript.support import reply, turn

COMPARE = "Check what is stored"
FILE = {"type": "image", "url": "https://files.acme.example/terrace.png", "name": "The terrace"}
AGAIN = ["Regenerate", "Edit and resend", "Resend message", "Fork"]
RECORDED = [
    *("Copy as cURL", "Copy as httpx", "Resend this request"),
    *("Save evidence", "Save recording", "Keep recording", COMPARE),
]


def menu(held: Turn, bubble: int) -> BubbleMenu:
    return menu_of(held, bubble, pieces_of(text_of(held, bubble)))


def labels(held: Turn, bubble: int) -> list[str]:
    return [entry.label for entry in menu(held, bubble).entries]


def act(held: Turn, bubble: int, label: str) -> Act:
    return next(entry.act for entry in menu(held, bubble).entries if entry.label == label)


def test_a_bubble_of_text() -> None:
    held = turn("Go", reply("**One** [docs](https://docs.example/a)", "Two"))
    assert menu(held, 0).title.endswith("bubble 1 of 2")
    assert labels(held, 0) == [
        *("Copy as Markdown", "Copy as text", "Quote", "Details", "Mark reply"),
        *AGAIN,
        "View in pager",
        *("Open link", "Copy link"),
        *RECORDED,
    ]
    copied = act(held, 0, "Copy as Markdown")
    assert isinstance(copied, CopyText)
    assert copied.text == "**One** [docs](https://docs.example/a)"
    plain = act(held, 0, "Copy as text")
    assert isinstance(plain, CopyPlain)
    assert act(held, 0, "Quote") == QuoteText(copied.text)
    assert act(held, 0, "Details") == ShowDetails()
    assert act(held, 0, "Open link") == OpenLink("https://docs.example/a")
    assert labels(held, 1) == [
        "Copy as Markdown",
        "Copy as text",
        "Quote",
        "Details",
        "Mark reply",
        *AGAIN,
        "View in pager",
        *RECORDED,
    ]
    assert act(held, 0, "Copy as cURL") == UseRequest("curl")


def test_each_block_of_code_is_told_by_its_language_and_first_words() -> None:
    held = turn("Go", reply("```python\nfirst = 1\nmore\n```\n\n```\nsecond\n```"))
    codes = [entry for entry in menu(held, 0).entries if "code" in entry.label]
    assert [(entry.label, entry.detail) for entry in codes] == [
        ("Copy code block 1", "python, 2 lines: first = 1 more"),
        ("Copy code block 2", "1 line: second"),
    ]
    assert codes[1].act == CopyText("second", "code block 2 of 2 (1 line)")
    assert codes[0].shortcut is None, "the key copies the one in view"
    (only,) = [entry for entry in menu(turn("Go", reply("```\na\n```")), 0).entries if "code" in entry.label]
    assert only.shortcut == "copy_code"


def test_a_link_shows_where_it_really_leads_and_is_asked_about_if_its_label_lies() -> None:
    held = turn("Go", reply("[https://bank.example](https://evil.example/x)"))
    entry = next(entry for entry in menu(held, 0).entries if entry.label == "Open link")
    assert entry.detail == "https://bank.example (evil.example)"
    assert entry.act == OpenLink("https://evil.example/x", "https://bank.example")


def test_the_last_bubble_has_the_files() -> None:
    bad = {"url": "javascript:alert(1)", "name": "bad"}
    held = turn("Go", reply("One", "Two", attachments=[FILE, bad]))
    assert "Open file" not in labels(held, 0)
    assert act(held, 1, "Open file") == OpenLink(str(FILE["url"]))
    assert act(held, 1, "Copy file address") == CopyText(str(FILE["url"]), "the address of The terrace")
    refused = [entry.act for entry in menu(held, 1).entries if entry.label == "Open file"][-1]
    assert isinstance(refused, Refuse)
    assert "no web address" in refused.reason
    only_file = turn("Go", reply(attachments=[FILE]))
    of_file = ["Open file", "Save file", "Show picture", "Copy file address"]
    assert labels(only_file, 0) == [*of_file, "Details", "Mark reply", *AGAIN, *RECORDED]
    assert act(only_file, 0, "Save file") == UseFile("save_file", 0)
    pdf = {"url": "https://files.acme.example/menu.pdf"}
    several = menu(turn("Go", reply(attachments=[pdf, FILE, FILE])), 0).entries
    of_files = [entry for entry in several if isinstance(entry.act, UseFile)]
    assert [entry.act.index for entry in of_files if isinstance(entry.act, UseFile)] == [0, 1, 1, 2, 2]
    assert [entry.shortcut for entry in of_files] == [None, None, "show_picture", None, None]


def test_marking_is_refused_where_a_mark_could_not_be_saved() -> None:
    held = turn("Go", reply("Yes"))
    assert menu(held, 0).act_of("mark") == menu(held, -1).act_of("mark") == MarkReply()
    held.replies[0].verdict = "wrong"
    assert [entry.detail for entry in menu(held, 0).entries if entry.label == "Mark reply"] == ["Wrong"]
    held.remote = ("m1",)
    there = menu(held, 0).act_of("mark")
    assert isinstance(there, Refuse)
    assert "only at the service" in there.reason
    written = menu(turn("Go", reply("Y", state="writing")), 0).act_of("mark")
    assert isinstance(written, Refuse)
    assert "still being written" in written.reason
    assert menu(turn("Later", queued=True), -1).act_of("mark") == Refuse("This message has not been sent yet.")


def test_what_was_sent_in_another_conversation_has_no_request_here() -> None:
    held = turn("Go", reply("Yes"))
    held.copied = True
    for label in ("Copy as cURL", "Resend this request", "Save evidence", COMPARE):
        refused = act(held, 0, label)
        assert isinstance(refused, Refuse)
        assert "conversation that was forked" in refused.reason
    assert act(held, 0, "Fork") == ForkHere()


def test_a_reply_with_reasoning_and_tool_calls() -> None:
    answer = reply("Yes")
    answer.reasoning = {0: Bubble("So.")}
    answer.tool_calls = {(0, 0): ToolCall("c1", "look_up")}
    held = turn("Go", answer)
    assert labels(held, 0)[3:7] == ["Details", "Mark reply", "Show reasoning", "Show tool calls"]
    assert act(held, 0, "Show reasoning") == ShowFolded("reasoning")
    assert act(held, 0, "Show tool calls") == ShowFolded("tools")


def test_my_message() -> None:
    held = turn("Go on", reply("Yes"))
    own = ["Copy", "Quote", "Details", "Mark reply", *AGAIN, "Fork and edit", "View in pager"]
    assert labels(held, -1) == [*own, *RECORDED]
    assert act(held, -1, "Copy") == CopyText("Go on", "your message (5 characters)")
    assert menu(held, -1).act_of("copy_text") == act(held, -1, "Copy")
    held.replies.append(reply("No"))
    assert act(held, -1, "Compare replies") == ActOnMessage("compare_variants")
    held.first_sent = "payload:go"
    assert act(held, -1, "Copy what was sent") == CopyText("payload:go", "what was sent")


def test_a_message_that_waits() -> None:
    queued = turn("Later", queued=True)
    waiting = ["Send now", "Move up", "Move down", "Take back"]
    assert labels(queued, -1) == [*waiting, "Copy", "Quote", "Details", "Mark reply"]
    assert act(queued, -1, "Send now") == ActOnQueued("send_now")
    assert act(queued, -1, "Take back") == ActOnMessage("edit")
    assert act(queued, -1, "Details") == Refuse("This message has not been sent yet.")


@pytest.mark.parametrize("text", ["", "Half"])
def test_an_error_is_copied_whole(text: str) -> None:
    held = turn("Go", reply(*filter(None, [text]), state="failed", failure=Failure("stream", code="overloaded")))
    error = 1 if text else 0
    assert labels(held, error) == ["Copy the error", "Details", "Mark reply", *AGAIN, *RECORDED]
    assert menu(held, error).act_of("copy") == menu(held, error).act_of("copy_text") == CopyDetails()
    if text:
        assert act(held, 0, "Copy the error") == CopyDetails()
        assert act(held, 0, "Copy as Markdown") == CopyText("Half", "the reply (4 characters)")


def test_unavailable_entries_say_why() -> None:
    waiting = turn("Go", reply(state="waiting"))
    for shortcut in ("copy", "copy_text", "quote"):
        assert menu(waiting, 0).act_of(shortcut) == Refuse("There is no text yet.")
    empty = turn("Go", reply())
    assert menu(empty, 0).act_of("quote") == Refuse("The reply has no text.")
    assert menu(empty, 0).act_of("details") == ShowDetails()
    remote = turn("Go", reply("Yes"))
    remote.remote = ("m1",)
    assert menu(remote, 0).act_of("resend") == menu(remote, 0).act_of("curl")
    assert isinstance(menu(remote, 0).act_of("curl"), Refuse)
    huge = turn("Go", reply("x" * 100_001))
    assert menu(huge, 0).act_of("quote") == Refuse("100,001 characters are too many for a quote.")


def test_comparing_is_offered_where_the_service_can_be_asked() -> None:
    held = turn("Go", reply("One"))
    assert act(held, 0, COMPARE) == act(held, -1, COMPARE) == CheckStored()
    (entry,) = [entry for entry in menu_of(held, 0, (), "It stores nothing.").entries if entry.label == COMPARE]
    assert entry.act == Refuse("It stores nothing.")
    held.replies[0].state = "writing"
    assert act(held, 0, COMPARE) == Refuse("The reply has not ended yet.")
    held.remote = ("m-1",)
    assert isinstance(act(held, 0, COMPARE), Refuse)


def test_of_very_many_links_some_have_entries() -> None:
    held = turn("Go", reply(" ".join(f"https://a.example/{number}" for number in range(MOST + 7))))
    assert labels(held, 0).count("Open link") == MOST
    assert "7 more links" in labels(held, 0)


def test_hostile_texts_are_cleaned() -> None:
    held = turn("Go", reply("```\x1b[31mpy\n\x1b[2Jcode\n```"))
    assert all("\x1b" not in entry.label + entry.detail for entry in menu(held, 0).entries)


def test_a_quote_is_markdown() -> None:
    assert quoted("one\n\n> two\n") == "> one\n>\n> > two"


def test_a_recording_that_is_kept_can_be_let_go() -> None:
    held = turn("Go", reply("One"))
    assert held.reply is not None
    held.reply.recording_kept = True
    assert "Do not keep recording" in labels(held, 0)


def test_entries_and_commands_have_the_same_names() -> None:
    titles = {action.run: action.title for action in CHAT_ACTIONS}
    named = [entry for entry in menu(turn("Go", reply("Yes")), 0).entries if entry.shortcut]
    assert [entry.label for entry in named] == [titles[f"bubble('{entry.shortcut}')"] for entry in named]
