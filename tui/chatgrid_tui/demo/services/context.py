"""What every service is given, what all services do alike, and their keys and limits."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chatgrid_tui.demo import bots
from chatgrid_tui.demo.catalogue import Bot
from chatgrid_tui.demo.plan_player import Encoder, Pacer, PlanPlayer, Reply
from chatgrid_tui.demo.services.plain_encoder import Silent
from chatgrid_tui.demo.state import State
from chatgrid_tui.demo.steps import Plan, Refusal, Step, Turn
from chatgrid_tui.http_server.messages import (
    Answer,
    Headers,
    Request,
    Response,
    Sink,
    Stream,
    cut_response,
    html_response,
)

EVENT_STREAM: Headers = (
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-cache, no-transform"),
)
CHATGRID_KEY = "cgk_demo_full_access"
CHATGRID_READ_ONLY_KEY = "cgk_demo_read_only"
CHATIQ_KEY = "sk_system_demo_shared"
WIDGET_KEY = "demo-widget-key-0123456789"
OPENAI_KEY = "sk-demo-0123456789"
WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys that each service accepts once keys are required; it refuses all others in its own way."""

    chatgrid: str = CHATGRID_KEY
    chatgrid_read_only: str = CHATGRID_READ_ONLY_KEY
    chatiq: str = CHATIQ_KEY
    widget: str = WIDGET_KEY
    openai: str = OPENAI_KEY


class RateLimit:
    """A sliding window over all requests (ChatGrid API, rate-limits)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._moments: deque[float] = deque()

    def admit(self) -> bool:
        """Count a request and return True, or return False if the window is full."""
        now = time.monotonic()
        while self._moments and self._moments[0] <= now - WINDOW_SECONDS:
            self._moments.popleft()
        if len(self._moments) >= self.limit:
            return False
        self._moments.append(now)
        return True

    @property
    def remaining(self) -> int:
        """Return how many more requests the window takes."""
        return max(0, self.limit - len(self._moments))

    @property
    def seconds_left(self) -> int:
        """Return the whole seconds until the oldest request leaves the window."""
        oldest = self._moments[0] if self._moments else time.monotonic()
        return max(1, math.ceil(oldest + WINDOW_SECONDS - time.monotonic()))


class PlayedLimits:
    """Refusals that a message asked for: the same message is accepted once the given time has passed."""

    def __init__(self, most: int = 200) -> None:
        self._until: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._most = most

    def seconds_left(self, key: tuple[str, ...], seconds: float) -> int | None:
        """Return the whole seconds still to wait, or None if the wait is over."""
        now = time.monotonic()
        until = self._until.get(key)
        if until is None:
            self._until[key] = until = now + seconds
            while len(self._until) > self._most:
                self._until.popitem(last=False)
        elif until <= now:
            del self._until[key]
            return None
        return max(0, math.ceil(until - now))


@dataclass(slots=True)
class Context:
    """Shared by all services of one server."""

    origin: str
    keys: DemoKeys | None
    pace: float | None
    seed: int
    chatgrid_form: str | None
    rate_limit: RateLimit
    state: State = field(default_factory=State)
    played: PlayedLimits = field(default_factory=PlayedLimits)

    def plan(self, request: Request, bot: Bot, message: str, earlier: tuple[str, ...]) -> Plan:
        """Return the plan of a bot for a message."""
        return bots.answer(bot, Turn(message, earlier, f"{self.origin}/files", self.seed, request.given_key()))

    def refused(self, plan: Plan, key: tuple[str, ...]) -> tuple[Refusal, int] | None:
        """Return the plan's refusal and the seconds to wait, or None if an earlier wait is over."""
        if plan.refusal is None:
            return None
        if plan.refusal.kind != "rate":
            return plan.refusal, 0
        left = self.played.seconds_left(key, plan.refusal.seconds)
        return None if left is None else (plan.refusal, left)

    def moved(self, request: Request) -> Response:
        """Return the redirect that `/redirect` asks for: to the same server under another host name."""
        place = self.origin.replace("127.0.0.1", "localhost") + "/moved" + request.target
        return Response(308, (("Location", place), ("Content-Type", "text/plain")), b"Redirecting...\n")


def sign_in_page() -> Response:
    """Return the sign-in page of a hotel's network, with status 200."""
    body = "<h1>Welcome to the guest network</h1>\n<p>Accept the terms to go online.</p>"
    return html_response(200, "Sign in to the network", body)


def live(
    context: Context,
    headers: Headers,
    encoder: Encoder,
    steps: Iterable[Step],
    done: Callable[[Reply], None],
    most_tokens: int | None = None,
) -> Stream:
    """Return a streaming reply. `done` gets the reply, unless the connection is lost before the end."""

    async def produce(sink: Sink) -> None:
        player = PlanPlayer(encoder, sink, Pacer(context.pace), most_tokens)
        done(await player.play(steps))

    return Stream(200, headers, produce)


async def whole(steps: Iterable[Step], most_tokens: int | None = None) -> Reply:
    """Return a finished reply, to be sent in one piece; only its pauses take time."""
    return await PlanPlayer(Silent(), None, Pacer(0), most_tokens).play(steps)


def damaged(answer: Response, reply: Reply) -> Answer:
    """Return a finished reply with the damage that a command asked for: cut in half, or not JSON."""
    if reply.dropped:
        return cut_response(answer)
    if reply.spoilt:
        return Response(answer.status, answer.headers, answer.body[:-2] + b",,")
    return answer
