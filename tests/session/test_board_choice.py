"""Which board the user means: by its id, its name, or by default."""

from __future__ import annotations

import pytest

from chatgrid_tui.demo.catalogue import Kind
from chatgrid_tui.engine.client import Client
from chatgrid_tui.errors import ServiceProblem, UsageProblem
from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.session.providers.board_choice import boards_of, choose_board, starting_board
from fakes import FakeAnswer, FakeTransport, listing

ID = "5b0e1d3a-6f0c-4c1e-9a51-0d6f3c8e2a01"
LISTED = {"data": [{"id": ID, "name": "Support bot"}, {"id": "b-2", "name": "Sales"}], "has_more": False}
SUPPORT, SALES = Board(ID, "Support bot"), Board("b-2", "Sales")


def client(kind: Kind, *answers: FakeAnswer, boards: tuple[str, ...] = ()) -> tuple[Client, FakeTransport]:
    async def no_key() -> None:
        return None

    transport = FakeTransport(*answers)
    return Client(Provider("acme", kind, "http://127.0.0.1:1", boards=boards), transport, no_key), transport


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", SUPPORT),
        ("b-2", SALES),
        ("sales", SALES),
        ("Support bot", SUPPORT),
        ("support-bot", SUPPORT),
        ("SUPPORT  BOT", SUPPORT),
    ],
)
async def test_a_board_is_found(wanted: str, found: Board) -> None:
    asked, _ = client("chatgrid", listing(LISTED))
    assert await choose_board(asked, wanted) == found


async def test_an_id_need_not_be_looked_up() -> None:
    asked, transport = client("chatgrid")
    assert await choose_board(asked, ID) == Board(ID, ID)
    for kind in ("chatiq", "widget", "openai"):
        asked, other = client(kind)
        assert await choose_board(asked, "anything") == Board("anything", "anything")
        assert other.sent == []
    assert transport.sent == []


@pytest.mark.parametrize(
    ("answer", "board"),
    [(listing(LISTED), SUPPORT), (listing({"code": "internal_error"}, 500), Board(ID, ID))],
    ids=["listed", "not listed"],
)
async def test_the_app_shows_the_name_of_a_board_requested_by_its_id(answer: FakeAnswer, board: Board) -> None:
    asked, _ = client("chatgrid", answer)
    assert await starting_board(asked, ID) == (board, [])


async def test_without_a_name_the_first_one_configured() -> None:
    asked, transport = client("openai", boards=("one", "two"))
    assert await choose_board(asked) == Board("one", "one")
    assert transport.sent == []
    asked, _ = client("chatgrid", listing(LISTED), boards=("sales",))
    assert await choose_board(asked) == SALES


async def test_an_unknown_name_lists_the_known_boards() -> None:
    many = {"data": [{"id": f"b{number}", "name": f"Board \x1b[31m{number}"} for number in range(30)]}
    asked, _ = client("chatgrid", listing(many))
    with pytest.raises(UsageProblem) as raised:
        await choose_board(asked, "no\x1bwhere")
    assert "is called no\ufffdwhere" in str(raised.value)
    assert str(raised.value).endswith("and 18 more.")
    assert "\x1b" not in str(raised.value)


@pytest.mark.parametrize("answer", [listing({"data": []}), listing({"code": "not_found"}, 404)], ids=["none", "404"])
async def test_no_boards_at_all(answer: FakeAnswer) -> None:
    asked, _ = client("openai", answer)
    with pytest.raises(UsageProblem, match="lists no boards"):
        await choose_board(asked)


async def test_another_error_is_passed_on() -> None:
    asked, _ = client("chatgrid", listing({"code": "internal_error", "message": "Oh"}, 500))
    with pytest.raises(ServiceProblem, match="Oh"):
        await choose_board(asked)


async def test_all_boards_with_the_configured_ones_first() -> None:
    asked, _ = client("chatgrid", listing(LISTED), boards=("b-2", "elsewhere"))
    assert await boards_of(asked) == [SALES, Board("elsewhere", "elsewhere"), SUPPORT]
    asked, transport = client("openai", boards=("one",))
    assert await boards_of(asked) == [Board("one", "one")]
    assert transport.sent == []
