"""The documents agree with the code: options, settings, shortcuts, the example configuration, names of modules."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Final

import chatgrid_tui
from chatgrid_tui.config.settings import Settings, load
from chatgrid_tui.config.tables import size_text
from chatgrid_tui.dialects.options import COMMON, Option
from chatgrid_tui.dialects.registry import DIALECTS
from chatgrid_tui.model.provider import OptionValue
from chatgrid_tui.ui.actions.keys import key_name
from chatgrid_tui.ui.appearance import UNICODE_SIGNS
from chatgrid_tui.ui.key_help import key_groups
from chatgrid_tui.ui.key_settings import read_keys

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING: Final = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PACKAGE: Final = Path(chatgrid_tui.__file__).parent
TYPES: Final = {
    "text": "text",
    "address": "text",
    "lines": "text",
    "flag": "flag",
    "number": "number",
    "texts": "list of texts",
    "headers": "table",
    "parameters": "table",
}
NOT_SETTINGS: Final = {"providers", "key_sources", "document"}


def table(heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table whose first row is `heading`."""
    _, _, rest = README.partition(f"\n{heading}\n")
    assert rest, heading
    _, *lines = rest.partition("\n\n")[0].splitlines()
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def literal(value: OptionValue) -> str:
    """Return a default as the README writes it; empty if it has no literal form."""
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value:g}`"
        case str() if value:
            return f'`"{value}"`'
        case _:
            return ""


def option_row(option: Option, kinds: str) -> tuple[str, ...]:
    name = f"`{option.inside}.{option.name}`" if option.inside else f"`{option.name}`"
    if option.choices:
        return name, kinds, " or ".join(literal(choice) for choice in option.choices), literal(option.choices[0])
    value_type = "whole number" if option.whole else TYPES[option.type]
    return name, kinds, value_type, "required" if option.type == "address" else literal(option.default)


def test_the_options_of_providers_are_the_declared_ones() -> None:
    declared = [option_row(option, "all") for option in COMMON]
    declared += [option_row(option, kind) for kind, dialect in DIALECTS.items() for option in dialect.options]
    rows = table("| option | kinds | type | default | what it does |")
    assert sorted(row[:4] for row in rows) == sorted(declared)
    assert all(row[4] for row in rows)


def test_every_kind_of_service_is_listed() -> None:
    rows = table("| service | `kind` | usual `base_url` | boards |")
    assert [row[1].strip("`") for row in rows] == list(DIALECTS)


def test_the_settings_are_the_declared_ones() -> None:
    settings = Settings()
    rows = {row[0]: row[1] for row in table("| setting | default | what it does |")}
    names = [field.name for field in fields(settings) if field.name not in NOT_SETTINGS]
    defaults = {name: getattr(settings, name) for name in names}
    limits = defaults.pop("recordings")
    for field in fields(limits):
        defaults[f"recordings.{field.name}"] = size_text(getattr(limits, field.name))
    assert rows == {f"`{name}`": '`""`' if default == "" else literal(default) for name, default in defaults.items()}


def test_the_shortcuts_are_those_of_the_page_of_keys() -> None:
    shown = {(hint.keys, hint.id) for group in key_groups({}) for hint in group.hints}
    rows = {(row[1], row[3].strip("`")) for row in table("| where | key | what it does | id |")}
    assert rows == {
        (" or ".join(f"`{key_name(key, UNICODE_SIGNS)}`" for key in keys), action_id) for keys, action_id in shown
    }


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    example = README.partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "config.toml"
    file.write_text(example, encoding="utf-8")
    settings = load(file)
    assert settings.providers
    assert all(provider.extra == () for provider in settings.providers.values())


def test_the_example_of_a_shortcut_takes_no_other_key() -> None:
    example = re.search(r'`\[keys\]` table of the configuration: `"(.+?)" = "(.+?)"`', README)
    assert example
    assert read_keys({example[1]: example[2]}).complaints == ()


def test_the_files_that_the_documents_link_to_exist() -> None:
    targets = re.findall(r"\]\((?!https:)([^)]+)\)", README + CONTRIBUTING)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_modules_and_files_in_contributing_exist() -> None:
    packages = "|".join(sorted(folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()))
    modules = re.findall(rf"`((?:{packages})(?:\.[a-z_]+)+)[`.]", CONTRIBUTING)
    assert len(modules) > 20
    paths = [PACKAGE.joinpath(*module.split(".")) for module in modules]
    missing = [path for path in paths if not (path.is_dir() or path.with_suffix(".py").is_file())]
    files = [ROOT / name for name in re.findall(r"`(tests/[\w/.]+)`", CONTRIBUTING)]
    assert [*missing, *(file for file in files if not file.exists())] == []
