"""Keys stored with the address they are for: how they are written, and where they are sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatgrid_tui.config.api_keys import FoundKey, NoKey, find_key, key_in_file, names_in_file, save_key
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.stored_keys import NOTHING, StoredKey, in_keyring, put_into_keyring, used
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider
from keyrings import Keyring, fake_keyring
from planted import BODY, PLANTED

HERE = "https://acme.example/v1"
ELSEWHERE = "https://elsewhere.example/v1"
OTHER = "another-key-0123456789"
ACME = Provider("acme", "openai", HERE)


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "keys.toml"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    return fake_keyring(monkeypatch)


async def found_for(provider: Provider, keys_file: Path) -> str | NoKey:
    found = await find_key(provider, KeySource(), keys_file)
    return found.secret.reveal() if isinstance(found, FoundKey) else found


def test_each_key_has_one_line_and_what_a_person_wrote_stays(keys_file: Path) -> None:
    keys_file.write_text(f'plain = "{OTHER}"\n')
    save_key("acme", StoredKey.at(f" {PLANTED} ", HERE), keys_file)
    save_key("other bot", StoredKey.at('quo"ted\\key', "http://127.0.0.1:9"), keys_file)
    assert keys_file.read_text() == (
        f'plain = "{OTHER}"\n'
        f'acme = {{ key = "{PLANTED}", for = "https://acme.example" }}\n'
        '"other bot" = { key = "quo\\"ted\\\\key", for = "http://127.0.0.1:9" }\n'
    )
    with keys_file.open("a") as file:
        file.write(f'below = "{OTHER}"\n')
    assert names_in_file(keys_file) == {"plain", "acme", "other bot", "below"}
    assert key_in_file("acme", keys_file) == StoredKey(PLANTED, "https://acme.example")
    assert key_in_file("other bot", keys_file).key == 'quo"ted\\key'
    assert key_in_file("plain", keys_file) == StoredKey(OTHER)
    assert key_in_file("nobody", keys_file) == NOTHING


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ("https://acme.example", True),
        ("https://ACME.example/any/path", True),
        ("acme.example", True),
        ("", True),
        ("http://acme.example", False),
        ("https://acme.example:8443", False),
        ("https://acme.example.evil.example", False),
        ("https://elsewhere.example", False),
        ("https://[", False),
        ("any", False),
    ],
)
def test_whom_a_key_is_for(written: str, fits: bool) -> None:
    assert StoredKey(PLANTED, written).fits(HERE) == fits
    assert not StoredKey("", written).fits(HERE), "that is none"
    assert BODY not in repr(StoredKey(PLANTED, written))


async def test_a_key_for_another_address_is_not_used_but_reported(keys_file: Path, keyring: Keyring) -> None:
    save_key("acme", StoredKey.at(PLANTED, ELSEWHERE), keys_file)
    told = "The key in keys.toml is for https://elsewhere.example."
    assert await found_for(ACME, keys_file) == NoKey(told)
    put_into_keyring("acme", StoredKey.at(OTHER, "http://127.0.0.1:9"))
    assert keyring == {("chatgrid-tui", "acme"): f"http://127.0.0.1:9 {OTHER}"}
    assert await found_for(ACME, keys_file) == NoKey(f"The key in the keyring is for http://127.0.0.1:9. {told}")
    save_key("acme", StoredKey.at(PLANTED, HERE), keys_file)
    assert await found_for(ACME, keys_file) == PLANTED


async def test_addresses_from_the_key_file_are_cleaned(keys_file: Path) -> None:
    keys_file.write_text(f'acme = {{ key = "{PLANTED}", for = "a\\u001b[31m{"x" * 5000}" }}\n')
    found = await found_for(ACME, keys_file)
    assert isinstance(found, NoKey)
    assert "\x1b" not in found.why
    assert len(found.why) < 200


async def test_a_key_without_an_address_comes_last(keys_file: Path, keyring: Keyring) -> None:
    keyring["chatgrid-tui", "acme"] = OTHER
    assert await found_for(ACME, keys_file) == OTHER
    save_key("acme", StoredKey.at(PLANTED, HERE), keys_file)
    assert await found_for(ACME, keys_file) == PLANTED
    keyring["chatgrid-tui", "acme"] = f"https://acme.example {OTHER}"
    assert await found_for(ACME, keys_file) == OTHER, "of two alike, the one in the keyring"
    assert used({"one": StoredKey(OTHER), "two": StoredKey(PLANTED)}, HERE) == "one"


@pytest.mark.parametrize(
    "entry",
    ["7", "{}", '{ key = "k" }', '{ key = 7, for = "https://x" }', '{ key = "k", for = "https://x", more = 1 }'],
)
def test_an_entry_that_is_no_key_is_reported(keys_file: Path, entry: str) -> None:
    keys_file.write_text(f"other = {entry}\n")
    with pytest.raises(KeyProblem, match="has no valid key for other"):
        key_in_file("acme", keys_file)


@pytest.mark.usefixtures("keyring")
def test_an_unreadable_keyring_differs_from_one_without_the_key() -> None:
    assert in_keyring("acme") == NOTHING
    assert in_keyring("nowhere") == NOTHING, "the system has none"
    with pytest.raises(KeyProblem, match=r"cannot be read \(RuntimeError\)"):
        in_keyring("broken")


@pytest.mark.parametrize(
    "entry", [f"not-a-place {PLANTED}", f"{PLANTED} https://acme.example", "https://acme.example"]
)
def test_an_entry_of_another_shape_is_taken_as_a_whole(keyring: Keyring, entry: str) -> None:
    keyring["chatgrid-tui", "acme"] = entry
    assert in_keyring("acme") == StoredKey(entry)
