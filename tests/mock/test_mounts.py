"""Where kinds of service are mocked: the base of a recorded address is found, and can be configured."""

from __future__ import annotations

import pytest

from chatgrid_tui.config.endpoints import base_address
from chatgrid_tui.mock.mounts import Place, mounts_for, place_in, same_path

AZURE = "https://acme.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"
ORIGIN = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("kind", "url", "place"),
    [
        (
            "chatgrid",
            "https://api.chatgrid.ai/v1/boards/b/chats/c/messages",
            Place("/v1", "/boards/b/chats/c/messages"),
        ),
        ("chatgrid", "http://127.0.0.1:9/chatgrid/v1/boards?limit=5", Place("/chatgrid/v1", "/boards", "limit=5")),
        ("chatiq", "https://www.chatiq.io/api/chat", Place("/api", "/chat")),
        ("widget", "http://localhost:4000/v1/chat/stream", Place("", "/v1/chat/stream")),
        ("widget", "https://bots.example/site/chat", Place("/site", "/chat")),
        ("openai", "https://openrouter.ai/api/v1/chat/completions", Place("/api/v1", "/chat/completions")),
        ("openai", AZURE, Place("/openai/deployments/gpt-4o/chat/completions", "", "api-version=2024-10-21")),
        ("openai", "https://me:[key ...1234]@x.example/v1/models", Place("/v1", "/models")),
        ("openai", "https://x.example/v1/models?key=[key ...1234]", Place("/v1", "/models", "key=[key ...1234]")),
        ("chatiq", "https://bots.example/talk", Place("", "/talk")),
        ("other", "https://bots.example/talk", Place("", "/talk")),
        ("openai", "http://[::1/v1/models", Place("", "/v1/models")),
        ("openai", "https://bots.example", Place("", "/")),
        ("openai", "", Place("", None)),
    ],
)
def test_the_base_of_a_recorded_address(kind: str, url: str, place: Place) -> None:
    assert place_in(url, kind) == place


@pytest.mark.parametrize(
    ("recorded", "urls"),
    [
        ([("chatgrid", "https://api.chatgrid.ai/v1/boards/b/chats/c/messages")], ["/v1"]),
        ([("openai", AZURE)], ["/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"]),
        ([("openai", "https://api.perplexity.ai/v1/chat/completions")], ["/v1"]),
        (
            [("widget", "http://localhost:4000/v1/chat/stream"), ("openai", "https://x.example/v1/chat/completions")],
            ["/widget", "/openai/v1"],
        ),
        (
            [
                ("openai", "https://a.example/v1/chat/completions"),
                ("openai", "https://b.example/v2/chat/completions"),
            ],
            ["/v1"],
        ),
        ([("openai", ""), ("chatiq", "")], ["/openai", "/chatiq/api"]),
        ([("chatgrid", ""), ("chatgrid", "https://api.chatgrid.ai/v1/boards")], ["/v1"]),
        (
            [("", "https://bots.example/talk"), ("chatiq", "https://www.chatiq.io/api/chat")],
            ["/unknown", "/chatiq/api"],
        ),
    ],
)
def test_each_address_can_be_configured(recorded: list[tuple[str, str]], urls: list[str]) -> None:
    mounts = list(dict.fromkeys(mounts_for((kind, place_in(url, kind)) for kind, url in recorded).values()))
    assert [mount.url("") for mount in mounts] == urls
    for mount in mounts:
        if mount.dialect is not None:
            assert base_address(mount.kind, mount.url(ORIGIN)) == (mount.url(ORIGIN), "")


def test_paths_are_compared_in_one_spelling() -> None:
    assert same_path("/boards/a%20b/%C3%A4") == same_path("/boards/a b/ä") == same_path("/boards/a%20b/%c3%a4")
    assert same_path("/%ff\udc80")
