"""The status line: the key, the credits, the remaining requests, and a provider that is down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatgrid_tui.model.events import TextDelta
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.model.provider_health import Allowance, ProviderHealth
from chatgrid_tui.model.saved_conversation import ReadOnly
from chatgrid_tui.session.conversation import Conversation, Turn
from chatgrid_tui.session.reply import Reply
from chatgrid_tui.ui.appearance import Speaker
from chatgrid_tui.ui.chat.status import requests_left, status_of
from chatgrid_tui.ui.widgets.status_line import Status

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KEY = KeyStatus(shown="…9f3a", source="ACME_KEY")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def conversation(**options: bool) -> Conversation:
    provider = Provider("acme", "chatgrid", "https://api.chatgrid.ai/v1", title="Acme staging", **options)  # type: ignore[arg-type]
    return Conversation(provider, Board("b", "support-bot"))


def said(
    health: ProviderHealth,
    talk: Conversation | None = None,
    key: KeyStatus = KEY,
    *,
    read_only: ReadOnly | None = None,
    configured: bool = True,
) -> Status:
    return status_of(
        talk or conversation(),
        Speaker("support-bot"),
        key,
        0.0,
        0.0,
        read_only=read_only,
        configured=configured,
        health=health,
        at=NOW,
    )


def test_the_key_the_credits_and_the_requests_stand_in_this_order() -> None:
    status = said(ProviderHealth("reachable", allowance=Allowance(60, 58, after(18)), credits=412))
    assert (status.provider, status.bot.name) == ("Acme staging", "support-bot")
    assert status.details == ("key …9f3a from ACME_KEY", "412 credits", "58 of 60 requests left")
    assert status.state == "Ready"


def test_unknown_values_are_not_shown() -> None:
    assert said(ProviderHealth()).details == ("key …9f3a from ACME_KEY",)
    short = KeyStatus(shown="…", source="keys.toml")
    assert said(ProviderHealth(), key=short).details == ("key from keys.toml",), "its end is not shown"
    assert said(ProviderHealth(credits=1), key=KeyStatus()).details == ("1 credit",)
    assert said(ProviderHealth(credits=12_345), key=KeyStatus(missing="No key.")).details == (
        "no key",
        "12,345 credits",
    )


@pytest.mark.parametrize(
    ("health", "words"),
    [
        (ProviderHealth("unknown"), ""),
        (ProviderHealth("reachable", allowance=Allowance(60, 58)), "58 of 60 requests left"),
        (ProviderHealth("reachable", allowance=Allowance(6_000, 5_999)), "5,999 of 6,000 requests left"),
        (ProviderHealth("reachable", allowance=Allowance(1, 1)), "1 of 1 request left"),
        (ProviderHealth("reachable", allowance=Allowance(None, 1)), "1 request left"),
        (ProviderHealth("reachable", allowance=Allowance(10, 12)), "12 requests left"),
        (ProviderHealth("reachable", allowance=Allowance(60, None)), ""),
        (
            ProviderHealth("reachable", allowance=Allowance(60, 0, after(17.2))),
            "0 of 60 requests left, again in 18 s",
        ),
        (
            ProviderHealth("reachable", allowance=Allowance(60, 0, after(300))),
            "0 of 60 requests left, again in 5 min",
        ),
        (ProviderHealth("reachable", allowance=Allowance(60, 0, after(-1))), ""),
        (ProviderHealth("reachable", allowance=Allowance(60, 58, after(-1))), "58 of 60 requests left"),
        (ProviderHealth("reachable", allowance=Allowance(60, 58, after(-301))), ""),
        (ProviderHealth("reachable", allowance=Allowance(60, 0)), "0 of 60 requests left"),
        (
            ProviderHealth("limited", until=after(9), allowance=Allowance(60, 0, after(40))),
            "0 of 60 requests left, again in 9 s",
        ),
        (ProviderHealth("limited", until=after(9), allowance=Allowance(60, 58)), "limited, again in 9 s"),
        (ProviderHealth("limited", until=after(9)), "limited, again in 9 s"),
        (ProviderHealth("limited", allowance=Allowance(60, 0)), "0 of 60 requests left"),
        (ProviderHealth("limited"), "limited"),
    ],
)
def test_the_requests_that_are_left(health: ProviderHealth, words: str) -> None:
    assert requests_left(health, NOW) == words


def test_an_offline_provider_is_shown_at_the_right() -> None:
    gone = ProviderHealth("offline", "nothing answers")
    assert (said(gone).state, said(gone).tone) == ("Offline", "waiting")
    failed = conversation()
    reply = Reply(1, "support-bot", NOW)
    reply.stop(1.0)
    failed.turns = [Turn(1, "Hello", "Hello", NOW, [reply])]
    assert said(gone, failed).state == "Offline"
    assert said(ProviderHealth("reachable"), failed).state == "Stopped"


def test_what_is_under_way_goes_before_it() -> None:
    gone, waiting, planned = ProviderHealth("offline"), conversation(), conversation()
    waiting.turns = [Turn(1, "Hello", "Hello", NOW, [Reply(1, "support-bot", NOW)])]
    planned.retry_at = 18.0
    assert said(gone, waiting).state == "Sending"
    assert said(gone, planned).state == "Next try in 18 s"
    assert said(gone, read_only="another window").state == "Read only: another window has this history"
    assert said(gone, waiting, read_only="another window").state_short == "Read only"


@pytest.mark.parametrize("configured", [True, False])
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("another window", "Read only: another window has this history"),
        ("newer version", "Read only: a newer version made this history"),
        ("not writable", "Read only: this history cannot be written"),
    ],
)
def test_why_the_history_can_only_be_read(reason: ReadOnly, words: str, configured: bool) -> None:
    assert said(ProviderHealth(), read_only=reason, configured=configured).state == words


def test_the_local_bots_say_where_they_are() -> None:
    status = said(ProviderHealth("reachable", credits=5, allowance=Allowance(6, 5)), conversation(embedded=True))
    assert status.details == ("no key needed", "api.chatgrid.ai")


@pytest.mark.parametrize(
    ("since", "data_at", "words"),
    [(0.2, None, "Sending"), (2.1, None, "Waiting"), (3.0, 2.9, "Writing"), (9.0, 2.0, "No data")],
)
def test_figures_are_not_repeated(since: float, data_at: float | None, words: str) -> None:
    talk = conversation()
    reply = Reply(1, "support-bot", NOW)
    talk.turns.append(Turn(1, "Hi", "Hi", NOW, [reply]))
    if data_at is not None:
        reply.apply(TextDelta(0, "So it is written."), data_at)
    status = status_of(
        talk, Speaker("support-bot"), KEY, 0.0, since, read_only=None, health=ProviderHealth(), at=NOW, figures=False
    )
    assert (status.state, status.state_short) == (words, words)
