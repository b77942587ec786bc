"""Restaurant: several bubbles, pictures, and suggestions that lead on through a small dialogue.

Where the conversation stands is worked out anew from everything the person said, so the bot needs no memory of
its own and works the same where the client carries the history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce

from chatgrid_tui.demo.bots.commands import is_command
from chatgrid_tui.demo.bots.hearing import Heard, hear
from chatgrid_tui.demo.steps import Attach, Attachment, Bubbles, Pause, Plan, Step, Suggest, Suggestion, Turn

_BREATH = Pause(0.5, idle=True)


@dataclass(frozen=True, slots=True)
class Dish:
    """Something on the menu."""

    slug: str
    name: str
    price: str
    about: str


DISHES: tuple[Dish, ...] = (
    Dish("pad-thai", "Pad Thai", "12.50", "Rice noodles with tamarind, peanuts and lime, with prawns or tofu."),
    Dish("green-curry", "Green curry", "13.00", "Coconut milk, basil and small aubergines. It is hot."),
    Dish("mango-rice", "Mango sticky rice", "7.00", "Ripe mango over warm rice, with coconut cream and salt."),
)  # fmt: skip
_BY_SLUG = {dish.slug: dish for dish in DISHES}


@dataclass(frozen=True, slots=True)
class Talk:
    """Where the conversation stands. `booking` is whether a table is being booked right now."""

    scene: str = "welcome"
    dish: str = ""
    booking: bool = False
    people: int | None = None
    day: str | None = None
    time: str | None = None
    name: str | None = None

    @property
    def missing(self) -> str:
        """The next thing to ask for, or nothing when the booking is complete."""
        asked = (("people", self.people), ("day", self.day), ("time", self.time), ("name", self.name))
        return next((name for name, value in asked if value is None), "")


def answer(turn: Turn) -> Plan:
    """The next part of the dialogue."""
    said = [message for message in (*turn.earlier, turn.message) if not is_command(message)]
    talk = reduce(advance, said, Talk())
    return Plan(_SCENES[talk.scene](talk, turn))


def advance(talk: Talk, message: str) -> Talk:
    """Where the conversation stands after one more message."""
    heard = hear(message, asked=talk.missing if talk.booking else "")
    if heard.intent == "cancel" and talk.booking:
        return Talk(scene="cancelled")
    if talk.booking and heard.intent in ("", "greeting", "book"):
        return _fill(talk, heard)
    if heard.intent == "book" or (not heard.intent and (heard.people or heard.time)):
        return _fill(replace(talk, people=None, day=None, time=None, name=None), heard)
    scene = heard.intent or "unknown"
    if scene == "greeting":
        scene = "welcome"
    return replace(talk, scene=scene, dish=heard.dish)


def _fill(talk: Talk, heard: Heard) -> Talk:
    filled = replace(
        talk,
        scene="book",
        booking=True,
        people=talk.people or heard.people,
        day=talk.day or heard.day,
        time=talk.time or heard.time,
        name=talk.name or heard.name,
    )
    return filled if filled.missing else replace(filled, scene="booked", booking=False)


def _chip(label: str, document: str, item: str) -> Suggestion:
    return Suggestion(label, f"__item__:{document}:{item}")


MENU = _chip("See the menu", "menu", "menu")
BOOK = _chip("Book a table", "booking", "book-a-table")
ROUTE = _chip("How to find us", "house", "route")
HOURS = _chip("Opening hours", "house", "hours")
PHOTO = _chip("Show me the terrace", "house", "photo")
STOP = _chip("Forget the booking", "booking", "cancel")


def _picture(turn: Turn, file: str, number: int) -> Attachment:
    return Attachment("image", f"{turn.files_url}/{file}", f"0b6c1a52-5a0e-4c39-8a7e-2f1f0d3b9d{number:02d}", file)


def _welcome(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    greeting = "Welcome to The Terrace. We cook Thai food by the river."
    question = "What would you like to do?"
    return (
        Attach((_picture(turn, "terrace.png", 1),)),
        Bubbles((greeting, question), (MENU, BOOK, ROUTE, HOURS)),
    )


def _menu(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    rows = "".join(f"| {dish.name} | {dish.price} |\n" for dish in DISHES)
    table = f"| Dish | Price |\n|:-----|------:|\n{rows}"
    chips = tuple(_chip(f"See {dish.name}", "menu", dish.slug) for dish in DISHES)
    after = f"The whole menu is [a PDF]({turn.files_url}/menu.pdf), too."
    return (Bubbles(("This is what we cook tonight.", table)), _BREATH, Bubbles((after,), (*chips, BOOK)))


def _dish(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    dish = _BY_SLUG[talk.dish]
    others = tuple(_chip(f"See {one.name}", "menu", one.slug) for one in DISHES if one is not dish)
    return (
        Bubbles((f"**{dish.name}**, {dish.price}",)),
        Attach((_picture(turn, f"{dish.slug}.png", 2 + DISHES.index(dish)),)),
        _BREATH,
        Bubbles((dish.about,), (*others, BOOK)),
    )


def _route(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    way = "1. Tram 4 to **Old Bridge**\n2. down the steps to the river\n3. left, 200 metres along the water"
    return (
        Bubbles(("We are at Riverside 12.", way)),
        Attach((_picture(turn, "map.png", 8),)),
        Suggest((BOOK, HOURS, MENU)),
    )


def _hours(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    said = "We are open Tuesday to Sunday, 12:00 to 22:00. On Mondays the river has the place to itself."
    return (Bubbles((said,), (BOOK, MENU, ROUTE)),)


def _photo(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Attach((_picture(turn, "terrace.png", 1),)), Suggest((BOOK, MENU)))


_QUESTIONS: dict[str, tuple[str, tuple[Suggestion, ...]]] = {
    "people": (
        "How many people will you be?",
        tuple(_chip(f"{number} people", "booking", f"{number}-people") for number in (2, 4, 6)),
    ),
    "day": (
        "For which day?",
        tuple(_chip(day.capitalize(), "booking", day) for day in ("tonight", "tomorrow", "saturday")),
    ),
    "time": (
        "At what time?",
        tuple(_chip(f"At {time}", "booking", f"at-{time}") for time in ("18:00", "19:30", "21:00")),
    ),
    "name": ("Under which name?", (_chip("My name is Alex", "booking", "my-name-is-Alex"),)),
}


def _book(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    question, chips = _QUESTIONS[talk.missing]
    known = _known(talk)
    texts = (f"Noted: {known}.", question) if known else ("We would like to have you here.", question)
    return (Bubbles(texts, (*chips, STOP)),)


def _known(talk: Talk) -> str:
    people = "" if talk.people is None else ("1 person" if talk.people == 1 else f"{talk.people} people")
    return ", ".join(part for part in (people, talk.day, f"at {talk.time}" if talk.time else "") if part)


def _booked(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    said = f"A table is kept: {_known(talk)}, under the name {talk.name}."
    return (Bubbles((said,)), _BREATH, Bubbles(("See you on the terrace.",), (ROUTE, MENU, PHOTO)))


def _cancelled(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Bubbles(("The booking is forgotten.", "Is there anything else?"), (MENU, BOOK, ROUTE)),)


def _thanks(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Bubbles(("You are welcome.",), (MENU, BOOK, ROUTE)),)


def _unknown(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    said = "I know about the menu, tables, opening hours and the way here. Which shall it be?"
    return (Bubbles((said,), (MENU, BOOK, ROUTE, HOURS, PHOTO)),)


_SCENES = {
    "welcome": _welcome,
    "menu": _menu,
    "dish": _dish,
    "route": _route,
    "hours": _hours,
    "photo": _photo,
    "book": _book,
    "booked": _booked,
    "cancel": _unknown,
    "cancelled": _cancelled,
    "thanks": _thanks,
    "unknown": _unknown,
}
