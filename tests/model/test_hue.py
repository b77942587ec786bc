"""Hues: each board gets a rare one, the same on every machine that knows the same boards."""

from __future__ import annotations

import zlib
from collections import Counter

import pytest

from chatgrid_tui.model.hue import HUES, Hue, chip_letter, hue_for


def test_the_hash_decides_while_no_board_is_known() -> None:
    assert hue_for("acme", "support-bot") == HUES[zlib.crc32(b"acme/support-bot") % 5]
    assert hue_for("acmé", "böt") == HUES[zlib.crc32("acmé/böt".encode()) % 5]
    assert hue_for("acme", "\ud83d") in HUES


def test_a_board_gets_the_first_of_the_rarest_hues_from_its_hash_on() -> None:
    own = hue_for("acme", "support-bot")
    following = HUES[(HUES.index(own) + 1) % 5]
    assert hue_for("acme", "support-bot", [own]) == following
    assert hue_for("acme", "support-bot", HUES) == own
    others = [hue for hue in HUES if hue != "plum"]
    assert hue_for("acme", "support-bot", others) == "plum"


def test_many_boards_share_the_hues_evenly() -> None:
    taken: list[Hue] = []
    for number in range(50):
        taken.append(hue_for("acme", f"bot {number}", taken))
    assert set(Counter(taken).values()) == {10}


@pytest.mark.parametrize(
    ("name", "letter"),
    [
        ("restaurant", "R"),
        ("  (4o-mini)", "4"),
        ("ßeta", "ß"),
        ("家族", "家"),
        ("éa", "É"),
        ("🙂 bot", "B"),
        ("…", ""),
    ],
)
def test_the_letter_is_the_first_one_of_the_name(name: str, letter: str) -> None:
    assert chip_letter(name) == letter
