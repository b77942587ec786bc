"""ChatGrid's endpoints: pages, boards, chats and faults."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest

from chatgrid_tui.demo.catalogue import BOTS, ECHO, RESTAURANT, SHOWCASE
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATGRID_KEY, CHATGRID_READ_ONLY_KEY
from demo.talking import Talker

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def url(talker: Talker, path: str) -> str:
    return talker.server.base_url("chatgrid") + path


async def get(talker: Talker, path: str, **query: object) -> httpx.Response:
    given = {name: str(value) for name, value in query.items()}
    response = await talker.client.get(url(talker, path), params=given)
    assert all(name in response.headers for name in LIMITS)
    return response


def problem(response: httpx.Response) -> tuple[int, str]:
    value = response.json()
    assert value["object"] == "error"
    assert value["status"] == response.status_code
    assert value["message"]
    return response.status_code, value["code"]


async def test_me_and_usage(talker: Talker) -> None:
    me = (await get(talker, "/me")).json()
    assert me["object"] == "user"
    assert me["data"]["auth_mode"] == "api-key"
    before = (await get(talker, "/me/usage")).json()["data"]
    await talker.say("chatgrid", "hi", ECHO)
    after = (await get(talker, "/me/usage")).json()["data"]
    assert after["credits_remaining"] == before["credits_remaining"] - 1
    assert TIME.fullmatch(after["updated_at"])


async def test_the_five_boards_come_first(talker: Talker) -> None:
    value = (await get(talker, "/boards")).json()
    assert value["object"] == "list"
    assert [board["name"] for board in value["data"]] == [bot.name for bot in BOTS]
    assert [board["id"] for board in value["data"]] == [bot.board_id for bot in BOTS]
    assert (value["has_more"], value["cursor"]) == (False, None)
    assert "flow_state" not in value["data"][0]


async def test_a_board_from_first_to_last(talker: Talker) -> None:
    made = await talker.client.post(url(talker, "/boards"), json={"name": "Echo", "view_mode": "docs"})
    assert (made.status_code, made.json()["object"]) == (201, "board")
    path = f"/boards/{made.json()['data']['id']}"
    board = (await get(talker, path)).json()["data"]
    assert board["flow_state"]["viewMode"] == "docs"
    change = {"name": "Renamed", "viewport_zoom": 2, "viewport_x": -3.5}
    changed = (await talker.client.patch(url(talker, path), json=change)).json()["data"]
    assert (changed["name"], changed["viewport_zoom"], changed["viewport_x"]) == ("Renamed", 2, -3.5)
    assert changed["updated_at"] > changed["created_at"]
    chat = (await talker.client.post(url(talker, f"{path}/chats"), json={})).json()["data"]["id"]
    sent = await talker.client.post(url(talker, f"{path}/chats/{chat}/messages"), json={"content": "same"})
    assert sent.json()["data"]["content"] == "same"
    gone = await talker.client.delete(url(talker, path))
    assert gone.json() == {"object": "board", "data": {"id": board["id"], "deleted": True}}
    assert problem(await get(talker, path)) == (404, "board_not_found")


@pytest.mark.parametrize(
    ("method", "path", "body", "expected", "where"),
    [
        ("POST", "/boards", {}, "validation_error", "name"),
        ("POST", "/boards", {"name": ""}, "validation_error", "name"),
        ("POST", "/boards", {"name": "x" * 256}, "validation_error", "name"),
        ("POST", "/boards", {"name": 3}, "validation_error", "name"),
        ("POST", "/boards", {"name": "x", "view_mode": "grid"}, "validation_error", "view_mode"),
        ("POST", "/boards", [], "validation_error", None),
        ("PATCH", "/boards/{board}", {}, "no_updates", None),
        ("PATCH", "/boards/{board}", {"viewport_zoom": 11}, "validation_error", "viewport_zoom"),
        ("PATCH", "/boards/{board}", {"viewport_x": True}, "validation_error", "viewport_x"),
        ("POST", "/boards/{board}/chats", {"title": ""}, "validation_error", "title"),
        ("POST", "/boards/{board}/chats", {"node_id": "x" * 256}, "validation_error", "node_id"),
        ("PATCH", "/boards/{board}/chats/{chat}", {}, "no_updates", None),
        ("PATCH", "/boards/{board}/chats/{chat}", {"title": None}, "validation_error", "title"),
        ("POST", "/boards/{board}/chats/{chat}/messages", {}, "validation_error", "content"),
        ("POST", "/boards/{board}/chats/{chat}/messages", {"content": ""}, "validation_error", "content"),
        ("POST", "/boards/{board}/chats/{chat}/messages", {"content": "🙂" * 50_001}, "validation_error", "content"),
        (
            "POST",
            "/boards/{board}/chats/{chat}/messages",
            {"content": "x", "stream": 1},
            "validation_error",
            "stream",
        ),
    ],
)
async def test_what_is_not_valid(
    talker: Talker, method: str, path: str, body: object, expected: str, where: str | None
) -> None:
    chat = (await talker.chat_url()).rpartition("/")[2]
    path = path.format(board=SHOWCASE.board_id, chat=chat)
    response = await talker.client.request(method, url(talker, path), json=body)
    assert problem(response) == (400, expected)
    details = response.json().get("details", [])
    assert [detail["path"] for detail in details] == ([where] if where else [])


async def test_the_longest_message_counts_utf16_units(talker: Talker) -> None:
    reply = await talker.say("chatgrid", "🙂" * 50_000, ECHO, stream=False)
    assert reply.json["data"]["content"] == "🙂" * 50_000


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/nowhere", (404, "not_found")),
        ("/boards/not-a-board", (404, "board_not_found")),
        ("/boards/not-a-board/chats", (404, "board_not_found")),
        (f"/boards/{SHOWCASE.board_id}/chats/nothing", (404, "not_found")),
        (f"/boards/{SHOWCASE.board_id}/chats/nothing/messages", (404, "not_found")),
        (f"/boards/{SHOWCASE.board_id}/nodes", (501, "not_implemented")),
        ("/me/api-keys", (501, "not_implemented")),
    ],
)
async def test_what_is_not_there(talker: Talker, path: str, expected: tuple[int, str]) -> None:
    assert problem(await get(talker, path)) == expected


@pytest.mark.parametrize("path", ["/boards", "/boards/{board}", "/boards/{board}/chats", "/me", "{chat}"])
async def test_a_method_that_is_not_there(talker: Talker, path: str) -> None:
    chat = (await talker.chat_url()).removeprefix(talker.server.base_url("chatgrid"))
    response = await talker.client.put(url(talker, path.format(board=SHOWCASE.board_id, chat=chat)), json={})
    assert problem(response) == (404, "not_found")


async def test_a_body_that_is_not_json(talker: Talker) -> None:
    response = await talker.client.post(url(talker, "/boards"), content=b"{")
    assert problem(response) == (400, "validation_error")
    deep = await talker.client.post(url(talker, "/boards"), content=b"[" * 200_000)
    assert problem(deep) == (400, "validation_error")


async def test_chats_over_several_pages(talker: Talker) -> None:
    chats = f"/boards/{ECHO.board_id}/chats"
    made = []
    for number in range(7):
        body = {"title": f"Chat {number}", "node_id": "a" if number % 2 else "b"}
        made.append((await talker.client.post(url(talker, chats), json=body)).json()["data"])
    assert await pages(talker, chats, limit=3) == [chat["id"] for chat in reversed(made)]
    assert await pages(talker, chats, limit=2, order="asc") == [chat["id"] for chat in made]
    assert await pages(talker, chats, limit=2, node_id="a") == [made[5]["id"], made[3]["id"], made[1]["id"]]


async def pages(talker: Talker, path: str, **query: object) -> list[str]:
    """The ids of all pages."""
    ids: list[str] = []
    value: dict[str, Any] = {"has_more": True, "cursor": None}
    while value["has_more"]:
        cursor = {"cursor": value["cursor"]} if value["cursor"] else {}
        value = (await get(talker, path, **query, **cursor)).json()
        assert 1 <= len(value["data"]) <= int(str(query.get("limit", 50)))
        assert (value["cursor"] is not None) == value["has_more"]
        ids += [row["id"] for row in value["data"]]
    return ids


async def test_a_chat_from_first_to_last(talker: Talker) -> None:
    address = await talker.chat_url(ECHO)
    chat = (await talker.client.get(address)).json()
    assert chat["object"] == "chat_thread"
    assert chat["data"]["memory"] == []
    assert chat["data"]["last_message_at"] is None
    await talker.client.post(f"{address}/messages", json={"content": "Remember that I take tea"})
    assert (await talker.client.get(address)).json()["data"]["memory"] == ["that I take tea"]
    renamed = await talker.client.patch(address, json={"title": "Other"})
    assert renamed.json()["data"]["title"] == "Other"
    gone = await talker.client.delete(address)
    assert gone.json()["data"]["deleted"] is True
    assert problem(await talker.client.get(address)) == (404, "not_found")


async def test_messages_are_listed_oldest_first(talker: Talker) -> None:
    for number in range(60):
        await talker.say("chatgrid", f"message {number}", ECHO, stream=False)
    path = (await talker.chat_url(ECHO)).removeprefix(talker.server.base_url("chatgrid")) + "/messages"
    first = (await get(talker, path)).json()
    assert len(first["data"]) == 50
    assert [message["content"] for message in first["data"][:4]] == [
        "message 0",
        "message 0",
        "message 1",
        "message 1",
    ]
    assert [message["role"] for message in first["data"][:2]] == ["user", "assistant"]
    times = [message["created_at"] for message in first["data"]]
    assert times == sorted(set(times))
    every = await pages(talker, path)
    assert len(every) == 120
    assert await pages(talker, path, order="desc", limit=100) == every[::-1]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "ten"}, {"order": "up"}, {"limit": "²"}])
async def test_a_page_that_is_not_valid(talker: Talker, query: dict[str, object]) -> None:
    response = await get(talker, "/boards", **query)
    assert problem(response) == (400, "validation_error")
    assert response.json()["details"][0]["path"] in query


async def test_a_cursor_dies_with_its_row(talker: Talker) -> None:
    assert problem(await get(talker, "/boards", cursor="bm9uc2Vuc2U")) == (400, "invalid_cursor")
    assert problem(await get(talker, "/boards", cursor="%%%")) == (400, "invalid_cursor")
    cursor = (await get(talker, "/boards", limit=2)).json()["cursor"]
    assert len((await get(talker, "/boards", cursor=cursor)).json()["data"]) == 3
    await talker.client.delete(url(talker, f"/boards/{RESTAURANT.board_id}"))
    assert problem(await get(talker, "/boards", cursor=cursor)) == (400, "invalid_cursor")


async def test_both_forms_of_a_stream(talker: Talker) -> None:
    by_json = await talker.say("chatgrid", "/stall 0", SHOWCASE)
    assert b"event: " not in by_json.body
    complete = by_json.objects()[-1]
    assert complete["content"] == by_json.text
    assert complete["usage"]["total_tokens"] > complete["usage"]["prompt_tokens"]
    by_field = await talker.say("chatgrid", "one two three", ECHO)
    assert by_field.body.startswith(b'event: message.delta\ndata: {"content":"one"}\n\n')
    complete = by_field.objects()[-1]
    assert (complete["role"], complete["content"]) == ("assistant", "one two three")
    assert complete["metadata"]["usage"]["completion_tokens"] == 3
    stored = (await talker.client.get(await talker.chat_url(ECHO) + "/messages")).json()["data"][-1]
    assert stored == {name: value for name, value in complete.items() if name != "event"}


async def test_the_form_can_be_set(client: httpx.AsyncClient) -> None:
    async with DemoServer(pace=0, chatgrid_form="json") as server:
        reply = await Talker(server, client).say("chatgrid", "x", ECHO)
    assert b"event: " not in reply.body


@pytest.mark.parametrize(("command", "kept"), [("hello", 2), ("/noend", 2), ("/error", 0), ("/drop", 0), ("/500", 0)])
@pytest.mark.parametrize("stream", [True, False])
async def test_only_a_finished_reply_is_stored(talker: Talker, command: str, kept: int, stream: bool) -> None:
    await talker.say("chatgrid", command, ECHO, stream=stream)
    listed = await talker.client.get(await talker.chat_url(ECHO) + "/messages")
    assert len(listed.json()["data"]) == kept


async def test_keys_and_scopes(locked: Talker) -> None:
    boards = url(locked, "/boards")
    for headers in ({}, {"Authorization": "Bearer cgk_wrong"}, {"Authorization": f"Basic {CHATGRID_KEY}"}):
        refused = await locked.client.get(boards, headers=headers)
        assert problem(refused) == (401, "unauthorized")
        assert all(name in refused.headers for name in LIMITS)
    full = {"Authorization": f"Bearer {CHATGRID_KEY}"}
    assert (await locked.client.post(boards, json={"name": "x"}, headers=full)).status_code == 201
    reading = {"Authorization": f"Bearer {CHATGRID_READ_ONLY_KEY}"}
    assert (await locked.client.get(boards, headers=reading)).status_code == 200
    refused = await locked.client.post(boards, json={"name": "x"}, headers=reading)
    assert problem(refused) == (403, "forbidden")
    assert refused.json()["message"] == "Missing required scope: write"


async def test_a_read_only_key_is_one_without_keys_too(talker: Talker) -> None:
    headers = {"Authorization": f"Bearer {CHATGRID_READ_ONLY_KEY}"}
    assert problem(await talker.client.post(url(talker, "/boards"), json={}, headers=headers)) == (403, "forbidden")


async def test_the_rate_limit_is_kept(client: httpx.AsyncClient) -> None:
    async with DemoServer(rate_limit=3) as server:
        talker = Talker(server, client)
        left = [(await get(talker, "/me")).headers["X-RateLimit-Remaining"] for _ in range(3)]
        assert left == ["2", "1", "0"]
        refused = await get(talker, "/me")
        assert problem(refused) == (429, "rate_limit_exceeded")
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert abs(int(refused.headers["X-RateLimit-Reset"]) - time.time()) <= 61


async def test_a_body_that_is_too_large(talker: Talker) -> None:
    response = await talker.client.post(url(talker, "/boards"), content=b"x" * (2 * 1024 * 1024 + 1))
    assert problem(response) == (413, "validation_error")
    assert (await get(talker, "/me")).status_code == 200
