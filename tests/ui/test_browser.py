"""Links: where they lead, and which are never opened."""

from __future__ import annotations

import sys
import webbrowser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgrid_tui.markdown.links import host_of
from chatgrid_tui.ui import browser


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://files.acme.example/a%2Fb?sig=a%2Bb#x", "files.acme.example"),
        ("HTTPS://ACME.example", "acme.example"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("http://[::1]:8080/", "::1"),
        ("http://localhost", "localhost"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://аpple.example/", "xn--pple-43d.example"),
        ("https://evil。example/", "evil.example"),
        ("https://acme.example/家族", "acme.example"),
    ],
)
def test_the_real_host(url: str, host: str) -> None:
    assert host_of(url) == host
    assert browser.is_safe_link(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "acme.example",
        "//acme.example/",
        "/etc/passwd",
        "--help",
        "-x https://acme.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ssh://-oProxyCommand=x",
        "mailto:a@acme.example",
        "vscode://file/x",
        "https://",
        "https:///path",
        "https:acme.example",
        "https://user@acme.example/",
        "https://acme.example:secret@evil.example/",
        "https://acme.example\\@evil.example/",
        "https://evil.example\\.acme.example/",
        "https://acme.example%2fevil.example/",
        "https://acme.example:99999/",
        "https://acme.example:x/",
        "https://-acme.example/",
        "https://acme..example/",
        "https://[::1/",
        "https://[acme]/",
        "https://acme.example/ with blank",
        " https://acme.example/",
        "https://acme.example/\n",
        "https://acme.example/\x1b]52;c;AA==\x07",
        "https://acme.example/\u202egnp",
        "https://acme.example/\u200b",
        "https://acme.example/\ud83d",
        "https://" + "a" * 70 + ".example/",
        "https://acme.example/" + "x" * 2_000,
    ],
)
async def test_what_is_never_opened(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", lambda: pytest.fail("a browser was asked for"))
    assert host_of(url) == ""
    assert not await browser.open_link(url)


@given(st.text(st.characters(codec=None, exclude_categories=[])))
def test_any_text_has_an_answer(text: str) -> None:
    assert host_of("https://" + text).isascii()
    host_of(text)


class Opened(webbrowser.BaseBrowser):
    """A browser that records what it opened."""

    def __init__(self, works: bool = True) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.works = works

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.urls.append(url)
        return self.works


async def test_the_address_is_opened_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened()
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", lambda: opened)
    url = "https://bücher.example/a%2Fb?sig=a%2Bb&x=$(id);`id`"
    assert await browser.open_link(url)
    assert opened.urls == [url]


async def test_it_says_when_nothing_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(webbrowser, "get", lambda: Opened(works=False))
    assert not await browser.open_link("https://acme.example/")

    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)
    assert not await browser.open_link("https://acme.example/")


@pytest.mark.parametrize("platform", ["linux", "freebsd14"])
async def test_a_browser_in_this_terminal_is_not_used(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    opened = Opened()
    monkeypatch.setattr(webbrowser, "get", lambda: opened)
    assert not await browser.open_link("https://acme.example/")
    assert not opened.urls
