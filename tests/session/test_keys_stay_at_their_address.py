"""A stored key is only sent to its address, whatever other windows, failures and locked keyrings do."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from chatgrid_tui import disk
from chatgrid_tui.config import api_keys as keys_module
from chatgrid_tui.config.provider_fields import KeyPlace, ValidProvider, validate
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import load
from chatgrid_tui.config.writing import change
from chatgrid_tui.errors import ConfigProblem, KeyProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers import provider_editor as module
from chatgrid_tui.session.providers.provider_editor import ProviderEditor
from keyrings import Keyring, KeyringLockedError, fake_keyring, kept_line
from planted import PLANTED
from session.room import OpenRoom, Room
from session.saved_providers import ELSEWHERE, HERE, IN_KEYRING, OTHER, draft, kept, saved, sent, tried

NO_PATIENCE = 0.05
Lock: TypeAlias = Callable[[bool], None]


@pytest.fixture(autouse=True)
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    return fake_keyring(monkeypatch)


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Lock:
    """Lock the keyring, or unlock it."""
    names = ("get_password", "set_password", "delete_password")
    unlocked = {name: getattr(sys.modules["keyring"], name) for name in names}

    def locked(*arguments: str) -> None:
        raise KeyringLockedError

    def turn(to: bool) -> None:
        for name, works in unlocked.items():
            monkeypatch.setattr(sys.modules["keyring"], name, locked if to else works)

    return turn


def window(room: Room) -> ProviderEditor:
    room.session.clients.reconfigure(load(room.session.clients.paths.config_file))
    return ProviderEditor(room.session)


@pytest.fixture
def configuring(room: Room) -> ProviderEditor:
    return window(room)


@pytest.fixture
def config(room: Room) -> Path:
    return room.session.clients.paths.config_file


@pytest.fixture
def keys_file(room: Room) -> Path:
    return room.session.clients.paths.keys_file


async def added(configuring: ProviderEditor, place: KeyPlace = "file", key: str = PLANTED) -> Provider:
    return (await saved(configuring, draft(key_from=place, key=Secret(key)))).provider


def disk_is_full(path: Path, changes: object, decided_on: object) -> None:
    raise ConfigProblem("The disk is full.")


@pytest.mark.parametrize("place", ["file", "keyring"])
async def test_another_windows_key_stays_at_its_address(rooms: OpenRoom, place: KeyPlace) -> None:
    first = await rooms()
    before = await added(window(first), place)
    other = window(await rooms(beside=True))
    begun = await other.begin("acme")
    begun.fields.options["base_url"], begun.fields.key = ELSEWHERE, Secret(OTHER)
    await saved(other, begun.fields, begun)
    assert await sent(first, before) == ""
    where = "keys.toml" if place == "file" else "the keyring"
    told = first.session.clients.key_status(before).missing
    assert told.endswith(f"The key in {where} is for https://elsewhere.example.")


@pytest.mark.parametrize("place", ["file", "keyring"])
async def test_a_new_key_never_goes_to_the_old_address(
    room: Room, configuring: ProviderEditor, monkeypatch: pytest.MonkeyPatch, place: KeyPlace
) -> None:
    before = await added(configuring)
    begun = await configuring.begin("acme")
    begun.fields.options["base_url"], begun.fields.key_from, begun.fields.key = ELSEWHERE, place, Secret(OTHER)
    loop, went, write = asyncio.get_running_loop(), [], change

    def slow(path: Path, changes: dict[str, object], decided_on: dict[str, object]) -> Path | None:
        went.append(asyncio.run_coroutine_threadsafe(sent(room, before), loop).result(5))
        return write(path, changes, decided_on=decided_on)

    monkeypatch.setattr(module, "change", slow)
    after = (await saved(configuring, begun.fields, begun)).provider
    assert OTHER not in went
    assert (len(went), await sent(room, after)) == (1, OTHER)


async def test_a_new_key_that_cannot_be_taken_out_again_does_not_go_to_the_old_address(
    room: Room, configuring: ProviderEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await saved(configuring, draft(title="Stuck"))).provider
    begun = await configuring.begin("stuck")
    begun.fields.options["base_url"], begun.fields.key_from, begun.fields.key = ELSEWHERE, "keyring", Secret(OTHER)
    monkeypatch.setattr(module, "change", disk_is_full)
    with pytest.raises(ConfigProblem, match=r"The disk is full\. The keyring of this system still has the key"):
        await saved(configuring, begun.fields, begun)
    assert await sent(room, before) == ""


async def test_a_key_that_cannot_be_restored_is_reported(
    configuring: ProviderEditor, monkeypatch: pytest.MonkeyPatch, keys_file: Path
) -> None:
    await added(configuring)
    begun = await configuring.begin("acme")
    begun.fields.options["base_url"], begun.fields.key_from, begun.fields.variable = (
        ELSEWHERE,
        "environment",
        "NOT_SET",
    )

    def full(path: Path, changes: object, decided_on: object) -> None:
        def refuse(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(keys_module, "write_file", refuse)
        disk_is_full(path, changes, decided_on)

    monkeypatch.setattr(module, "change", full)
    words = r"The disk is full\. The old key is lost\. .*keys\.toml cannot be written"
    with pytest.raises(ConfigProblem, match=words):
        await saved(configuring, begun.fields, begun)
    assert not keys_file.exists()


async def test_a_locked_keyring_lets_no_address_be_changed(
    room: Room, configuring: ProviderEditor, keyring: Keyring, lock: Lock, config: Path, keys_file: Path
) -> None:
    await added(configuring, "keyring")
    begun, written = await configuring.begin("acme"), config.read_text()
    begun.fields.options["base_url"], begun.fields.key, begun.fields.key_from = ELSEWHERE, Secret(OTHER), "file"
    lock(True)
    with pytest.raises(KeyProblem, match=r"cannot be read \(KeyringLockedError\)\. It may have a key"):
        await saved(configuring, begun.fields, begun)
    begun.fields.key_from = "keyring"
    with pytest.raises(KeyProblem, match="refused the key"):
        await saved(configuring, begun.fields, begun)
    begun.fields.key_from = "file"
    assert (config.read_text(), keys_file.exists()) == (written, False)
    lock(False)
    after = await saved(configuring, begun.fields, begun)
    assert (await sent(room, after.provider), kept(keyring, keys_file)) == (OTHER, [OTHER])


async def test_a_locked_keyring_does_not_replace_a_typed_key(
    room: Room, configuring: ProviderEditor, keyring: Keyring, lock: Lock
) -> None:
    keyring[IN_KEYRING] = PLANTED
    lock(True)
    after = await saved(configuring, draft(ELSEWHERE, key_from="file", key=Secret(OTHER)))
    assert after.notices == (
        "The keyring of this system cannot be read (KeyringLockedError). "
        "If it has a key under the name acme, that key stays there.",
    )
    lock(False)
    assert await sent(room, after.provider) == OTHER


async def test_what_is_edited_while_the_keyring_is_locked_leaves_its_key_there(
    room: Room, configuring: ProviderEditor, lock: Lock, keyring: Keyring
) -> None:
    await added(configuring, "keyring")
    lock(True)
    begun = await configuring.begin("acme")
    assert (begun.fields.key_from, begun.context.stored, begun.stored) == ("keyring", "keyring", "…")
    begun.fields.options["title"] = "Acme two"
    assert (await saved(configuring, begun.fields, begun)).notices == ()
    begun.fields.key_from = "file"
    with pytest.raises(KeyProblem, match=r"cannot be read .* Type the key\."):
        await saved(configuring, begun.fields, begun)
    assert await configuring.key_place("acme") == "none", "it is not taken out"
    lock(False)
    begun.fields.key_from = "keyring"
    after = await saved(configuring, begun.fields, begun)
    assert (await sent(room, after.provider), after.notices) == (PLANTED, ())
    lock(True)
    notice, _ = await configuring.remove("acme")
    assert notice.endswith("If it has a key under the name acme, that key stays there.")
    assert keyring == {IN_KEYRING: f"http://127.0.0.1:9 {PLANTED}"}


async def test_a_provider_removed_by_another_window_is_reported(
    room: Room, configuring: ProviderEditor, config: Path
) -> None:
    await added(configuring)
    begun = await configuring.begin("acme")
    config.write_text("")
    with pytest.raises(KeyProblem, match=r"acme was removed from config\.toml\. Type its key to add it again\."):
        await saved(configuring, begun.fields, begun)
    begun.fields.key = Secret(OTHER)
    assert await sent(room, (await saved(configuring, begun.fields, begun)).provider) == OTHER


async def test_what_another_window_adds_while_the_keyring_asks_is_not_written_over(
    configuring: ProviderEditor, config: Path, monkeypatch: pytest.MonkeyPatch, keys_file: Path
) -> None:
    theirs = {"kind": "openai", "base_url": ELSEWHERE, "system": "theirs"}
    get = sys.modules["keyring"].get_password

    def ask(client: str, name: str) -> str | None:
        change(config, {"providers": {"acme": theirs}})
        return str(get(client, name))

    begun = await configuring.begin()
    monkeypatch.setattr(sys.modules["keyring"], "get_password", ask)
    with pytest.raises(ConfigProblem, match=r"config\.toml has another provider called acme"):
        await saved(configuring, draft(key_from="file", key=Secret(OTHER)), begun)
    assert load(config).document["providers"] == {"acme": theirs}
    assert not keys_file.exists()


@pytest.mark.parametrize("place", ["file", "keyring"])
async def test_what_is_changed_just_before_it_is_written_is_not_written_over(
    configuring: ProviderEditor, config: Path, monkeypatch: pytest.MonkeyPatch, place: KeyPlace, keyring: Keyring
) -> None:
    await added(configuring)
    begun = await configuring.begin("acme")
    begun.fields.options["base_url"], begun.fields.key_from, begun.fields.key = (
        "http://127.0.0.1:10/v1",
        place,
        Secret(OTHER),
    )
    write, keys_file = change, config.with_name("keys.toml")

    def late(path: Path, changes: dict[str, object], decided_on: dict[str, object]) -> Path | None:
        monkeypatch.setattr(module, "change", write)
        write(path, {"providers": {"acme": {"base_url": ELSEWHERE}}})
        return write(path, changes, decided_on=decided_on)

    monkeypatch.setattr(module, "change", late)
    with pytest.raises(ConfigProblem, match="was changed by another program"):
        await saved(configuring, begun.fields, begun)
    assert load(config).providers["acme"].base_url == ELSEWHERE
    assert (keys_file.read_text(), keyring) == (kept_line("acme", PLANTED, HERE), {})


async def test_what_another_window_added_meanwhile_stays_when_the_last_one_is_removed(
    configuring: ProviderEditor, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(configuring)
    write = change

    def late(path: Path, changes: dict[str, object], decided_on: dict[str, object]) -> Path | None:
        write(path, {"providers": {"beta": {"kind": "openai", "base_url": ELSEWHERE}}})
        return write(path, changes, decided_on=decided_on)

    monkeypatch.setattr(module, "change", late)
    with pytest.raises(ConfigProblem, match="was changed by another program"):
        await configuring.remove("acme")
    assert list(load(config).providers) == ["acme", "beta"]


async def test_two_windows_do_not_save_at_the_same_time(
    rooms: OpenRoom, monkeypatch: pytest.MonkeyPatch, keyring: Keyring
) -> None:
    """Else each could take out the key that the other one has just put there."""
    first, second = window(await rooms()), window(await rooms(beside=True))
    loop, told, write = asyncio.get_running_loop(), [], change
    begun = await second.begin()

    async def meanwhile() -> None:
        with pytest.raises(ConfigProblem, match="Another window is saving or removing a provider") as caught:
            await saved(second, draft(ELSEWHERE, key_from="keyring", key=Secret(OTHER)), begun)
        told.append(caught.value)

    def slow(path: Path, changes: dict[str, object], decided_on: dict[str, object]) -> Path | None:
        asyncio.run_coroutine_threadsafe(meanwhile(), loop).result(5)
        return write(path, changes, decided_on=decided_on)

    monkeypatch.setattr(disk, "_PATIENCE", NO_PATIENCE)
    monkeypatch.setattr(module, "change", slow)
    await added(first)
    assert (len(told), keyring) == (1, {})


async def test_the_form_asks_again_for_a_key_of_another_address(configuring: ProviderEditor, config: Path) -> None:
    await added(configuring)
    moved = config.read_text().replace("http://127.0.0.1:9/v1", ELSEWHERE)
    config.write_text(moved)
    configuring._session.clients.reconfigure(load(config))
    begun = await configuring.begin("acme")
    assert (begun.fields.key_from, begun.context.stored, begun.context.stored_names, begun.stored) == (
        "file",
        "none",
        set(),
        "",
    )


async def test_a_test_of_another_address_does_not_send_the_key_in_the_configuration(
    configuring: ProviderEditor, config: Path
) -> None:
    config.write_text(f'[providers.acme]\nkind = "openai"\nbase_url = "{HERE}"\napi_key = "{PLANTED}"\n')
    configuring._session.clients.reconfigure(load(config))
    begun = await configuring.begin("acme")
    assert await tried(configuring, begun.fields, begun) == PLANTED
    moved = draft(ELSEWHERE, title="Beta")
    valid = validate(moved, (await configuring.begin()).context)
    assert isinstance(valid, ValidProvider)
    recents: tuple[KeyPlace, ...] = ("config", "file")
    for place in recents:
        begun.fields.key_from = place
        assert await (await configuring.trial(begun.fields, valid, begun.context)).look_up_key() is None
