"""What `doctor` reports, its exit codes, and what it keeps secret."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatgrid_tui import __version__
from chatgrid_tui.cli.doctor import Redactor
from chatgrid_tui.demo.catalogue import KINDS
from chatgrid_tui.demo.server import DemoServer
from chatgrid_tui.demo.services.context import CHATIQ_KEY, OPENAI_KEY, WIDGET_KEY, DemoKeys
from chatgrid_tui.store.history import History
from cli.running import controls_in, environment, run, run_process, write_config
from fakes import StartDemo
from planted import BODY, PLANTED

Doctor = Callable[..., tuple[str, ...]]


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    """Return the arguments for a doctor who looks at a configuration, if there is one, and a data folder of the
    test's own.
    """

    def arguments(*more: str) -> tuple[str, ...]:
        file = tmp_path / "config.toml"
        config = ("--config", str(file)) if file.exists() else ()
        return ("doctor", *config, "--data-dir", str(tmp_path / "data"), *more)

    return arguments


async def test_without_a_configuration_all_checks_pass(doctor: Doctor, tmp_path: Path) -> None:
    ran = await run(*doctor())
    assert (ran.code, ran.err) == (0, "")
    for words in (
        f"chatgrid-tui      {__version__}",
        "Python ",
        "textual ",
        "httpx ",
        "SQLite ",
        "Empty. The app opens with the demo bots.",
        "There is no history yet.",
        "input             not a terminal",
    ):
        assert words in ran.out
    assert ran.out.endswith("No problems.\n")
    assert list(tmp_path.iterdir()) == [], "it only looks"


async def test_every_provider_is_tested(doctor: Doctor, demo: DemoServer, tmp_path: Path) -> None:
    write_config(tmp_path, demo)
    ran = await run(*doctor())
    assert ran.code == 0
    for kind in ("chatgrid", "chatiq", "widget", "openai"):
        assert f"Provider {kind}\n" in ran.out
    for words in ("5 boards", "5 bots", "5 models", "No key is needed.", f"host              127.0.0.1:{demo.port}"):
        assert words in ran.out


async def test_one_object_of_json(doctor: Doctor, demo: DemoServer, tmp_path: Path) -> None:
    write_config(tmp_path, demo)
    ran = await run(*doctor("--json"))
    assert ran.code == 0
    assert ran.stdout.isascii()
    found = ran.json
    assert set(found) == {
        *("terminal", "versions", "network", "folders", "configuration", "providers", "problems", "unknown", "well")
    }
    assert (found["well"], found["problems"]) == (True, [])
    providers = found["providers"]
    assert isinstance(providers, list)
    assert [provider["kind"] for provider in providers] == ["chatgrid", "chatiq", "widget", "openai"]
    assert {"subject": "listing", "outcome": "good", "text": "5 boards"} in providers[0]["findings"]


async def test_an_unset_variable_is_a_problem(doctor: Doctor, demo: DemoServer, tmp_path: Path) -> None:
    tables = (
        f'[providers.{kind}]\nkind = "{kind}"\nbase_url = "{demo.base_url(kind)}"\napi_key_env = "NOSUCHVAR"\n'
        for kind in KINDS
    )
    (tmp_path / "config.toml").write_text("\n".join(tables))
    ran = await run(*doctor())
    assert ran.code == 1
    assert "No key is needed." not in ran.out
    assert "4 problems:" in ran.out
    assert ran.out.partition("4 problems:")[2].count("It is looked for in NOSUCHVAR.") == 4


async def test_an_unknown_result_is_neither_good_nor_bad(doctor: Doctor, demo: DemoServer, tmp_path: Path) -> None:
    config = f'[providers.acme]\nkind = "openai"\nbase_url = "{demo.base_url("openai")}"\napi_key = "any-key-1"\n'
    (tmp_path / "config.toml").write_text(config)
    ran = await run(*doctor("--json"))
    assert ran.json["well"] is False
    unknown = "acme, key: The listing is public, so only a message shows whether the key is accepted."
    assert ran.json["unknown"] == [unknown]


@pytest.mark.parametrize("as_json", [True, False])
async def test_problems_are_summed_up_at_the_end(as_json: bool, doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[providers.acme]\nkind = "openai"\nbase_url = "http://127.0.0.1:1"\n')
    ran = await run(*doctor(*["--json"] * as_json))
    assert ran.code == 1
    if as_json:
        assert (ran.json["well"], ran.json["problems"]) == (False, ["acme: Nothing answers at 127.0.0.1:1."])
    else:
        assert ran.out.endswith("1 problem:\n  acme: Nothing answers at 127.0.0.1:1.\n")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('theme "midnight"', "Line 1 of "),
        ('[providers.acme]\nkind = "other"\nbase_url = "https://x.example"', "Line 2 of "),
        ('default_provider = "acne"\n[providers.acme]\nkind = "openai"\nbase_url = "http://127.0.0.1:1"', "acne"),
        ('theme = "nowhere"', "There is no theme nowhere."),
        ('[keys]\n"chat.dance" = "f7"', "`[keys]` names unknown actions: chat.dance."),
        ('[keys]\n"chat.new" = "ctlr+x"', "`[keys]` gives ctlr+x to chat.new, but there is no such key."),
        ('[keys]\n"chat.find" = "ctrl+q"', "ctrl+q is a key of app.quit and chat.find."),
    ],
)
async def test_a_broken_configuration(config: str, words: str, doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(config)
    ran = await run(*doctor())
    assert (ran.code, ran.err) == (1, "")
    assert words in ran.out.partition(" problem")[2]
    assert "textual " in ran.out, "the rest is told all the same"


async def test_usable_providers_of_a_broken_configuration_are_tested(doctor: Doctor, tmp_path: Path) -> None:
    config = '[providers.acme]\nkind = "openai"\nbase_url = "http://127.0.0.1:1"\n[providers.bad]\nkind = "x"\n'
    (tmp_path / "config.toml").write_text(config)
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "broken.toml").write_text("scrim-share = inf")
    ran = await run(*doctor())
    assert ran.code == 1
    for words in ("Line 5 of", "broken.toml is skipped", "acme: Nothing answers at 127.0.0.1:1."):
        assert words in ran.out


async def test_a_named_configuration_that_does_not_exist(tmp_path: Path) -> None:
    ran = await run("doctor", "--config", str(tmp_path / "typo.toml"), "--data-dir", str(tmp_path / "data"))
    assert ran.code == 1
    assert ran.out.endswith(f"1 problem:\n  There is no {tmp_path / 'typo.toml'}.\n")


async def test_a_damaged_history_is_reported_and_left_alone(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "history.db"
    file.write_bytes(b"nonsense" * 1000)
    ran = await run(*doctor())
    assert ran.code == 1
    assert "The history is damaged. When the app opens, it recovers what can be read." in ran.out
    assert file.read_bytes() == b"nonsense" * 1000


async def test_a_history_that_is_open_elsewhere(doctor: Doctor, tmp_path: Path) -> None:
    history = await History.open(tmp_path / "data")
    ran = await run(*doctor())
    assert ran.code == 0
    assert "The history is sound." in ran.out
    assert not history.read_only
    await history.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
async def test_folders_that_others_can_write_to(tmp_path: Path) -> None:
    config, data = tmp_path / "config", tmp_path / "data"
    for folder in (config, data):
        folder.mkdir()
        folder.chmod(0o777)
    ran = await run("--config", str(config / "config.toml"), "--data-dir", str(data), "doctor")
    assert ran.code == 1
    for folder in (config, data):
        assert f"Other users of this machine can replace files in {folder}." in ran.out


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
async def test_keys_that_others_can_read(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    keys = tmp_path / "keys.toml"
    keys.write_text(f'acme = "{PLANTED}"\n')
    keys.chmod(0o644)
    ran = await run(*doctor())
    assert ran.code == 1
    assert "mode 0644" in ran.out
    assert "`chmod 600` prevents that." in ran.out
    keys.chmod(0o600)
    ran = await run(*doctor())
    assert (ran.code, "mode 0600" in ran.out) == (0, True)


@pytest.mark.parametrize("as_json", [True, False])
async def test_the_report_holds_no_key(
    as_json: bool, doctor: Doctor, start_demo: StartDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = DemoKeys(chatgrid=PLANTED, chatiq=PLANTED, openai=PLANTED)
    server = await start_demo(DemoServer(pace=0, keys=accepted))
    monkeypatch.setenv("ACME_KEY", PLANTED)
    command = json.dumps([sys.executable, "-c", f"print({PLANTED!r})"])
    addresses = [server.base_url(kind) for kind in ("chatgrid", "chatiq", "widget", "openai")]
    (tmp_path / "config.toml").write_text(
        f'[providers.a]\nkind = "chatgrid"\nbase_url = "{addresses[0]}"\napi_key_env = "ACME_KEY"\n'
        f'[providers.b]\nkind = "chatiq"\nbase_url = "{addresses[1]}"\napi_key_cmd = {command}\n'
        f'[providers.c]\nkind = "widget"\nbase_url = "{addresses[2]}"\napi_key = "{PLANTED}"\n'
        f'[providers.d]\nkind = "openai"\nbase_url = "{addresses[3]}"\n'
        f'headers = {{ "X-Key" = "{PLANTED}", Authorization = "Bearer {PLANTED}" }}\n'
        f'system = "Say {PLANTED}"\nparameters = {{ user = "{PLANTED}" }}\n'
    )
    keys = tmp_path / "keys.toml"
    keys.write_text(f'd = "{PLANTED}"\n')
    keys.chmod(0o600)
    ran = await run(*doctor(*["--json"] * as_json))
    assert ran.code == 1, "the widget takes another key, and a key stands in the configuration"
    for secret in (PLANTED, BODY, "9f3a", "you@"):
        assert secret not in ran.out + ran.err
    for told in ("ACME_KEY", "the command ", "the configuration", "keys.toml", "X-Key"):
        assert told in ran.out


async def test_a_key_that_a_service_repeats_is_not_repeated_here(tmp_path: Path) -> None:
    redact = Redactor([PLANTED], home=tmp_path)
    assert redact(f"It says: Incorrect API key provided: {PLANTED}.") == "It says: Incorrect API key provided: …."
    masked = f"{PLANTED[:14]}********{PLANTED[-4:]}"
    assert redact(f"key {masked}") == f"key …********{PLANTED[-4:]}"
    assert redact(f"{tmp_path}/config.toml and {tmp_path}er") == f"~/config.toml and {tmp_path}er"
    assert redact("It belongs to jane.doe+x@bots.example.") == "It belongs to …@bots.example."
    assert redact("a short text") == "a short text"


async def test_the_home_folder_is_not_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = await run("doctor")
    assert str(home) not in ran.out
    assert "~/" in ran.out


async def test_what_the_terminal_reports(doctor: Doctor) -> None:
    ran = await run_process(
        *doctor(),
        TERM="tmux-256color",
        TMUX="/tmp/tmux,1,0",
        TERM_PROGRAM="tmux\x1b[31m",
        NO_COLOR="1",
        COLUMNS="100",
        LINES="30",
    )
    assert ran.code == 0
    for words in ("TERM              tmux-256color", "multiplexer       tmux", "off (NO_COLOR)", "100x30"):
        assert words in ran.out
    assert controls_in(ran.stdout) == set()


async def test_it_works_without_a_terminal_a_home_and_a_locale(doctor: Doctor) -> None:
    bare = {name: value for name, value in environment().items() if name in ("PATH", "PYTHONPATH", "HOME")}
    command = " ".join(shlex.quote(part) for part in (sys.executable, "-m", "chatgrid_tui", *doctor()))
    ran = await run_process("-c", f"import os; os.execvpe('sh', ['sh', '-c', {command!r}], {bare!r})", module="")
    assert (ran.code, ran.err) == (0, "")
    assert "TERM              not set" in ran.out


async def test_its_help_lists_its_exit_codes() -> None:
    ran = await run("doctor", "--help")
    assert ran.code == 0
    assert "1    problems were found; the last lines list them" in ran.out
    assert "doctor" in (await run("--help")).out


async def test_all_kinds_with_their_keys(doctor: Doctor, start_demo: StartDemo, tmp_path: Path) -> None:
    server = await start_demo(DemoServer(pace=0, keys=DemoKeys()))
    (tmp_path / "config.toml").write_text(
        "".join(
            f'[providers.{kind}]\nkind = "{kind}"\nbase_url = "{server.base_url(kind)}"\n'
            for kind in ("chatiq", "widget", "openai")
        )
    )
    keys = tmp_path / "keys.toml"
    keys.write_text(f'chatiq = "{CHATIQ_KEY}"\nwidget = "{WIDGET_KEY}"\nopenai = "{OPENAI_KEY}"\n')
    keys.chmod(0o600)
    ran = await run(*doctor())
    assert ran.code == 0
    assert ran.out.count("The key … from keys.toml is accepted.") == 3
