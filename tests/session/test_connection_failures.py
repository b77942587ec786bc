"""Why there was no connection: each cause has its own text, and names what it is about."""

from __future__ import annotations

from typing import get_args

import pytest

from chatgrid_tui.model.failure import AnswerCause, ConnectCause, Failure, FailureCause, ProxyCause, SettingsCause
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider_health import ProviderHealth
from chatgrid_tui.session.providers.health import HealthMonitor
from chatgrid_tui.session.wording.connection_failures import explain_connection
from chatgrid_tui.session.wording.failures import explain

CAUSES: tuple[FailureCause, ...] = (
    *get_args(SettingsCause),
    *get_args(ProxyCause),
    *get_args(ConnectCause),
    *get_args(AnswerCause),
)


def sentences(failure: Failure, characters: int = 0) -> str:
    return " ".join(filter(None, explain_connection(failure, characters)))


def test_each_cause_has_its_own_text() -> None:
    causes_by_words: dict[str, list[FailureCause]] = {}
    for cause in CAUSES:
        causes_by_words.setdefault(sentences(Failure("network", cause, place="bots.example")), []).append(cause)
    assert [causes for causes in causes_by_words.values() if len(causes) > 1] == []


@pytest.mark.parametrize(
    ("failure", "characters", "words"),
    [
        (
            Failure("network", "no SOCKS", place="ALL_PROXY"),
            0,
            "The SOCKS proxy of ALL_PROXY cannot be used: the package for it is not installed. Nothing was sent. "
            "Install chatgrid-tui[socks], or name the host in NO_PROXY.",
        ),
        (
            Failure("network", "proxy refused", status=407, place="127.0.0.1:3128 (HTTPS_PROXY)"),
            0,
            "The proxy 127.0.0.1:3128 (HTTPS_PROXY) refused the connection (407). Its address needs a user name "
            "and a password, or different ones.",
        ),
        (
            Failure("network", "proxy refused", status=418, place="p:1 (ALL_PROXY)"),
            0,
            "The proxy p:1 (ALL_PROXY) refused the connection (418).",
        ),
        (
            Failure("network", "proxy refused", message="Invalid username/password", place="p:1 (ALL_PROXY)"),
            0,
            "The proxy p:1 (ALL_PROXY) refused the connection. Invalid username/password.",
        ),
        (
            Failure("network", "certificates unreadable", place="SSL_CERT_FILE (/nonexistent/ca.pem)"),
            0,
            "The certificates of SSL_CERT_FILE (/nonexistent/ca.pem) cannot be read. Nothing was sent. Correct the "
            "variable, or unset it.",
        ),
        (
            Failure("network", "certificate expired", place="b.example"),
            0,
            "The certificate of b.example cannot be trusted: it has expired. Nothing was sent.",
        ),
        (Failure("network", "dropped"), 0, "The connection was lost before the reply arrived."),
        (Failure("network", "dropped"), 1_300, "The connection was lost after 1,300 characters."),
        (
            Failure("network", "broken compression", place="gzip"),
            0,
            "The compression (gzip) of the reply is damaged or cut off before any text arrived.",
        ),
        (Failure("network", "refused", place="\x1b[31m{place}\n"), 0, "Nothing answers at \ufffd[31m{place}."),
    ],
)
def test_the_words(failure: Failure, characters: int, words: str) -> None:
    assert sentences(failure, characters) == words


@pytest.mark.parametrize("cause", [*get_args(SettingsCause), *get_args(ProxyCause), *get_args(ConnectCause)])
def test_a_message_never_sent_cannot_be_stored_twice(cause: FailureCause) -> None:
    assert explain(Failure("network", cause), KeyStatus(), "stored twice").again == ""


@pytest.mark.parametrize(
    "cause", [cause for cause in CAUSES if cause not in ("silence", "no text", "key", "no board", "dropped")]
)
def test_the_summary_names_the_cause_of_a_lost_connection(cause: FailureCause) -> None:
    health_monitor = HealthMonitor()
    health_monitor.failed("acme", Failure("network", cause))
    health = health_monitor.of("acme")
    assert health != ProviderHealth()
    assert health.state == "offline"
    assert (health.summary == "connection lost") == (cause in ("broken chunks", "broken compression"))
