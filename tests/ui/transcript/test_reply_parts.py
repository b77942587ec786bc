"""Suggestions as services name them: the button shows what pressing it sends."""

from __future__ import annotations

import pytest

from chatgrid_tui.model.json import JsonObject
from chatgrid_tui.ui.transcript.reply_parts import suggestion_label, suggestion_payload, suggestion_text


@pytest.mark.parametrize(
    ("item", "shown", "sent"),
    [
        ({"label": "Menu", "payload": "__item__:1"}, "Menu", "__item__:1"),
        ({"label": "Menu"}, "Menu", "Menu"),
        ({"payload": "__item__:1"}, "__item__:1", "__item__:1"),
        ({"title": "Menu"}, "Menu", "Menu"),
        ({"text": "Menu", "value": "m"}, "Menu", "m"),
        ({"label": 5, "payload": None}, "", ""),
    ],
)
def test_labels_and_payloads_of_suggestions(item: JsonObject, shown: str, sent: str) -> None:
    assert (suggestion_text(item), suggestion_payload(item)) == (shown, sent)
    assert suggestion_label(item) == (shown or "…")
