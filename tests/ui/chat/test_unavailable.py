"""Why a command is unavailable: the reason in the palette."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chatgrid_tui.model.provider import Board, Provider
from chatgrid_tui.ui.chat.unavailable import refusals
from fakes import says
from session.room import open_room

LOCAL = Provider("local", "openai", "http://127.0.0.1:1", "Local bots", boards=("bot",), embedded=True)
ACME = Provider("acme", "openai", "https://api.acme.example/v1", "Acme", boards=("bot",))
BOT = Board("bot", "bot")


async def test_a_command_is_refused_only_while_it_cannot_work(tmp_path: Path) -> None:
    assert refusals(None, None, finding=False, selected=False, replaying=False) == {}
    room = await open_room(tmp_path / "data", providers=(LOCAL, ACME))
    session, clients = room.session, room.session.clients
    empty = room.begin(LOCAL, BOT)
    reasons = refusals(session, empty, finding=False, selected=False, replaying=False)
    assert reasons["chat.rename"] == reasons["chat.find"] == "This conversation is empty."
    assert reasons["chat.find_next"] == "Find something first."
    assert reasons["provider.edit"] == "The local bots need no settings."
    talk = room.begin(ACME, BOT)
    await room.say(talk, "hello", says("Hi"))
    reasons = refusals(session, talk, finding=True, selected=True, replaying=False)
    assert reasons["replay.step"] == "Nothing is being replayed."
    reasons = {name: reason for name, reason in reasons.items() if not name.startswith("replay.")}
    variants = {"chat.previous_variant", "chat.next_variant", "chat.compare_variants"}
    files = {"chat.save_file", "chat.show_picture"}
    others = {"chat.stop", "chat.alerts", "chat.undo_delete", "chat.fetch", "chat.memory"}
    assert set(reasons) == others | variants | files
    session.alerts.add("Something to read.")
    clients.reconfigure(replace(clients.settings, providers={}))
    reasons = refusals(session, talk, finding=True, selected=True, replaying=True)
    assert {"chat.stop", "replay.step"}.isdisjoint(reasons)
    assert "chat.alerts" not in reasons
    assert reasons["provider.test"] == "Its provider is not configured."
    await session.close()
