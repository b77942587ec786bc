"""Where keys are searched for, in which order, and that none of them leaks."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from copy import copy, deepcopy
from pathlib import Path
from pickle import dumps

import pytest

from chatgrid_tui.config.api_keys import FoundKey, NoKey, find_key, save_key, where_looked
from chatgrid_tui.config.key_command import first_line
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.stored_keys import NOTHING, StoredKey, keyring_usable, put_into_keyring
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.provider import Provider
from keyrings import fake_keyring
from planted import PLANTED
from quiet import PATIENCE, until

KEY = PLANTED
ACME = Provider("acme", "chatgrid", "https://x", title="Acme staging")


def printing(text: str) -> tuple[str, ...]:
    """Return a command that prints `text`."""
    return (sys.executable, "-c", f"import sys; sys.stdout.write({text!r})")


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "keys.toml"


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """A keyring as the optional package has it; a name of "broken" makes it fail."""
    return fake_keyring(monkeypatch)


async def test_the_order(keys_file: Path, keyring: dict[tuple[str, str], str]) -> None:
    environment = {"ACME_KEY": f" {KEY}-env\n"}
    source = KeySource("ACME_KEY", printing(f"{KEY}-cmd\n"), Secret(f"{KEY}-written"))
    found = []

    async def look(source: KeySource) -> None:
        key = await find_key(ACME, source, keys_file, environment)
        found.append(None if isinstance(key, NoKey) else (key.secret.reveal().removeprefix(KEY), key.source))

    keyring["chatgrid-tui", "acme"] = f"{KEY}-ring"
    save_key("acme", StoredKey(f"{KEY}-file"), keys_file)
    await look(source)
    environment["ACME_KEY"] = "  "
    await look(source)
    await look(KeySource("ACME_KEY", (), source.written))
    await look(KeySource("ACME_KEY"))
    keyring.clear()
    await look(KeySource("ACME_KEY"))
    save_key("acme", NOTHING, keys_file)
    await look(KeySource("ACME_KEY"))
    assert found == [
        ("-env", "ACME_KEY"),
        ("-cmd", f"the command {Path(sys.executable).name}"),
        ("-written", "the configuration"),
        ("-ring", "the keyring"),
        ("-file", "keys.toml"),
        None,
    ]


async def test_the_environment_of_the_process_is_the_usual_one(
    keys_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", KEY)
    found = await find_key(ACME, KeySource("ACME_KEY"), keys_file)
    assert isinstance(found, FoundKey)
    assert found.secret.reveal() == KEY


def test_the_error_lists_the_places_searched(keys_file: Path, keyring: dict[tuple[str, str], str]) -> None:
    assert where_looked(ACME, KeySource("ACME_KEY"), keys_file) == (
        "No key is set for Acme staging. It is looked for in ACME_KEY."
    )
    assert f"in the keyring and in {keys_file}." in where_looked(ACME, KeySource(), keys_file)


def test_without_a_keyring_only_the_file_is_named(keys_file: Path) -> None:
    assert not keyring_usable()
    assert where_looked(ACME, KeySource(), keys_file).endswith(f"It is looked for in {keys_file}.")
    with pytest.raises(KeyProblem, match=r"chatgrid-tui\[keyring\]"):
        put_into_keyring("acme", StoredKey(KEY))


async def test_a_failing_keyring_is_reported_and_the_file_is_read(
    keys_file: Path, keyring: dict[tuple[str, str], str]
) -> None:
    broken = Provider("broken", "openai", "https://x")
    told = "The keyring of this system cannot be read (RuntimeError)."
    assert await find_key(broken, KeySource(), keys_file) == NoKey(told)
    assert where_looked(broken, KeySource(), keys_file, told).endswith(f"{keys_file}. {told}")
    save_key("broken", StoredKey(KEY), keys_file)
    found = await find_key(broken, KeySource(), keys_file)
    assert isinstance(found, FoundKey)
    assert found.source == "keys.toml"
    put_into_keyring("acme", StoredKey(KEY))
    assert keyring == {("chatgrid-tui", "acme"): KEY}
    with pytest.raises(KeyProblem) as caught:
        put_into_keyring("broken", StoredKey(KEY))
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("bad", [f"{KEY}\n{KEY}", f"{KEY} x", f"{KEY}\u00e4", f"{KEY}\x1b", f"\u201c{KEY}\u201d"])
async def test_a_key_that_fits_no_header_is_refused_without_showing_it(keys_file: Path, bad: str) -> None:
    with pytest.raises(KeyProblem) as caught:
        await find_key(ACME, KeySource("ACME_KEY"), keys_file, {"ACME_KEY": bad})
    assert "ACME_KEY" in str(caught.value)
    assert KEY not in str(caught.value)
    assert KEY not in repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (printing(f"{KEY}\nsecond\n"), "printed more than one line"),
        (printing(" \n"), "printed nothing"),
        ((sys.executable, "-c", "import sys; print(1); sys.exit('no\x1b[31m key')"), r"failed \(1\): no.*key"),
        ((sys.executable, "-c", "import sys; sys.exit(3)"), r"failed \(3\)\."),
        (("no-such-program-here",), "cannot be started: No such file"),
        ((sys.executable, "a\x00b"), "NUL"),
    ],
)
async def test_a_command_that_gives_no_key_is_reported(command: tuple[str, ...], words: str) -> None:
    with pytest.raises(KeyProblem, match=words) as caught:
        await first_line(command)
    assert KEY not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize("script", ["sleep 60", "sleep 60 & sleep 60"])
async def test_a_command_and_its_children_have_ten_seconds(script: str) -> None:
    with pytest.raises(KeyProblem, match=r"took more than 0\.3 seconds"):
        async with asyncio.timeout(PATIENCE / 2):  # and no minute, as it would take by itself
            await first_line(("sh", "-c", script), 0.3)


@pytest.mark.skipif(os.name != "posix", reason="process groups")
@pytest.mark.parametrize(
    "script",
    [
        "while :; do echo xxxxxxxxxxxxxxxx; done",
        "while :; do echo xxxxxxxxxxxxxxxx >&2; done",
        "while :; do echo xxxxxxxxxxxxxxxx; done & wait",
        "while :; do printf xxxxxxxxxxxxxxxx; done",
    ],
)
async def test_a_command_that_prints_without_end_is_stopped_at_once(script: str) -> None:
    with pytest.raises(KeyProblem, match="printed far more than a key"):
        await first_line(("sh", "-c", script), 600)


async def test_a_command_does_not_get_the_keys_of_other_providers(keys_file: Path) -> None:
    script = "import os; print(os.environ.get('OTHER_KEY'), os.environ.get('VAULT'), sep='/')"
    source = KeySource(command=(sys.executable, "-c", script))
    environment = {**os.environ, "OTHER_KEY": KEY, "VAULT": "work"}
    found = await find_key(ACME, source, keys_file, environment, hidden=("OTHER_KEY",))
    assert isinstance(found, FoundKey)
    assert found.secret.reveal() == "None/work"


async def test_a_command_cannot_ask_at_the_terminal_and_needs_no_shell() -> None:
    assert await first_line((sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))")) == "''"
    assert await first_line((*printing("a $HOME; `id`")[:2], "import sys; print(sys.argv[1])", "$HOME;`id`")) == (
        "$HOME;`id`"
    )


@pytest.mark.skipif(os.name != "posix", reason="process groups")
async def test_cancelling_ends_the_command(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = f"echo $$ > '{begun}.new'; mv '{begun}.new' '{begun}'; sleep 60"
    task = asyncio.create_task(first_line(("sh", "-c", script)))
    await until(begun.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not _runs(int(begun.read_text())))


def _runs(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_file_of_keys(keys_file: Path) -> None:
    save_key("acme", StoredKey(f" {KEY} "), keys_file)
    save_key("other bot", StoredKey("otherkey"), keys_file)
    assert keys_file.read_text() == f'acme = "{KEY}"\n"other bot" = "otherkey"\n'
    if os.name == "posix":
        assert stat.S_IMODE(keys_file.stat().st_mode) == 0o600
        found = await find_key(ACME, KeySource(), keys_file)
        assert isinstance(found, FoundKey)
        assert found.warning == ""
        keys_file.chmod(0o644)
        found = await find_key(ACME, KeySource(), keys_file)
        assert isinstance(found, FoundKey)
        assert "Other users of this machine can read" in found.warning


async def test_a_plaintext_key_is_used_with_a_warning(keys_file: Path) -> None:
    found = await find_key(ACME, KeySource(written=Secret(KEY)), keys_file)
    assert isinstance(found, FoundKey)
    assert "as plain text" in found.warning
    assert KEY not in repr(found)


@pytest.mark.parametrize("text", [f'acme = "{KEY}', f'acme = ["{KEY}"]', f'acme = "{KEY}\xff"', f'{KEY} = "x" "y"'])
async def test_a_broken_file_of_keys_is_reported_and_kept(keys_file: Path, text: str) -> None:
    keys_file.parent.mkdir()
    keys_file.write_bytes(text.encode("latin-1"))
    with pytest.raises(KeyProblem) as caught:
        await find_key(ACME, KeySource(), keys_file)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(KeyProblem):
        save_key("b", StoredKey(KEY), keys_file)
    assert keys_file.read_bytes() == text.encode("latin-1")


async def test_a_file_that_cannot_be_read_or_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="cannot be read: Is a directory"):
        await find_key(ACME, KeySource(), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyProblem, match="Not a directory"):
        save_key("acme", StoredKey(KEY), tmp_path / "file" / "keys.toml")
    with pytest.raises(KeyProblem, match="what was entered"):
        save_key("acme", StoredKey("two words"), tmp_path / "keys.toml")


def test_a_secret_is_never_printed() -> None:
    secret = Secret(KEY)
    shown = (repr(secret), str(secret), f"{secret}", f"{secret!r:>10}", "%s %r" % (secret, [secret]), f"{secret:>8}")  # noqa: UP031
    for text in shown:
        assert "9f3a" in text
        assert "…9f3a" in text
        assert KEY[:-4] not in text
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == KEY
    for escape in (dumps, copy, deepcopy):
        with pytest.raises(TypeError, match="not written anywhere"):
            escape(secret)


def test_a_short_secret_shows_nothing() -> None:
    assert str(Secret("short")) == "…"


@pytest.mark.skipif(os.name != "posix", reason="pipes are those of POSIX")
async def test_a_pipe_or_device_as_key_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "keys.toml")
    assert await find_key(ACME, KeySource(), tmp_path / "keys.toml") == NoKey()
    with pytest.raises(KeyProblem, match="larger than"):
        await find_key(ACME, KeySource(), Path("/dev/zero"))
