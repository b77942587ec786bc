"""Hues of boards: assigned once, saved, and overridden by the configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chatgrid_tui.config.settings import load
from chatgrid_tui.model.hue import HUES, hue_for
from session.room import GRID, OpenRoom, Room, open_room


async def test_a_board_keeps_its_hue(rooms: OpenRoom) -> None:
    room = await rooms()
    hues = {board: room.session.hues.of("grid", board) for board in "abcdefg"}
    assert set(hues.values()) == set(HUES)
    assert all(room.session.hues.of("grid", board) == hue for board, hue in hues.items())
    await room.session.close()
    again = await rooms()
    for board in reversed("abcdefg"):
        assert again.session.hues.of("grid", board) == hues[board]


async def test_a_board_that_is_not_found_yet_takes_no_hue(room: Room) -> None:
    assert room.session.hues.of("grid", "") == hue_for("grid", "")
    assert {room.session.hues.of("grid", board) for board in "abcde"} == set(HUES)


async def test_the_configuration_sets_the_hue_of_a_board(tmp_path: Path) -> None:
    grid = replace(GRID, hues=(("b1", "plum"), ("Sales", "rose")))
    room = await open_room(tmp_path / "data", providers=(grid,))
    assert room.session.hues.of("grid", "b1") == "plum"
    assert room.session.hues.of("grid", "b2", "Sales") == "rose"
    await room.session.close()


def test_a_board_has_a_table_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    table = '[providers.acme]\nkind = "chatgrid"\nbase_url = "https://a.example"\n'
    file.write_text(f'{table}[providers.acme.board.support-bot]\nhue = "plum"\n[providers.acme.board.b2]\n')
    provider = load(file).providers["acme"]
    assert provider.hues == (("support-bot", "plum"),)
    assert provider.extra == ()
