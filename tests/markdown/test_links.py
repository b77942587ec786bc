"""Which addresses may be opened, and how they are shown."""

from __future__ import annotations

import pytest

from chatgrid_tui.markdown.links import bare_addresses, other_address, shows_host, web_address


@pytest.mark.parametrize(
    "raw",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "vscode://x",
        "//evil.example/x",
        "--help",
        "/etc/passwd",
        "mailto:a@b.example",
        "https://user:pw@evil.example/",
        "https://good.example@evil.example/",
        "https:///nohost",
        "https://a.example/\x1b]52;c;x",
        "https://a.example/a b",
        "https://a.example/\u202egnp.exe",
        "https://a.example:99999/",
        "https://[::1",
        "https:\\\\evil.example\\x",
        "",
        "https://a.example/" + "x" * 5000,
    ],
)
def test_no_address(raw: str) -> None:
    assert web_address(raw) is None


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("https://a.example/x%2Fy?sig=a%2Bb#z", "a.example"),
        ("HTTP://A.Example:8080/", "a.example:8080"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("http://127.0.0.1:8000/x", "127.0.0.1:8000"),
    ],
)
def test_address_is_kept_as_written(raw: str, host: str) -> None:
    address = web_address(raw)
    assert address is not None
    assert (address.url, address.host) == (raw, host)


def test_a_label_with_another_host_hides_where_it_leads() -> None:
    address = web_address("https://evil.example/x")
    assert address is not None
    assert not shows_host("https://good.example/x", address)
    assert not shows_host("the manual", address)
    assert shows_host("evil.example", address)
    assert shows_host("https://evil.example/other", address)


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("https://bank.example", "https://bank.example"),
        ("http://evil.example.bank.example/", "http://evil.example.bank.example/"),
        ("Log in at bank.example/login.", "bank.example/login"),
        ("www.bank.anything", "www.bank.anything"),
        ("BANK.COM", "BANK.COM"),
        ("bank．com", "bank.com"),
        ("bücher.de", "bücher.de"),
        ("evil\u0456.com", "evil\u0456.com"),
        ("https://evil.example@bank.example/", "https://evil.example@bank.example/"),
        ("ftp://bank.example", "ftp://bank.example"),
        ("10.0.0.1:8000", "10.0.0.1:8000"),
        ("evil.example", ""),
        ("https://EVIL.example:443/other", ""),
        ("www.evil.example", ""),
        ("the manual", ""),
        ("asyncio.run()", ""),
        ("invoice.pdf", ""),
        ("main.rs and Node.js", ""),
        ("version 1.2.3", ""),
        ("", ""),
    ],
)
def test_a_label_that_names_another_address(label: str, named: str) -> None:
    address = web_address("https://evil.example/x")
    assert address is not None
    assert other_address(label, address) == named


def test_long_labels_are_looked_at_in_part() -> None:
    address = web_address("https://evil.example/x")
    assert address is not None
    for label in ("a." * 50_000 + "1", "-" * 100_000 + " bank.example", "a" * 100_000, "https:" * 20_000):
        assert other_address(label, address) == ""


def test_addresses_in_a_sentence() -> None:
    text = "See https://a.example/x. Or (https://b.example/y), or https://c.example/z_(q)!"
    assert [text[start:end] for start, end in bare_addresses(text)] == [
        "https://a.example/x",
        "https://b.example/y",
        "https://c.example/z_(q)",
    ]
