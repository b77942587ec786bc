"""The services of the providers: tested before they are configured, reconfigured, and their keys."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chatgrid_tui.config.paths import Paths
from chatgrid_tui.config.providers import KeySource
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.config.settings import Settings
from chatgrid_tui.engine.clock import Clock
from chatgrid_tui.errors import KeyProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.key_status import KeyStatus
from chatgrid_tui.model.provider import Provider
from chatgrid_tui.session.providers.clients import COMMAND_KEPT, Clients
from fakes import FakeAnswer, FakeTransport, ManualClock, listing

ACME = Provider("acme", "chatgrid", "http://127.0.0.1:1")
SHOP = Provider("shop", "chatiq", "http://127.0.0.1:2")
DEMO = Provider("demo-openai", "openai", "http://127.0.0.1:3", embedded=True)
KEY = "secret-key-0123456789"


def services_of(
    folder: Path,
    *answers: FakeAnswer,
    providers: tuple[Provider, ...] = (ACME, SHOP),
    clock: ManualClock | None = None,
    **sources: KeySource,
) -> tuple[Clients, FakeTransport]:
    transport = FakeTransport(*answers)
    settings = Settings(providers={provider.name: provider for provider in providers}, key_sources=sources)
    clients = Clients(
        settings, Paths(folder / "config.toml", folder), lambda: transport, Clock(clock or ManualClock())
    )
    return clients, transport


def keys_sent(transport: FakeTransport) -> list[str]:
    return [sent.key.secret.reveal() if sent.key is not None else "" for sent in transport.sent]


def boards() -> FakeAnswer:
    return listing({"data": [{"id": "b", "name": "B"}]})


class Program:
    """A command that prints a key, and counts how often it is run."""

    def __init__(self, folder: Path) -> None:
        self._runs = folder / "runs"
        self._key = folder / "key"
        self.prints(KEY)
        script = f"open({str(self._runs)!r}, 'a').write('x'); print(open({str(self._key)!r}).read())"
        self.source = KeySource(command=(sys.executable, "-c", script))

    def prints(self, text: str) -> None:
        self._key.write_text(text)

    @property
    def runs(self) -> int:
        return len(self._runs.read_text()) if self._runs.exists() else 0


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


async def test_a_command_is_not_run_for_every_request(tmp_path: Path, program: Program) -> None:
    clock = ManualClock()
    clients, transport = services_of(tmp_path, *(boards() for _ in range(4)), clock=clock, acme=program.source)
    client = await clients.get(ACME)
    for _ in range(3):
        await client.boards()
    assert (keys_sent(transport), program.runs) == ([KEY] * 3, 1)
    assert clients.key_status(ACME).source == "the command " + Path(sys.executable).name
    await clock.advance(COMMAND_KEPT)
    program.prints("another-key-9876543210")
    await client.boards()
    assert (keys_sent(transport)[-1], program.runs) == ("another-key-9876543210", 2)


async def test_a_command_is_run_once_for_concurrent_requests(tmp_path: Path, program: Program) -> None:
    clients, transport = services_of(tmp_path, *(boards() for _ in range(5)), acme=program.source)
    client = await clients.get(ACME)
    await asyncio.gather(*(client.boards() for _ in range(5)))
    assert (keys_sent(transport), program.runs) == ([KEY] * 5, 1)


async def test_a_refused_key_makes_the_command_run_again(tmp_path: Path, program: Program) -> None:
    refused = listing({"code": "unauthorized", "message": "Expired"}, 401)
    clients, transport = services_of(tmp_path, refused, boards(), acme=program.source)
    client = await clients.get(ACME)
    with pytest.raises(Exception, match="Expired"):
        await client.boards()
    program.prints("another-key-9876543210")
    await client.boards()
    assert (keys_sent(transport), program.runs) == ([KEY, "another-key-9876543210"], 2)


async def test_a_key_refused_within_a_stream_makes_the_command_run_again(tmp_path: Path, program: Program) -> None:
    clients, _ = services_of(tmp_path, acme=program.source)
    await clients.look_up_key(ACME)
    clients.reply_failed(ACME, Failure("stream", code="INVALID_API_KEY"))
    await clients.look_up_key(ACME)
    assert program.runs == 2
    assert clients.health_monitor.of("acme").state == "refused"


async def test_a_command_that_failed_is_run_again(tmp_path: Path, program: Program) -> None:
    clients, _ = services_of(tmp_path, acme=program.source)
    program.prints("two\nlines")
    for _ in range(2):
        with pytest.raises(KeyProblem, match="printed more than one line"):
            await clients.look_up_key(ACME)
    assert program.runs == 2
    assert clients.health_monitor.of("acme").summary == "key not usable"
    program.prints(KEY)
    assert (await clients.look_up_key(ACME)).shown == "…6789"
    assert clients.health_monitor.of("acme").state == "unknown"


async def test_a_missing_key_shows_only_if_one_is_configured(tmp_path: Path) -> None:
    wanted = KeySource(variable="ACME_KEY_OF_THIS_TEST")
    clients, _ = services_of(tmp_path, acme=wanted, shop=KeySource())
    for provider in (ACME, SHOP):
        await clients.look_up_key(provider)
    assert clients.health_monitor.of("acme").summary == "no key"
    assert clients.health_monitor.of("shop").state == "unknown", "it may want none"


async def test_a_provider_can_be_tried_before_it_is_configured(tmp_path: Path) -> None:
    clients, transport = services_of(tmp_path, boards(), providers=())
    client = await clients.trial(ACME, KeySource(variable="NOT_SET", written=Secret(f" {KEY} ")))
    await client.boards()
    assert keys_sent(transport) == [KEY]
    assert client.key_status() == KeyStatus(shown="…6789", source="the form")
    assert clients.key_status(ACME) == KeyStatus()
    assert clients.health_monitor.of("acme").state == "unknown", "it may become another one before it is kept"


async def test_a_trial_finds_the_key_where_the_form_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_KEY_OF_THIS_TEST", KEY)
    clients, transport = services_of(tmp_path, boards(), boards(), providers=())
    client = await clients.trial(ACME, KeySource(variable="ACME_KEY_OF_THIS_TEST"))
    await client.boards()
    assert client.key_status().source == "ACME_KEY_OF_THIS_TEST"
    missing = await clients.trial(ACME, KeySource(variable="NOT_SET"))
    await missing.boards()
    assert keys_sent(transport) == [KEY, ""]
    assert missing.key_status().missing == "No key is set for acme. It is looked for in NOT_SET."


async def test_a_typed_key_that_cannot_be_one(tmp_path: Path) -> None:
    clients, transport = services_of(tmp_path, providers=())
    client = await clients.trial(ACME, KeySource(written=Secret("a key\x07")))
    with pytest.raises(KeyProblem, match="The key from the form contains a space"):
        await client.boards()
    assert transport.sent == []


async def test_settings_may_change_while_the_program_runs(tmp_path: Path) -> None:
    clients, _ = services_of(tmp_path, providers=(ACME, SHOP, DEMO), acme=KeySource(), shop=KeySource())
    for name in ("acme", "shop", "demo-openai"):
        clients.health_monitor.answered(name, FakeAnswer(status=401))
    moved = replace(ACME, base_url="http://127.0.0.1:9")
    fresh = Provider("new", "openai", "http://127.0.0.1:8")
    settings = Settings(
        default_provider="new",
        theme="paper",
        providers={"new": fresh, "acme": moved},
        key_sources={"new": KeySource(), "acme": KeySource()},
    )
    clients.reconfigure(settings)
    assert list(clients.settings.providers) == ["new", "acme", "demo-openai"]
    assert (clients.settings.theme, clients.settings.default_provider) == ("paper", "new")
    assert clients.current(ACME) is moved
    assert clients.current(SHOP) is SHOP, "a conversation with it is still on the screen"
    assert clients.current(Provider("acme", "openai", "")) is moved, "only its name was known"
    assert clients.current(replace(ACME, kind="openai")).kind == "openai", "it is another service by the same name"
    states = [clients.health_monitor.of(name).state for name in ("acme", "shop", "demo-openai")]
    assert states == ["unknown", "unknown", "refused"]


async def test_the_bots_that_come_along_stay_only_where_they_were(tmp_path: Path) -> None:
    clients, _ = services_of(tmp_path, providers=(ACME,))
    clients.reconfigure(Settings(providers={"shop": SHOP}))
    assert list(clients.settings.providers) == ["shop"]


async def test_another_key_source_counts_at_once(tmp_path: Path, program: Program) -> None:
    clients, transport = services_of(tmp_path, boards(), boards(), acme=program.source)
    client = await clients.get(ACME)
    await client.boards()
    settings = clients.settings
    clients.reconfigure(replace(settings, key_sources={"acme": KeySource(written=Secret("typed-key-0123456789"))}))
    await client.boards()
    assert keys_sent(transport) == [KEY, "typed-key-0123456789"]
    assert clients.key_status(ACME).source == "the configuration"


@pytest.mark.parametrize(
    "moved", [{"base_url": "https://acme.example"}, {"base_url": "http://127.0.0.1:9", "kind": "openai"}]
)
async def test_a_key_does_not_go_to_the_address_that_its_provider_had_before(
    tmp_path: Path, moved: dict[str, str]
) -> None:
    clients, transport = services_of(tmp_path, boards(), boards(), acme=KeySource(written=Secret(KEY)))
    begun_before = await clients.get(ACME)
    now = replace(ACME, **moved)  # type: ignore[arg-type]
    clients.reconfigure(
        Settings(providers={"acme": now}, key_sources={"acme": KeySource(written=Secret(f"{KEY}-2"))})
    )
    with pytest.raises(KeyProblem, match="acme has a new address"):
        await begun_before.boards()
    assert transport.sent == []
    await (await clients.get(now)).boards()
    assert keys_sent(transport) == [f"{KEY}-2"]
    same_place = replace(now, base_url=f"{now.base_url}/v1")
    await (await clients.get(same_place)).boards()
    assert keys_sent(transport) == [f"{KEY}-2"] * 2


async def test_a_command_of_one_provider_does_not_see_the_variable_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    command = (sys.executable, "-c", "import os; print(os.environ.get('SHOP_KEY', 'hidden'))")
    clients, transport = services_of(
        tmp_path, boards(), boards(), acme=KeySource(command=command), shop=KeySource("SHOP_KEY")
    )
    await (await clients.get(ACME)).boards()
    await (await clients.trial(ACME, KeySource(command=command))).boards()
    assert keys_sent(transport) == ["hidden", "hidden"]
