"""Providers added, changed and removed in a running session: both files, the keyring, and open conversations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatgrid_tui.config.provider_fields import ProviderFields, ValidProvider, validate
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import load
from chatgrid_tui.errors import ConfigProblem, KeyProblem, UsageProblem
from chatgrid_tui.model.provider import Board
from chatgrid_tui.session.providers.provider_editor import (
    EditStart,
    ProviderEditor,
    Saved,
    places_for_keys,
    variable_help,
)
from fakes import listing
from form_entries import filled
from keyrings import Keyring, fake_keyring, kept_line
from planted import BODY, PLANTED
from session.room import Room


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    return fake_keyring(monkeypatch)


@pytest.fixture
def configuring(room: Room) -> ProviderEditor:
    """An editor of a session whose configuration file is still empty."""
    room.session.clients.reconfigure(load(room.session.clients.paths.config_file))
    return ProviderEditor(room.session)


def config_of(room: Room) -> Path:
    return room.session.clients.paths.config_file


def keys_of(room: Room) -> str:
    file = room.session.clients.paths.keys_file
    return file.read_text() if file.exists() else ""


def draft(title: str = "Acme", **typed: object) -> ProviderFields:
    return filled(filled(kind="openai", title=title, base_url="http://127.0.0.1:9/v1", key_from="none"), **typed)


async def saved(configuring: ProviderEditor, typed: ProviderFields, begun: EditStart | None = None) -> Saved:
    context = (begun or await configuring.begin()).context
    valid = validate(typed, context)
    assert isinstance(valid, ValidProvider), valid
    return await configuring.save(typed, valid, context)


async def test_the_first_provider_becomes_the_default_one_and_the_next_does_not(
    room: Room, configuring: ProviderEditor
) -> None:
    first = await saved(configuring, draft("Acme"))
    assert (first.provider.name, first.added, first.notices) == ("acme", True, ())
    await saved(configuring, draft("Beta"))
    assert config_of(room).read_text() == (
        'default_provider = "acme"\n\n'
        '[providers.acme]\nkind = "openai"\nbase_url = "http://127.0.0.1:9/v1"\ntitle = "Acme"\n\n'
        '[providers.beta]\nkind = "openai"\nbase_url = "http://127.0.0.1:9/v1"\ntitle = "Beta"\n'
    )
    assert list(room.session.clients.settings.providers) == ["acme", "beta"]


async def test_an_edit_reaches_what_is_open_and_keeps_what_the_form_does_not_know(
    room: Room, configuring: ProviderEditor
) -> None:
    config_of(room).write_text('# mine\n[providers.acme]\nkind = "openai"\nbase_url = "https://x"\nnote = "kept"\n')
    room.session.clients.reconfigure(load(config_of(room)))
    conversation = room.begin(room.session.clients.settings.providers["acme"], Board("m", "m"))
    await room.session.show(conversation)
    begun = await configuring.begin("acme")
    begun.fields.options["title"] = "Acme two"
    begun.fields.options["base_url"] = "https://y.example/v1"
    after = await saved(configuring, begun.fields, begun)
    assert not after.added
    assert after.notices == ("config.toml was rewritten without its comments. The old file is config.toml.bak.",)
    assert conversation.provider == after.provider
    assert load(config_of(room)).document["providers"] == {
        "acme": {"kind": "openai", "base_url": "https://y.example/v1", "note": "kept", "title": "Acme two"}
    }
    assert "# mine" in config_of(room).with_name("config.toml.bak").read_text()


async def test_another_address_has_other_boards(room: Room, configuring: ProviderEditor) -> None:
    first = await saved(configuring, draft("Acme"))
    await room.session.recents.add_board(first.provider, Board("old", "Of the old address"))
    begun = await configuring.begin("acme")
    begun.fields.options["title"] = "Acme two"
    same_place = await saved(configuring, begun.fields, begun)
    assert [board.id for board in room.session.recents.boards(same_place.provider)] == ["old"]
    begun = await configuring.begin("acme")
    begun.fields.options["base_url"] = "http://127.0.0.1:10/v1"
    moved = await saved(configuring, begun.fields, begun)
    assert room.session.recents.boards(moved.provider) == []


async def test_a_typed_key_goes_to_the_chosen_place_and_moves_with_it(
    room: Room, configuring: ProviderEditor, keyring: Keyring
) -> None:
    assert places_for_keys() == ("environment", "command", "keyring", "file", "none")
    await saved(configuring, draft(key_from="file", key=Secret(f" {PLANTED} ")))
    assert keys_of(room) == kept_line("acme", PLANTED, "http://127.0.0.1:9")
    begun = await configuring.begin("acme")
    assert (begun.fields.key_from, begun.fields.key, begun.stored) == ("file", None, "…9f3a")

    begun.fields.key_from = "keyring"  # nothing typed: the kept one moves
    await saved(configuring, begun.fields, begun)
    assert (keys_of(room), keyring) == ("", {("chatgrid-tui", "acme"): f"http://127.0.0.1:9 {PLANTED}"})
    assert not room.session.clients.paths.keys_file.exists()  # no empty file is left behind

    begun = await configuring.begin("acme")
    begun.fields.key_from = "file"
    await saved(configuring, begun.fields, begun)
    assert (keys_of(room), keyring) == (kept_line("acme", PLANTED, "http://127.0.0.1:9"), {})

    begun = await configuring.begin("acme")
    begun.fields.key_from, begun.fields.variable = "environment", "ACME_KEY"
    await saved(configuring, begun.fields, begun)
    assert keys_of(room) == ""
    assert BODY not in config_of(room).read_text()


async def test_a_plaintext_key_leaves_the_configuration_if_stored_elsewhere(
    room: Room, configuring: ProviderEditor
) -> None:
    config_of(room).write_text(
        f'[providers.acme]\nkind = "openai"\nbase_url = "https://x/v1"\napi_key = "{PLANTED}"\n'
    )
    room.session.clients.reconfigure(load(config_of(room)))
    begun = await configuring.begin("acme")
    assert begun.fields.key_from == "config"
    begun.fields.options["title"] = "Renamed"
    await saved(configuring, begun.fields, begun)
    assert PLANTED in config_of(room).read_text()
    begun = await configuring.begin("acme")
    begun.fields.key_from = "file"
    await saved(configuring, begun.fields, begun)
    assert PLANTED not in config_of(room).read_text()
    assert keys_of(room) == kept_line("acme", PLANTED, "https://x/v1")


async def test_an_edit_leaves_a_key_beside_a_variable_alone(room: Room, configuring: ProviderEditor) -> None:
    config_of(room).write_text('[providers.acme]\nkind = "openai"\nbase_url = "https://x/v1"\napi_key_env = "A"\n')
    room.session.clients.paths.keys_file.write_text(f'acme = "{PLANTED}"\n')
    room.session.clients.reconfigure(load(config_of(room)))
    begun = await configuring.begin("acme")
    begun.fields.options["title"] = "Another title"
    await saved(configuring, begun.fields, begun)
    assert keys_of(room) == f'acme = "{PLANTED}"\n'


async def test_a_refusing_keyring_is_reported_and_nothing_is_written(
    room: Room, configuring: ProviderEditor, keyring: Keyring
) -> None:
    typed = draft("broken", key_from="keyring", key=Secret(PLANTED))
    with pytest.raises(KeyProblem, match="refused the key") as caught:
        await saved(configuring, typed)
    assert BODY not in str(caught.value)
    assert not config_of(room).exists()
    typed.key_from = "file"
    await saved(configuring, typed)
    assert keys_of(room) == kept_line("broken", PLANTED, "http://127.0.0.1:9")


async def test_a_configuration_broken_meanwhile_is_reported_and_no_key_is_stored(
    room: Room, configuring: ProviderEditor
) -> None:
    config_of(room).write_text("theme = \n")
    with pytest.raises(ConfigProblem, match="Line 1"):
        await saved(configuring, draft(key_from="file", key=Secret(PLANTED)))
    assert config_of(room).read_text() == "theme = \n"
    assert keys_of(room) == ""


async def test_a_write_protected_file_is_reported(
    room: Room, configuring: ProviderEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    config_of(room).write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # as for anybody but root
    with pytest.raises(ConfigProblem, match="write-protected"):
        await saved(configuring, draft())


async def test_a_folder_that_cannot_be_made_is_reported_and_stores_no_key(
    room: Room, configuring: ProviderEditor
) -> None:
    config_of(room).mkdir()
    with pytest.raises(ConfigProblem, match="cannot be read"):
        await saved(configuring, draft(key_from="file", key=Secret(PLANTED)))
    assert keys_of(room) == ""


async def test_removing_deletes_entry_key_and_default(
    room: Room, configuring: ProviderEditor, keyring: Keyring
) -> None:
    await saved(configuring, draft("Acme", key_from="keyring", key=Secret(PLANTED)))
    await saved(configuring, draft("Beta"))
    assert await configuring.key_place("acme") == "keyring"
    assert await configuring.remove("acme") == ()
    assert keyring == {}
    assert config_of(room).read_text().startswith("[providers.beta]")
    assert await configuring.remove("beta") == ("No provider is left: the app will start with the demo bots.",)
    assert config_of(room).read_text() == ""
    with pytest.raises(UsageProblem, match="no longer a provider called beta"):
        await configuring.remove("beta")


async def test_a_removed_provider_has_no_address_and_can_be_added_again(
    room: Room, configuring: ProviderEditor
) -> None:
    first = (await saved(configuring, draft("Acme", kind="chatiq"))).provider
    conversation = room.begin(first, Board("b", "b"))
    await room.session.show(conversation)
    await configuring.remove("acme")
    assert (conversation.provider.shown, conversation.provider.base_url) == ("Acme", "")
    with pytest.raises(UsageProblem, match="The provider Acme is no longer configured"):
        await room.session.outbox.send(conversation, "Are you there?")
    assert room.transport.sent == []
    again = (await saved(configuring, draft("Acme", kind="chatiq"))).provider
    assert conversation.provider == again == first


async def test_a_key_stuck_in_the_keyring_is_reported_but_the_provider_is_removed(
    room: Room, configuring: ProviderEditor, keyring: Keyring
) -> None:
    await saved(configuring, draft("stuck", key_from="keyring", key=Secret(PLANTED)))
    notice, _ = await configuring.remove("stuck")
    assert "still has the key" in notice
    assert BODY not in notice
    assert "stuck" not in room.session.clients.settings.providers


async def test_a_trial_uses_the_typed_key_and_keeps_nothing(room: Room, configuring: ProviderEditor) -> None:
    typed = draft(key_from="file", key=Secret(PLANTED))
    begun = await configuring.begin()
    valid = validate(typed, begun.context)
    assert isinstance(valid, ValidProvider)
    room.transport.aside = lambda request: None
    room.script(listing({"data": [{"id": "m"}]}))
    client = await configuring.trial(typed, valid, begun.context)
    assert [board.id for board in await client.all_boards()] == ["m"]
    credential = room.transport.sent[0].key
    assert credential is not None
    assert credential.secret.reveal() == PLANTED
    assert keys_of(room) == ""
    assert not config_of(room).exists()


def test_hints_about_a_variable() -> None:
    environment = {"ACME_KEY": PLANTED, "SHORT": "abc"}
    assert variable_help("", environment).startswith("Its name, such as")
    assert variable_help("NOT_SET", environment).startswith("Not set.")
    assert variable_help("$ACME_KEY", environment) == "Set; it ends in …9f3a. Only the name is saved."
    assert "abc" not in variable_help("SHORT", environment)
