"""Test a provider without sending a message: is it reachable, is the key accepted, what does it list?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from chatgrid_tui.dialects.error_payloads import answer_named
from chatgrid_tui.engine.client import ApiResponse, Client
from chatgrid_tui.engine.transport import place_of
from chatgrid_tui.errors import ChatgridError, ConnectionProblem, KeyProblem
from chatgrid_tui.model.failure import Failure
from chatgrid_tui.model.provider import Board, Page
from chatgrid_tui.model.request import Request
from chatgrid_tui.session.wording.failures import explain
from chatgrid_tui.text import clean_line
from chatgrid_tui.wire.record import Absent

TIMEOUT: Final = 10.0
"""Seconds that the whole test may take."""

Subject: TypeAlias = Literal["address", "key", "listing"]
Outcome: TypeAlias = Literal["good", "bad", "unknown"]

SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)
"""What is checked, in this order."""
_RANK: Final[dict[Outcome, int]] = {"good": 0, "unknown": 1, "bad": 2}
_NOT_REACHED: Final = "Not tried, since the address does not answer as it should."
_NAMED_AT_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. `text` is whole sentences: what was found, and what the user can do."""

    subject: Subject
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The results for the address, the key and the listing, in this order."""

    results: tuple[CheckResult, ...]

    @property
    def verdict(self) -> Outcome:
        """The worst of the outcomes: bad before unknown, and unknown before good."""
        return max((result.outcome for result in self.results), key=_RANK.__getitem__, default="unknown")

    @property
    def good(self) -> bool:
        """Whether no check found a problem."""
        return self.verdict != "bad"


async def check_connection(client: Client, limit: float = TIMEOUT) -> ConnectionReport:
    """Test a service, for `limit` seconds at most. No message is sent, and nothing is changed there. Errors of the
    service are results and never raised.
    """
    test = _ConnectionTest(client, limit)
    try:
        async with asyncio.timeout(limit):
            await test.run()
    except TimeoutError:
        test.ran_out()
    return test.report


class _ConnectionTest:
    """One test, step by step. Each step returns whether the next one makes sense."""

    def __init__(self, client: Client, limit: float) -> None:
        self._limit = limit
        self._client = client
        self._provider = client.provider
        self._dialect = client.dialect
        self._results: dict[Subject, CheckResult] = {}
        self._key_usable = True
        self._key_looked_up = False

    @property
    def report(self) -> ConnectionReport:
        """The results so far. A check that was not reached is unknown."""
        address = self._results.get("address")
        text = _NOT_REACHED if address is not None and address.outcome == "bad" else "Not tried."
        results = (self._results.get(subject) or CheckResult(subject, "unknown", text) for subject in SUBJECTS)
        return ConnectionReport(tuple(results))

    async def run(self) -> None:
        """Run all steps."""
        await self._look_up_key()
        if self._dialect.health is not None and not await self._is_healthy(self._dialect.health(self._provider)):
            return
        trial = self._dialect.key_trial(self._provider)
        if trial is not None and not await self._takes_key(trial):
            return
        request = self._dialect.boards(self._provider, None)
        if request is None:
            self._nothing_to_list()
        else:
            await self._try_listing(request)

    def ran_out(self) -> None:
        """Record that no answer came in time for the remaining checks."""
        if not self._key_looked_up:
            self._record("key", "bad", f"Looking up the key took more than {self._limit:g} seconds.")
            for subject in self._open:
                self._record(subject, "unknown", "Not tried, since looking up the key took too long.")
            return
        if "address" not in self._results:
            text = f"{self._host} accepted the connection but did not answer within {self._limit:g} seconds."
            self._record("address", "bad", text)
            return
        for subject in self._open:
            self._record(subject, "unknown", f"{self._host} did not answer this within {self._limit:g} seconds.")

    @property
    def _host(self) -> str:
        return clean_line(place_of(self._dialect.base_url(self._provider.base_url)), 100) or "The service"

    @property
    def _open(self) -> list[Subject]:
        """The subjects without a result."""
        return [subject for subject in SUBJECTS if subject not in self._results]

    def _record(self, subject: Subject, outcome: Outcome, text: str) -> None:
        """Record a result, unless there is one that is at least as bad."""
        earlier = self._results.get(subject)
        if earlier is None or _RANK[earlier.outcome] < _RANK[outcome]:
            self._results[subject] = CheckResult(subject, outcome, text)

    async def _look_up_key(self) -> None:
        """Look the key up first, so that a problem with it is reported as such, whatever the address does."""
        try:
            await self._client.look_up_key()
        except KeyProblem as problem:
            self._key_usable = False
            self._record("key", "bad", clean_line(str(problem), 300))
        key = self._client.key_status()
        if key.named and not key.source:
            self._record("key", "bad", key.missing)
        self._key_looked_up = True

    async def _send(self, request: Request, *, with_key: bool = True) -> ApiResponse | None:
        """Send a request. If there is no response, record that for the first subject without a result."""
        try:
            return await self._client.ask(request, with_key=with_key and self._key_usable)
        except ConnectionProblem as problem:
            text = self._unanswered(problem.failure)
        except ChatgridError as problem:
            text = clean_line(str(problem), 300)
        for subject in self._open[:1]:
            self._record(subject, "unknown" if subject == "key" else "bad", text)
        return None

    def _unanswered(self, failure: Failure) -> str:
        if failure.cause == "no answer in time":
            return f"{self._host} accepted the connection but did not answer in time."
        return self._explained(failure)

    async def _is_healthy(self, request: Request) -> bool:
        """Check that the service is reachable. Return whether to go on."""
        response = await self._send(request, with_key=False)
        if response is None:
            return False
        if response.failure is None and isinstance(response.payload, Mapping):
            self._record("address", "good", f"{self._host} answers.")
            return True
        if response.status in (401, 403, 404, 405, 429):
            return True  # a gateway may only allow chats
        self._record("address", "bad", self._wrong_answer(response))
        return False

    async def _takes_key(self, request: Request) -> bool:
        """Check the key. Return whether to go on with the listing."""
        response = await self._send(request)
        if response is None:
            return False
        if not self._in_kind(response):
            self._record("address", "bad", self._wrong_answer(response))
            return False
        self._record("address", "good", f"{self._host} answers.")
        if response.failure is None or response.status in (400, 422):  # the key is checked before the empty message
            self._record("key", "good", self._accepted(response))
            return True
        self._refused(response.failure)
        return False

    def _in_kind(self, response: ApiResponse) -> bool:
        """Return whether a response can come from a service of this kind."""
        payload = None if isinstance(response.payload, Absent) else response.payload
        if response.status in (401, 403, 429):
            return "address" in self._results or self._dialect.is_refusal(payload)
        if response.failure is None:
            return self._dialect.is_answer(payload)
        return isinstance(payload, Mapping) and response.status not in (404, 405) and response.status >= 400

    async def _try_listing(self, request: Request) -> None:
        response = await self._send(request)
        if response is None:
            return
        if response.failure is None and self._in_kind(response):
            self._record("address", "good", f"{self._host} answers.")
            await self._listing_proves(request)
            self._record("listing", "good", self._listed(await response.read(self._dialect.read_boards)))
        elif response.failure is not None and self._in_kind(response):
            self._record("address", "good", f"{self._host} answers.")
            self._refused(response.failure)
        elif response.status == 404 and self._dialect.unlisted and "address" in self._results:
            self._lists_nothing_to_this_key()
        else:
            accepted = "key" in self._results and self._results["key"].outcome == "good"
            self._record("listing" if accepted else "address", "bad", self._wrong_answer(response))

    async def _listing_proves(self, request: Request) -> None:
        """Record what a listing proves about the key: nothing, if it can be read without one."""
        if "key" in self._results:
            return
        if not self._client.key_status().source:
            self._record("key", "good", "No key is needed.")
            return
        try:
            without = await self._client.ask(request, with_key=False)
        except ChatgridError:
            without = None
        if without is not None and without.failure is None:
            text = "The listing is public, so only a message shows whether the key is accepted."
            self._record("key", "unknown", text)
        else:
            self._record("key", "good", self._accepted(None))

    def _nothing_to_list(self) -> None:
        """Record what is known without a listing: what is configured, or what the address names."""
        own = self._dialect.own_board(self._provider)
        named = ", ".join(self._provider.boards) or ("" if own is None else own.name)
        if self._dialect.nothing_to_list:
            self._record("listing", "good", self._dialect.nothing_to_list)
            return
        nothing = f"This endpoint lists no {self._dialect.nouns.many}."
        if named:
            self._record("listing", "good", f"{nothing} Used: {clean_line(named, 200)}.")
        else:
            self._record("listing", "unknown", f"{nothing} Name them, in the form or in `boards`.")

    def _lists_nothing_to_this_key(self) -> None:
        one, many = self._dialect.nouns
        self._record(
            "key", "unknown", f"The service lists no {one} for this key; it is not known whether the key is accepted."
        )
        named = ", ".join(self._provider.boards)
        rest = f"Configured: {named}." if named else f"Name the {many} in `boards` of the configuration."
        self._record("listing", "unknown", f"{self._dialect.unlisted} {clean_line(rest, 200)}")

    def _listed(self, page: Page[Board]) -> str:
        """Return how many boards are listed, and the name of a single one."""
        one, many = self._dialect.nouns
        count = len(page.items)
        if not count:
            return f"It lists no {many} yet."
        if count == 1 and page.cursor is None:
            return f"1 {one}: {clean_line(page.items[0].name, _NAMED_AT_MOST)}"
        return f"{count:,} {many}{' and more' if page.cursor is not None else ''}"

    def _accepted(self, response: ApiResponse | None) -> str:
        key = self._client.key_status()
        if not key.source:
            return "No key is needed."
        account, profile = self._dialect.account, None
        if (
            account is not None
            and response is not None
            and response.failure is None
            and isinstance(response.payload, Mapping)
        ):
            profile = account.read_profile(response.payload)
        whose = f" It belongs to {clean_line(profile.email, 80)}." if profile is not None and profile.email else ""
        return f"The {key.name} from {key.source} is accepted.{whose}"

    def _refused(self, failure: Failure) -> None:
        """Record what a refusal says about the subjects without a result."""
        key = self._client.key_status()
        taken = "key" in self._results and self._results["key"].outcome == "good"
        if taken:
            self._record("listing", "bad", self._explained(failure))
        elif failure.status is not None and failure.status >= 500:
            self._record("address", "bad", self._explained(failure))
        elif failure.status in (401, 403) and key.named and not key.source:
            self._record("listing", "unknown", "Not tried, since no key is set.")
        elif failure.status == 401 and self._may_be_public():
            sentences = (
                "The listing needs a key.",
                self._client.key_status().sentence,
                f"Public {self._dialect.nouns.many} may need none.",
            )
            self._record("key", "unknown", " ".join(filter(None, sentences)))
            self._record("listing", "unknown", f"Configured: {clean_line(', '.join(self._provider.boards), 200)}.")
        elif failure.status in (401, 403):
            self._record("key", "bad", self._explained(failure))
            self._record("listing", "unknown", "Not tried, since the key was refused.")
        else:
            self._record("key", "unknown", self._explained(failure))
            self._record("listing", "unknown", "Not tried.")

    def _may_be_public(self) -> bool:
        """Return whether the key may be missing on purpose, since configured boards can be public."""
        configured = bool(self._provider.boards)
        return self._dialect.public_boards and configured and not self._client.key_status().source

    def _wrong_answer(self, response: ApiResponse) -> str:
        """Describe a response that no service of this kind gives."""
        failure = response.failure
        if failure is not None and (failure.cause in ("moved", "TLS expected") or response.status >= 500):
            return self._explained(failure)
        if failure is None and "html" in response.media_type:
            return self._explained(
                Failure("protocol", "page", place=answer_named(response.status, response.media_type))
            )
        kind = self._dialect.service or self._dialect.name
        message = "" if failure is None or not failure.message else f" It says: “{clean_line(failure.message, 200)}”."
        status = f"{self._host} answers, but not as {kind} does ({response.status})."
        return f"{status}{message} Check the kind and the address."

    def _explained(self, failure: Failure) -> str:
        """Describe a failure without the sentence about a message: none was sent."""
        explanation = explain(failure, self._client.key_status(), self._dialect.resend)
        text = "" if explanation.text == "Nothing was sent." else explanation.text
        return " ".join(part for part in (explanation.headline, text) if part)
