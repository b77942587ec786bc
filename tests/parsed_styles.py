"""Style sheets that are parsed once in a run, rather than for each app that a test opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation


@contextmanager
def styles_parsed_once() -> Iterator[None]:
    """Let all apps share the rules of the same text with the same colours: nothing changes rules."""
    parse_rules = Stylesheet._parse_rules
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}

    def parse_once(
        sheet: Stylesheet,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        source = (css, read_from, is_default_rules, tie_breaker, scope)
        key = (tuple(sheet._variables.items()), *source)
        if key not in parsed:
            parsed[key] = parse_rules(sheet, *source)
        return parsed[key]

    with mock.patch.object(Stylesheet, "_parse_rules", parse_once):
        yield
