"""Trying a provider out without sending a message: is it there, is the key taken, what does it list?"""

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

PATIENCE: Final = 10.0
"""Seconds that all of it may take."""

Subject: TypeAlias = Literal["address", "key", "listing"]
Outcome: TypeAlias = Literal["good", "bad", "unknown"]

SUBJECTS: Final[tuple[Subject, ...]] = get_args(Subject)
"""What is looked at, in the order in which it makes sense."""
_RANK: Final[dict[Outcome, int]] = {"good": 0, "unknown": 1, "bad": 2}
_NOT_REACHED: Final = "Not tried, since the address does not answer as it should."
_NAMED_AT_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found out of one thing. `words` are whole sentences: how it is, and what can be done."""

    subject: Subject
    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What was found: the address, the key and the listing, in this order."""

    results: tuple[CheckResult, ...]

    @property
    def verdict(self) -> Outcome:
        """The worst of the outcomes: bad before unknown, and unknown before good."""
        return max((result.outcome for result in self.results), key=_RANK.__getitem__, default="unknown")

    @property
    def good(self) -> bool:
        """Whether nothing was found that is wrong."""
        return self.verdict != "bad"


async def check_connection(client: Client) -> ConnectionReport:
    """Try a service out. No message is sent and nothing is changed there; ten seconds later it has come to an end,
    whatever the service does, and no trouble of it is raised.
    """
    examination = _ConnectionTest(client)
    try:
        async with asyncio.timeout(PATIENCE):
            await examination.run()
    except TimeoutError:
        examination.ran_out()
    return examination.report


class _ConnectionTest:
    """One check, step by step: each step says whether the next makes sense."""

    def __init__(self, client: Client) -> None:
        self._service = client
        self._provider = client.provider
        self._dialect = client.dialect
        self._found: dict[Subject, CheckResult] = {}
        self._key_usable = True
        self._key_looked_up = False

    @property
    def report(self) -> ConnectionReport:
        """What was found, with what was not come to as unknown."""
        address = self._found.get("address")
        words = _NOT_REACHED if address is not None and address.outcome == "bad" else "Not tried."
        results = (self._found.get(subject) or CheckResult(subject, "unknown", words) for subject in SUBJECTS)
        return ConnectionReport(tuple(results))

    async def run(self) -> None:
        """Take all steps."""
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
        """Say of what is still open that no answer came in time."""
        if not self._key_looked_up:
            self._note("key", "bad", f"Looking the key up took more than {PATIENCE:g} seconds.")
            for subject in self._open:
                self._note(subject, "unknown", "Not tried, since the key was not there in time.")
            return
        if "address" not in self._found:
            words = f"{self._place} took the connection and did not answer within {PATIENCE:g} seconds."
            self._note("address", "bad", words)
            return
        for subject in self._open:
            self._note(subject, "unknown", f"{self._place} did not answer this within {PATIENCE:g} seconds.")

    @property
    def _place(self) -> str:
        return clean_line(place_of(self._dialect.base_url(self._provider.base_url)), 100) or "The service"

    @property
    def _open(self) -> list[Subject]:
        """What nothing was found out of yet."""
        return [subject for subject in SUBJECTS if subject not in self._found]

    def _note(self, subject: Subject, outcome: Outcome, words: str) -> None:
        """Note a finding, unless one that is as bad or worse was noted before."""
        noted = self._found.get(subject)
        if noted is None or _RANK[noted.outcome] < _RANK[outcome]:
            self._found[subject] = CheckResult(subject, outcome, words)

    async def _look_up_key(self) -> None:
        """Look the key up once before: what hinders that is about the key, whatever the address does."""
        try:
            await self._service.look_up_key()
        except KeyProblem as problem:
            self._key_usable = False
            self._note("key", "bad", clean_line(str(problem), 300))
        key = self._service.key_status()
        if key.named and not key.source:
            self._note("key", "bad", key.missing)
        self._key_looked_up = True

    async def _ask(self, request: Request, *, with_key: bool = True) -> ApiResponse | None:
        """Ask. Where no answer of the service comes, that is said of what is the next to be found out."""
        try:
            return await self._service.ask(request, with_key=with_key and self._key_usable)
        except ConnectionProblem as problem:
            words = self._unanswered(problem.failure)
        except ChatgridError as problem:
            words = clean_line(str(problem), 300)
        for subject in self._open[:1]:
            self._note(subject, "unknown" if subject == "key" else "bad", words)
        return None

    def _unanswered(self, failure: Failure) -> str:
        if failure.cause == "no answer in time":
            return f"{self._place} took the connection and did not answer in time."
        return self._explained(failure)

    async def _is_healthy(self, request: Request) -> bool:
        """Ask whether the service is there; whether the rest is worth trying."""
        asked = await self._ask(request, with_key=False)
        if asked is None:
            return False
        if asked.failure is None and isinstance(asked.payload, Mapping):
            self._note("address", "good", f"{self._place} answers.")
            return True
        if asked.status in (401, 403, 404, 405, 429):
            return True  # it may stand behind something that lets only chats through
        self._note("address", "bad", self._wrong_answer(asked))
        return False

    async def _takes_key(self, request: Request) -> bool:
        """Try the key; whether a listing is worth trying."""
        asked = await self._ask(request)
        if asked is None:
            return False
        if not self._in_kind(asked):
            self._note("address", "bad", self._wrong_answer(asked))
            return False
        self._note("address", "good", f"{self._place} answers.")
        if asked.failure is None or asked.status in (400, 422):  # the key is looked at before the empty message
            self._note("key", "good", self._accepted(asked))
            return True
        self._refused(asked.failure)
        return False

    def _in_kind(self, asked: ApiResponse) -> bool:
        """Whether an answer can come from a service of this kind."""
        payload = None if isinstance(asked.payload, Absent) else asked.payload
        if asked.status in (401, 403, 429):
            return "address" in self._found or self._dialect.is_refusal(payload)
        if asked.failure is None:
            return self._dialect.is_answer(payload)
        return isinstance(payload, Mapping) and asked.status not in (404, 405) and asked.status >= 400

    async def _try_listing(self, request: Request) -> None:
        asked = await self._ask(request)
        if asked is None:
            return
        if asked.failure is None and self._in_kind(asked):
            self._note("address", "good", f"{self._place} answers.")
            await self._listing_proves(request)
            self._note("listing", "good", self._listed(await asked.read(self._dialect.read_boards)))
        elif asked.failure is not None and self._in_kind(asked):
            self._note("address", "good", f"{self._place} answers.")
            self._refused(asked.failure)
        elif asked.status == 404 and self._dialect.unlisted and "address" in self._found:
            self._lists_nothing_to_this_key()
        else:
            taken = "key" in self._found and self._found["key"].outcome == "good"
            self._note("listing" if taken else "address", "bad", self._wrong_answer(asked))

    async def _listing_proves(self, request: Request) -> None:
        """Say what a listing that came says of the key: nothing, where it comes without one as well."""
        if "key" in self._found:
            return
        if not self._service.key_status().source:
            self._note("key", "good", "No key is needed.")
            return
        try:
            without = await self._service.ask(request, with_key=False)
        except ChatgridError:
            without = None
        if without is not None and without.failure is None:
            words = "The listing is open to everybody, so whether the key is accepted shows with the first message."
            self._note("key", "unknown", words)
        else:
            self._note("key", "good", self._accepted(None))

    def _nothing_to_list(self) -> None:
        """Say what there is if nothing can be listed: what is configured, or what the address itself names."""
        own = self._dialect.own_board(self._provider)
        named = ", ".join(self._provider.boards) or ("" if own is None else own.name)
        if self._dialect.nothing_to_list:
            self._note("listing", "good", self._dialect.nothing_to_list)
            return
        nothing = f"This endpoint lists no {self._dialect.nouns.many}."
        if named:
            self._note("listing", "good", f"{nothing} Used: {clean_line(named, 200)}.")
        else:
            self._note("listing", "unknown", f"{nothing} Name them, in the form or in `boards`.")

    def _lists_nothing_to_this_key(self) -> None:
        one, many = self._dialect.nouns
        self._note("key", "unknown", f"The service lists no {one} for this key; whether it is accepted is not known.")
        named = ", ".join(self._provider.boards)
        rest = f"Configured: {named}." if named else f"Name the {many} in `boards` of the configuration."
        self._note("listing", "unknown", f"{self._dialect.unlisted} {clean_line(rest, 200)}")

    def _listed(self, page: Page[Board]) -> str:
        """Say how much is listed, and what it is where it is one."""
        one, many = self._dialect.nouns
        count = len(page.items)
        if not count:
            return f"It lists no {many} yet."
        if count == 1 and page.cursor is None:
            return f"1 {one}: {clean_line(page.items[0].name, _NAMED_AT_MOST)}"
        return f"{count:,} {many}{' and more' if page.cursor is not None else ''}"

    def _accepted(self, asked: ApiResponse | None) -> str:
        key = self._service.key_status()
        if not key.source:
            return "No key is needed."
        account, profile = self._dialect.account, None
        if account is not None and asked is not None and asked.failure is None and isinstance(asked.payload, Mapping):
            profile = account.read_profile(asked.payload)
        whose = f" It belongs to {clean_line(profile.email, 80)}." if profile is not None and profile.email else ""
        return f"The key {key.shown} from {key.source} is accepted.{whose}"

    def _refused(self, failure: Failure) -> None:
        """Note what a refusal says of what is still open."""
        key = self._service.key_status()
        taken = "key" in self._found and self._found["key"].outcome == "good"
        if taken:
            self._note("listing", "bad", self._explained(failure))
        elif failure.status is not None and failure.status >= 500:
            self._note("address", "bad", self._explained(failure))
        elif failure.status in (401, 403) and key.named and not key.source:
            self._note("listing", "unknown", "Not tried, since no key is set.")
        elif failure.status == 401 and self._may_be_public():
            sentences = (
                "The listing wants a key.",
                self._service.key_status().sentence,
                f"Public {self._dialect.nouns.many} may want none.",
            )
            self._note("key", "unknown", " ".join(filter(None, sentences)))
            self._note("listing", "unknown", f"Configured: {clean_line(', '.join(self._provider.boards), 200)}.")
        elif failure.status in (401, 403):
            self._note("key", "bad", self._explained(failure))
            self._note("listing", "unknown", "Not tried, since the key is not taken.")
        else:
            self._note("key", "unknown", self._explained(failure))
            self._note("listing", "unknown", "Not tried.")

    def _may_be_public(self) -> bool:
        """Return whether there may be no key on purpose: boards that are configured can be public."""
        configured = bool(self._provider.boards)
        return self._dialect.public_boards and configured and not self._service.key_status().source

    def _wrong_answer(self, asked: ApiResponse) -> str:
        """Say what an answer is that no service of this kind gives."""
        failure = asked.failure
        if failure is not None and (failure.cause in ("moved", "TLS expected") or asked.status >= 500):
            return self._explained(failure)
        if failure is None and "html" in asked.media_type:
            return self._explained(Failure("protocol", "page", place=answer_named(asked.status, asked.media_type)))
        kind = self._dialect.service or self._dialect.name
        said = "" if failure is None or not failure.message else f" It says: “{clean_line(failure.message, 200)}”."
        return (
            f"{self._place} answers, but not as {kind} does ({asked.status}).{said} Check the kind and the address."
        )

    def _explained(self, failure: Failure) -> str:
        """Put a failure into words without those about a message: none was sent."""
        explanation = explain(failure, self._service.key_status(), self._dialect.resend)
        text = "" if explanation.text == "Nothing was sent." else explanation.text
        return " ".join(words for words in (explanation.headline, text) if words)
