"""Reading config.toml: its values, and the place of each mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatgrid_tui.config.providers import KeySource, address_problem
from chatgrid_tui.config.settings import Settings, check, load, load_usable
from chatgrid_tui.config.toml_spans import TomlFile
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.errors import ConfigProblem, UsageProblem
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.model.recording_limits import TOTAL, RecordingLimits

Write = Callable[[str], Path]

WHOLE = """\
default_provider = "acme"
theme = "paper"
glyphs = "ascii"
bubbles = "plain"
reduced_motion = true
pictures = "sixel"
recordings.per_reply = "1 MiB"
later = { on = true }

[keys]
send = "ctrl+s"
list.open = "f6"

[providers.acme]
kind = "chatgrid"
base_url = "https://api.chatgrid.ai/v1"
title = "Acme staging"
api_key_env = "ACME_KEY"
boards = ["support-bot", "faq"]
silence_timeout = 15
production = true
since = 2026-03-04
color = "green"

[providers.local]
kind = "openai"
base_url = "http://127.0.0.1:8080"
api_key_cmd = ["op", "read", "op://work/key"]
allow_http = true
system = "Be brief."
headers = { "X-Team" = "qa" }
parameters = { temperature = 0.2, stop = ["a"], deep = { seed = 1 } }
"""

AROUND = """\
# The bots of the shop.
theme = "midnight"

[providers.acme]
base_url = "https://api.chatgrid.ai/v1"
kind = "openai"
{}

[providers.other]
kind = "widget"
base_url = "https://chat.example"
"""


def problem(path: Path) -> ConfigProblem:
    with pytest.raises(ConfigProblem) as caught:
        load(path)
    return caught.value


def test_a_missing_file_is_an_empty_configuration(file: Path) -> None:
    assert load(file) == Settings()
    assert load(file).provider() is None


def test_everything_is_read(write: Write) -> None:
    found = load(write(WHOLE))
    assert (found.default_provider, found.theme, found.glyphs, found.bubbles) == ("acme", "paper", "ascii", "plain")
    assert (found.reduced_motion, found.pictures) == (True, "sixel")
    assert found.recordings == RecordingLimits(1024 * 1024, TOTAL)
    assert found.keys == {"send": "ctrl+s", "list.open": "f6"}
    assert found.providers["acme"] == Provider(
        name="acme",
        kind="chatgrid",
        base_url="https://api.chatgrid.ai/v1",
        title="Acme staging",
        boards=("support-bot", "faq"),
        silence_timeout=15.0,
        production=True,
        extra=(("since", "2026-03-04"), ("color", "green")),
    )
    local = found.providers["local"]
    assert (local.allow_http, local.system, local.headers) == (True, "Be brief.", (("X-Team", "qa"),))
    assert local.parameters == (("temperature", 0.2), ("stop", ["a"]), ("deep", {"seed": 1}))
    assert found.key_sources["acme"] == KeySource(variable="ACME_KEY")
    assert found.key_sources["local"] == KeySource(command=("op", "read", "op://work/key"))
    assert found.document["later"] == {"on": True}


def test_the_requested_provider_is_found(write: Write) -> None:
    found = load(write(WHOLE))
    assert found.provider() is found.providers["acme"]
    assert found.provider("local") is found.providers["local"]
    with pytest.raises(UsageProblem, match=r"No provider is called acne\. Configured: acme, local\."):
        found.provider("acne")
    without = load(write(WHOLE.replace('default_provider = "acme"', "")))
    assert without.provider() is without.providers["acme"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('theme "midnight"', "expected '=' after a key in a key/value pair (column 7)"),
        ('title = "Acme', "illegal character '\\n' (column 14)"),
        ("title = ", "invalid value (column 9)"),
        ('kind = "chatgrid"', "cannot overwrite a value"),
        ("[providers.acme]", "cannot declare ('providers', 'acme') twice"),
        pytest.param("boards = [" + "[" * 5000, "are nested too deeply", id="too many lists"),
        pytest.param("parameters" + ".a" * 1000 + " = 1", "are nested too deeply", id="too many dots"),
        pytest.param("silence_timeout = " + "9" * 5000, "a number is too long", id="too many digits"),
    ],
)
def test_broken_toml_is_reported_with_its_line(write: Write, line: str, words: str) -> None:
    found = problem(write(AROUND.format(line)))
    assert str(found).startswith(f"Line 7 of {found.path} cannot be read: ")
    assert words in str(found)
    assert found.line == 7


@pytest.mark.parametrize("line", ['boards = ["a", "b"', 'title = """no end', "headers = { a = 1"])
def test_unclosed_values_are_reported_with_a_line(write: Write, line: str) -> None:
    found = problem(write(AROUND.format(line)))
    assert "line 7" in str(found).lower()
    assert found.line >= 7


def test_bytes_that_are_not_utf_8_are_reported_with_their_place(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(AROUND.format('title = "gr\xfcn"').encode("latin-1"))
    found = problem(file)
    assert "Line 7" in str(found)
    assert (found.line, found.column) == (7, 12)


def test_a_byte_order_mark_and_windows_lines_do_no_harm(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert load(file).theme == "paper"
    file.write_bytes(AROUND.format("production = 1").replace("\n", "\r\n").encode())
    assert problem(file).line == 7


def test_a_folder_in_its_place_is_reported(tmp_path: Path) -> None:
    assert "Is a directory" in str(problem(tmp_path))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("silence_timeout = 0", "`silence_timeout` in [providers.acme] takes a number of seconds above 0"),
        ("silence_timeout = true", "`silence_timeout`"),
        ("silence_timeout = nan", "`silence_timeout`"),
        ("silence_timeout = inf", "`silence_timeout`"),
        ('silence_timeout = "60"', "`silence_timeout`"),
        ('allow_http = "yes"', "`allow_http` in [providers.acme] must be true or false"),
        ("production = 1", "`production`"),
        ('boards = "support-bot"', "`boards` in [providers.acme] must be a list of texts"),
        ('boards = ["a",\n  3]', "`boards`"),
        ('boards = [""]', "`boards`"),
        ("title = 3", "`title` in [providers.acme] must be a text"),
        ("system = []", "`system`"),
        ('api_key_env = ""', "`api_key_env` in [providers.acme] must be the name of an environment variable"),
        ("api_key_env = 1", "`api_key_env`"),
        ('api_key_cmd = "op read x"', "`api_key_cmd` in [providers.acme] must be a list of texts"),
        ("api_key_cmd = []", "`api_key_cmd` in [providers.acme] must be a command"),
        ("api_key = 5", "`api_key`"),
        ('headers = "x"', "[providers.acme.headers] must begin it"),
        ('headers = { "X-A" = 1 }', "`X-A` in [providers.acme.headers] must be a text"),
        ('headers = { "X A" = "1" }', "`X A` in [providers.acme.headers] is not a valid header name"),
        ('headers = { X = "a\\nb" }', "`X` in [providers.acme.headers] must be one line"),
        ("parameters = { seed = nan }", "`seed` in [providers.acme.parameters] must be a JSON value"),
        ("parameters = { a = [{ b = 12:00:00 }] }", "`a` in [providers.acme.parameters]"),
        ('[keys]\nsend = ""', "`send` in [keys] must be a key"),
    ],
)
def test_a_wrong_value_is_reported_with_its_line(write: Write, line: str, words: str) -> None:
    found = problem(write(AROUND.format(line)))
    wanted = 8 if line.startswith("[keys]") else 7
    assert str(found).startswith(f"Line {wanted} of {found.path}: ")
    assert words in str(found)
    assert (found.line, found.column) == (wanted, 0)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[providers.a]\nbase_url = "https://x"', 1, "[providers.a] needs `kind`"),
        ('\n[providers.a]\nkind = "widget"', 2, "[providers.a] needs `base_url`"),
        ('[providers.a]\nkind = "widget"\nbase_url = " "', 3, "`base_url` in [providers.a] may not be empty"),
        ('[providers.a]\n\nkind = "slack"', 3, '`kind` in [providers.a] takes "chatgrid", "chatiq"'),
        ("[providers.a]\nkind = 7", 2, "`kind` in [providers.a]"),
        ('[providers.a]\nkind = "widget"\nbase_url = "https://x:99999"', 3, "The port must be between 1 and 65535."),
        ('[providers.a]\nkind = "widget"\nbase_url = "[::1"', 3, "The address is not valid."),
        ("providers = 3", 1, "[providers] must begin it"),
        ("theme = 3", 1, "`theme` must be a text"),
        ('\nglyphs = "emoji"', 2, '`glyphs` takes "unicode" or "ascii"'),
        ('notify = "loud"', 1, '`notify` takes "auto", "bell" or "off"'),
        ('pictures = "svg"', 1, '`pictures` takes "auto", "kitty", "sixel" or "blocks"'),
        ('bubbles = "round"', 1, '`bubbles` takes "filled", "compact" or "plain"'),
        ("reduced_motion = 1", 1, "`reduced_motion`"),
        ("default_provider = []", 1, "`default_provider`"),
        ("recordings = 3", 1, "[recordings] must begin it"),
        ('[recordings]\nper_reply = "1 KiB"', 2, "`per_reply` in [recordings] must be a size from 64 KiB to 64 MiB"),
        (
            '[recordings]\ntotal = "much"',
            2,
            '`total` in [recordings] must be a size with its unit, such as "512 MiB".',
        ),
        ("[recordings]\ntotal = 512", 2, "`total` in [recordings] must be a size"),
        ('a = """\nkind = 3\n"""\nproviders.b.kind = 3', 4, "`kind` in [providers.b]"),
        ('providers = { c = { kind = "x" } }', 1, "`kind` in [providers.c]"),
        ("keys = { send = 3 }", 1, "`send` in [keys]"),
    ],
)
def test_the_line_of_a_mistake_is_found(write: Write, text: str, line: int, words: str) -> None:
    found = problem(write(text))
    assert found.line == line
    assert words in str(found)


def test_complaints_never_repeat_a_key(write: Write) -> None:
    lines = ('api_key = ["sk-secret"]', 'api_key_cmd = "sk-secret"', 'headers = { Authorization = ["sk-secret"] }')
    for line in lines:
        assert "sk-secret" not in str(problem(write(AROUND.format(line))))


def test_neither_settings_nor_providers_print_a_key(write: Write) -> None:
    found = load(write(AROUND.format('api_key = "sk-very-secret-9f3a"')))
    assert "very-secret" not in repr(found)
    assert "very-secret" not in repr(found.providers["acme"].extra)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://api.example.com", ""),
        ("http://127.0.0.1:8080/v1/", ""),
        ("https://[::1]:8080", ""),
        ("https://[::1", "is not valid"),
        ("api.example.com", "must begin with https://"),
        ("ftp://x", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("https://a:b@x", "name or a password"),
        ("https://x/?a=b", "? or #"),
        ("https://x:0", "port"),
        ("https://x:port", "port"),
        ("https://x y", "spaces"),
        ("https://x\n", "spaces"),
        ("https://ex\u00e4mple.com", "ASCII"),
    ],
)
def test_addresses(address: str, words: str) -> None:
    assert words in address_problem(address, DIALECTS["chatgrid"])
    assert bool(words) == bool(address_problem(address, DIALECTS["chatgrid"]))


ODD = ("x = '''", "boards = [", '"', "[[providers]]", "a.b")
LINES = st.sampled_from([*WHOLE.splitlines(), *AROUND.splitlines(), *ODD])


@given(st.lists(LINES | st.text(max_size=8), max_size=12).map("\n".join))
@example("[providers]\nacme = 3")
@example('[providers.""]\nkind = "widget"\nbase_url = "https://x"')
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)
def test_any_text_is_settings_or_a_problem_with_a_sentence(text: str) -> None:
    try:
        check(TomlFile(Path("config.toml"), text))
    except ConfigProblem as found:
        assert str(found).endswith(".")
        assert 0 <= found.line <= text.count("\n") + 1


def test_the_rest_of_a_broken_file_is_used(write: Write) -> None:
    broken = 'theme = 3\n[keys]\n"app.quit" = 7\n[providers.bad]\nkind = "slack"\n[providers." "]\nkind = "widget"\n'
    settings, problems = load_usable(write(broken + WHOLE[WHOLE.index("[providers.acme]") :]))
    assert list(settings.providers) == ["acme", "local"]
    assert set(settings.key_sources) == {"acme", "local"}
    assert (settings.theme, settings.keys) == ("midnight", {})
    assert sorted(found.line for found in problems) == [1, 3, 5, 6]


def test_nothing_is_used_of_an_unreadable_file(write: Write, tmp_path: Path) -> None:
    file = write("theme = \n")
    cases = [(file, "Line 1 of .* invalid value .column 9"), (tmp_path, "Is a directory")]
    cases.append((Path("/dev/zero"), "larger"))
    not_utf8 = tmp_path / "latin.toml"
    not_utf8.write_bytes(b'theme = "\xe9"')
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "unmounted" / "config.toml")
    for path, words in (*cases, (not_utf8, "not UTF-8 .column 10"), (link, "whose folder does not exist")):
        settings, (problem,) = load_usable(path)
        assert settings == Settings()
        assert re.search(words, str(problem)), str(problem)


def test_finding_the_lines_of_mistakes_is_bounded(write: Write) -> None:
    for text in ("a = [\n" + "1,\n" * 3_000, "\n".join(f'[providers.p{n}]\nkind = "x"' for n in range(1_000))):
        file = TomlFile.read(write(text))
        with pytest.raises(ConfigProblem):
            check(file)
        load_usable(file.path)
        assert file._effort.spent < 2 * 256 * 1024
