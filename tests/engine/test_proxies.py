"""Which proxy a request goes through, by what the environment says."""

from __future__ import annotations

import pytest

from chatgrid_tui.engine.proxies import Proxy, ProxySettings
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, SettingsCause

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
THIS_MACHINE = (
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "app.localhost",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:2]",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0.0.0.0",
    "0",
    "[::]",
)


@pytest.mark.parametrize(
    "proxy", ["http://proxy.example:3128", "socks5://127.0.0.1:1", "nonsense://", "http://x:99999"]
)
def test_this_machine_is_reached_past_every_proxy(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.setenv(variable, proxy)
    settings = ProxySettings.read()
    for host in THIS_MACHINE:
        assert [settings.proxy_for(f"{scheme}://{host}:8000/v1") for scheme in ("http", "https")] == [None, None], (
            host
        )


@pytest.mark.parametrize("host", ["127.0.0.1.example", "notlocalhost", "localhost.example", "128.0.0.1", "[::2]"])
def test_hosts_that_only_look_local_are_remote(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    assert ProxySettings.read().proxy_for(f"https://{host}/") is not None


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({}, "https://bots.example", None),
        ({"HTTP_PROXY": "http://p:1"}, "https://bots.example", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://bots.example", "p:1 (HTTP_PROXY)"),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:2"}, "https://bots.example", "p:1 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:2"}, "http://bots.example", "q:2 (ALL_PROXY)"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "https://bots.example", "q:2 (https_proxy)"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": ""}, "https://bots.example", None),
        ({"Https_Proxy": "http://p:1"}, "https://bots.example", "p:1 (Https_Proxy)"),
        ({"HTTPS_PROXY": "p"}, "https://bots.example", "p:80 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": " p:3128 "}, "https://bots.example", "p:3128 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "p:3128"}, "https://bots.example", "p:3128 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "http://[::1]:3128/"}, "https://bots.example", "[::1]:3128 (HTTPS_PROXY)"),
        ({"HTTPS_PROXY": "https://p"}, "https://bots.example", "p:443 (HTTPS_PROXY)"),
        ({"ALL_PROXY": "socks5://p"}, "https://bots.example", "p:1080 (ALL_PROXY)"),
        ({"ALL_PROXY": "SOCKS5H://p:9050"}, "https://bots.example", "p:9050 (ALL_PROXY)"),
        ({"ALL_PROXY": "socks://p:1080/"}, "https://bots.example", "p:1080 (ALL_PROXY)"),
    ],
)
def test_the_variables(
    variables: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    proxy = ProxySettings.read().proxy_for(url)
    assert (proxy and proxy.place) == expected


@pytest.mark.parametrize(
    ("exempt", "past", "through"),
    [
        ("*", ["https://bots.example", "http://10.0.0.1"], []),
        (
            "bots.example",
            ["https://bots.example", "https://api.bots.example:8443", "https://BOTS.example"],
            ["https://notbots.example", "https://bots.example.org"],
        ),
        (".bots.example", ["https://api.bots.example"], ["https://bots.example"]),
        ("*.bots.example", ["https://api.bots.example"], ["https://bots.example"]),
        ("other.example , bots.example,", ["https://bots.example"], ["https://third.example"]),
        ("bots.example:8443", ["https://bots.example:8443"], ["https://bots.example"]),
        ("bots.example:443", ["https://bots.example"], ["http://bots.example"]),
        ("https://bots.example", ["https://bots.example"], ["http://bots.example"]),
        ("all://bots.example", ["https://bots.example", "http://bots.example"], []),
        ("10.1.2.3", ["https://10.1.2.3"], ["https://10.1.2.4"]),
        ("10.0.0.0/8", ["https://10.1.2.3:9"], ["https://11.1.2.3", "https://bots.example"]),
        ("fd00::/8,[fe80::1]", ["https://[fd00::7]", "https://[fe80::1]:1"], ["https://[fe80::2]"]),
        ("::::,//,https://,[", [], ["https://bots.example"]),
    ],
)
def test_no_proxy_for_what_no_proxy_names(
    exempt: str, past: list[str], through: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", exempt)
    settings = ProxySettings.read()
    assert [url for url in past if settings.proxy_for(url) is not None] == []
    assert [url for url in through if settings.proxy_for(url) is None] == []


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("socks4://p:1", "unknown proxy kind"),
        ("ftp://p:1", "unknown proxy kind"),
        ("http://", "unusable proxy address"),
        ("http://p:99999", "unusable proxy address"),
        ("http://p:0", "unusable proxy address"),
        ("http://p:x", "unusable proxy address"),
        ("http://[::1", "unusable proxy address"),
        ("not an address", "unusable proxy address"),
        ("http://p\x1b[31m:1", "unusable proxy address"),
        (":::", "unusable proxy address"),
        pytest.param(f"socks5://{'u' * 256}:p@p:1", "unusable proxy address", id="a name longer than SOCKS takes"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named(
    value: str, cause: SettingsCause, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    settings = ProxySettings.read()
    assert settings.proxy_for("http://bots.example") is None
    with pytest.raises(ConnectionProblem) as raised:
        settings.proxy_for("https://bots.example")
    assert raised.value.failure == Failure("network", cause, place="HTTPS_PROXY")


def test_the_name_and_password_are_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ann:se%40cret@p:3128")
    settings = ProxySettings.read()
    proxy = settings.proxy_for("https://bots.example")
    assert proxy == Proxy("http", "p", 3128, "HTTPS_PROXY", ("ann", "se@cret"))
    shown = f"{settings!r} {proxy!r} {proxy.place}"
    assert "cret" not in shown
    assert "ann" not in shown
