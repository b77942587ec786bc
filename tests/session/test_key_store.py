"""Keys stored under a provider's name are sent to the address they were stored for, and to no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chatgrid_tui.config.provider_fields import KeyPlace, ValidProvider, validate
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import load
from chatgrid_tui.errors import ConfigProblem, KeyProblem
from chatgrid_tui.session.providers import provider_editor as module
from chatgrid_tui.session.providers.provider_editor import ProviderEditor
from keyrings import Keyring, fake_keyring
from planted import PLANTED
from session.room import Room
from session.saved_providers import ELSEWHERE, HERE, IN_KEYRING, OTHER, TAKEN_OUT, draft, kept, saved, sent, tried


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    monkeypatch.delenv("NOT_SET", raising=False)
    return fake_keyring(monkeypatch)


@pytest.fixture
def configuring(room: Room) -> ProviderEditor:
    room.session.clients.reconfigure(load(room.session.clients.paths.config_file))
    return ProviderEditor(room.session)


@pytest.fixture
def keys_file(room: Room) -> Path:
    return room.session.clients.paths.keys_file


@pytest.fixture(params=["keyring", "file"])
def left_behind(request: pytest.FixtureRequest, keyring: Keyring, keys_file: Path) -> KeyPlace:
    """A key is kept under a name that no provider has."""
    place: KeyPlace = request.param
    if place == "keyring":
        keyring[IN_KEYRING] = PLANTED
    else:
        keys_file.write_text(f'acme = "{PLANTED}"\nother = "{OTHER}"\n')
    return place


WAYS = {
    "none": draft(ELSEWHERE),
    "a variable": draft(ELSEWHERE, key_from="environment", variable="NOT_SET"),
    "the file": draft(ELSEWHERE, key_from="file", key=Secret(OTHER)),
    "the keyring": draft(ELSEWHERE, key_from="keyring", key=Secret(OTHER)),
}


@pytest.mark.usefixtures("left_behind")
@pytest.mark.parametrize("way", WAYS)
async def test_a_new_provider_does_not_get_the_key_of_a_former_one(
    room: Room, configuring: ProviderEditor, keyring: Keyring, keys_file: Path, way: str
) -> None:
    wanted = OTHER if way.startswith("the") else ""
    begun = await configuring.begin()
    assert await tried(configuring, WAYS[way], begun) == wanted
    after = await saved(configuring, WAYS[way], begun)
    assert await sent(room, after.provider) == wanted
    assert kept(keyring, keys_file) == [key for key in (wanted,) if key]


async def test_removing_the_key_is_reported(
    configuring: ProviderEditor, left_behind: KeyPlace, keyring: Keyring, keys_file: Path
) -> None:
    after = await saved(configuring, WAYS["a variable"])
    assert (after.notices, kept(keyring, keys_file)) == ((TAKEN_OUT,), [])
    assert keys_file.exists() == (left_behind == "file"), "the key of another provider stays"


async def test_a_key_that_cannot_be_removed_blocks_a_new_provider_of_its_name(
    room: Room, configuring: ProviderEditor, keyring: Keyring
) -> None:
    keyring["chatgrid-tui", "stuck"] = PLANTED
    with pytest.raises(KeyProblem, match="still has the key"):
        await saved(configuring, draft(ELSEWHERE, title="Stuck", key_from="environment", variable="NOT_SET"))
    assert not room.session.clients.paths.config_file.exists()
    assert keyring["chatgrid-tui", "stuck"] == PLANTED


@pytest.mark.parametrize("place", ["keyring", "file"])
@pytest.mark.parametrize("way", WAYS)
async def test_an_edit_of_the_address_does_not_take_the_key_along(
    room: Room, configuring: ProviderEditor, keyring: Keyring, keys_file: Path, place: KeyPlace, way: str
) -> None:
    await saved(configuring, draft(key_from=place, key=Secret(PLANTED)))
    begun = await configuring.begin("acme")
    assert await tried(configuring, begun.fields, begun) == PLANTED
    begun.fields.options["base_url"] = ELSEWHERE
    problems = validate(begun.fields, begun.context)
    assert not isinstance(problems, ValidProvider)
    assert list(problems) == ["key"]
    begun.fields.key_from, begun.fields.variable = WAYS[way].key_from, WAYS[way].variable
    begun.fields.key = WAYS[way].key
    wanted = OTHER if way.startswith("the") else ""
    assert await tried(configuring, begun.fields, begun) == wanted
    after = await saved(configuring, begun.fields, begun)
    assert await sent(room, after.provider) == wanted
    assert kept(keyring, keys_file) == [key for key in (wanted,) if key]


async def test_an_edit_beside_the_address_keeps_the_key(room: Room, configuring: ProviderEditor) -> None:
    await saved(configuring, draft(key_from="file", key=Secret(PLANTED)))
    begun = await configuring.begin("acme")
    begun.fields.options["title"], begun.fields.options["base_url"] = "Acme two", "http://127.0.0.1:9/other/v1"
    after = await saved(configuring, begun.fields, begun)
    assert await sent(room, after.provider) == PLANTED


async def test_a_key_beside_a_variable_does_not_go_to_another_address(
    room: Room, configuring: ProviderEditor, keyring: Keyring, keys_file: Path
) -> None:
    config = room.session.clients.paths.config_file
    config.write_text(f'[providers.acme]\nkind = "openai"\nbase_url = "{HERE}"\napi_key_env = "NOT_SET"\n')
    keys_file.write_text(f'acme = "{PLANTED}"\n')
    room.session.clients.reconfigure(load(config))
    begun = await configuring.begin("acme")
    assert await tried(configuring, begun.fields, begun) == PLANTED
    begun.fields.options["base_url"] = ELSEWHERE
    assert await tried(configuring, begun.fields, begun) == ""
    after = await saved(configuring, begun.fields, begun)
    assert (await sent(room, after.provider), kept(keyring, keys_file), after.notices) == ("", [], (TAKEN_OUT,))


async def test_without_a_key_source_no_key_is_sent(room: Room, configuring: ProviderEditor, keys_file: Path) -> None:
    config = room.session.clients.paths.config_file
    config.write_text(f'[providers.acme]\nkind = "openai"\nbase_url = "{HERE}"\napi_key_env = "NOT_SET"\n')
    keys_file.write_text(f'acme = "{PLANTED}"\n')
    room.session.clients.reconfigure(load(config))
    begun = await configuring.begin("acme")
    begun.fields.key_from = "none"
    assert await sent(room, (await saved(configuring, begun.fields, begun)).provider) == ""


@pytest.mark.parametrize("address", [HERE, ELSEWHERE])
@pytest.mark.parametrize("place", ["keyring", "file"])
async def test_an_unwritable_configuration_changes_no_key(
    configuring: ProviderEditor,
    keyring: Keyring,
    keys_file: Path,
    place: KeyPlace,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the new key would go to the old address."""
    await saved(configuring, draft(key_from="file", key=Secret(PLANTED)))
    begun = await configuring.begin("acme")
    begun.fields.options["base_url"], begun.fields.key_from, begun.fields.key = address, place, Secret(OTHER)

    def fail(path: Path, changes: object, decided_on: object) -> None:
        raise ConfigProblem("The disk is full.")

    monkeypatch.setattr(module, "change", fail)
    with pytest.raises(ConfigProblem):
        await saved(configuring, begun.fields, begun)
    assert (kept(keyring, keys_file), keyring) == ([PLANTED], {})


async def test_a_name_that_was_taken_meanwhile_is_not_written_over(room: Room, configuring: ProviderEditor) -> None:
    """Another window may have added a provider of that name, and kept its key."""
    begun = await configuring.begin()
    config = room.session.clients.paths.config_file
    config.write_text(f'[providers.acme]\nkind = "openai"\nbase_url = "{ELSEWHERE}"\n')
    with pytest.raises(ConfigProblem, match=r"config\.toml has another provider called acme\."):
        await saved(configuring, draft(key_from="file", key=Secret(PLANTED)), begun)
    assert load(config).providers["acme"].base_url == ELSEWHERE
    assert not os.path.exists(room.session.clients.paths.keys_file)


async def test_a_key_that_was_left_behind_does_not_go_to_another_address_of_that_name(
    room: Room, configuring: ProviderEditor
) -> None:
    await saved(configuring, draft(key_from="file", key=Secret(PLANTED)))
    await configuring.remove("acme", with_key=False)
    begun, typed = await configuring.begin(), draft(ELSEWHERE)
    valid = validate(typed, begun.context)
    assert isinstance(valid, ValidProvider)
    trial = await configuring.trial(typed, valid, begun.context)
    assert await trial.look_up_key() is None
    assert trial.key_status().sentence == "No key was sent."
    after = await saved(configuring, typed, begun)
    assert after.notices == ("An old key stored under this name was removed.",)
    assert (await room.session.clients.look_up_key(after.provider)).source == ""
    assert not room.session.clients.paths.keys_file.exists()
