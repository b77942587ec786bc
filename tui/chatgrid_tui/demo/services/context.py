"""What every service is given, and what all services do alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chatgrid_tui.demo import bots
from chatgrid_tui.demo.catalogue import Bot
from chatgrid_tui.demo.demo_keys import DemoKeys
from chatgrid_tui.demo.limits import PlayedLimits, RateLimit
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
