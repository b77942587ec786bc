"""Restaurant: several bubbles, pictures, and suggestions that lead on through a small dialogue.

The state is computed from everything that the user has said. So the bot needs no memory, and works the same way if
the client sends the history.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce

from chatgrid_tui.demo.bots.commands import is_command
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


_KEYWORDS: tuple[tuple[str, str], ...] = (
    ("cancel", r"cancel|forget|never ?mind"),
    ("thanks", r"thanks?|thank you"),
    ("photo", r"photo|picture|terrace"),
    ("hours", r"hours|open|closed?"),
    ("route", r"route|find|where|address|map"),
    ("menu", r"menu|eat|food|dishes"),
    ("book", r"book|booking|reserve|reservation|table"),
    ("welcome", r"hello|hi|hey"),
)
"""Scenes, each with the words that lead to it. The first match counts."""
_ASKED = ("people", "day", "time", "name")
"""What a booking asks for, in order. Any message that leads to no other scene is an answer."""
_LONGEST_ANSWER = 60


@dataclass(frozen=True, slots=True)
class Talk:
    """The state of the dialogue. `booking` holds the answers so far, or None if no table is being booked."""

    scene: str = "welcome"
    dish: str = ""
    booking: tuple[str, ...] | None = None


def answer(turn: Turn) -> Plan:
    """Return the next part of the dialogue."""
    messages = [message for message in (*turn.earlier, turn.message) if not is_command(message)]
    talk = reduce(advance, messages, Talk())
    return Plan(_SCENES[talk.scene](talk, turn))


def advance(talk: Talk, message: str) -> Talk:
    """Return the state of the dialogue after one more message."""
    text = payload_text(message)
    dish = next((dish.slug for dish in DISHES if dish.name.lower() in text.lower() or dish.slug in message), "")
    scene = (
        "dish" if dish else next((name for name, message_words in _KEYWORDS if _has_word(message_words, text)), "")
    )
    booking = talk.booking
    if booking is None or len(booking) == len(_ASKED):
        if scene == "book":
            return Talk("book", booking=())
        return Talk("unknown" if scene in ("", "cancel") else scene, dish)
    if scene == "cancel":
        return Talk("cancelled")
    if scene not in ("", "book", "welcome"):
        return Talk(scene, dish, booking)
    booking = booking if scene == "book" else (*booking, text.strip()[:_LONGEST_ANSWER])
    return Talk("booked" if len(booking) == len(_ASKED) else "book", booking=booking)


def payload_text(message: str) -> str:
    """Return the text of a payload such as `__item__:booking:4-people`, and any other message unchanged."""
    return (
        message.split(":", 2)[2].replace("-", " ")
        if message.startswith("__item__:") and message.count(":") > 1
        else message
    )


def _has_word(words: str, text: str) -> bool:
    return re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) is not None


def _chip(label: str, document: str, item: str) -> Suggestion:
    return Suggestion(label, f"__item__:{document}:{item}")


MENU = _chip("See the menu", "menu", "menu")
BOOK = _chip("Book a table", "booking", "book-a-table")
ROUTE = _chip("How to find us", "house", "route")
HOURS = _chip("Opening hours", "house", "hours")
PHOTO = _chip("Show me the terrace", "house", "photo")
STOP = _chip("Cancel the booking", "booking", "cancel")


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
    text = "We are open Tuesday to Sunday, 12:00 to 22:00. On Mondays the river has the place to itself."
    return (Bubbles((text,), (BOOK, MENU, ROUTE)),)


def _photo(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Attach((_picture(turn, "terrace.png", 1),)), Suggest((BOOK, MENU)))


_QUESTIONS: dict[str, tuple[str, tuple[Suggestion, ...]]] = {
    "people": (
        "How many people will you be?",
        tuple(_chip(f"{number} people", "booking", f"{number}-people") for number in (2, 4, 6)),
    ),
    "day": (
        "For which day?",
        tuple(_chip(day, "booking", day) for day in ("Tonight", "Tomorrow", "Saturday")),
    ),
    "time": (
        "At what time?",
        tuple(_chip(f"At {time}", "booking", f"At-{time}") for time in ("18:00", "19:30", "21:00")),
    ),
    "name": ("Under which name?", (_chip("My name is Alex", "booking", "my-name-is-Alex"),)),
}


def _book(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    answers = talk.booking or ()
    question, chips = _QUESTIONS[_ASKED[len(answers)]]
    texts = (f"Noted: {', '.join(answers)}.", question) if answers else ("We would like to have you here.", question)
    return (Bubbles(texts, (*chips, STOP)),)


def _booked(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    *table, name = talk.booking or ("",)
    name = re.sub("^my name is ", "", name, flags=re.IGNORECASE)
    text = f"A table is reserved: {', '.join(table)}, under the name {name}."
    return (Bubbles((text,)), _BREATH, Bubbles(("See you on the terrace.",), (ROUTE, MENU, PHOTO)))


def _cancelled(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Bubbles(("The booking is cancelled.", "Is there anything else?"), (MENU, BOOK, ROUTE)),)


def _thanks(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    return (Bubbles(("You are welcome.",), (MENU, BOOK, ROUTE)),)


def _unknown(talk: Talk, turn: Turn) -> tuple[Step, ...]:
    text = "I know about the menu, tables, opening hours and the way here. Which would you like?"
    return (Bubbles((text,), (MENU, BOOK, ROUTE, HOURS, PHOTO)),)


_SCENES = {
    "welcome": _welcome,
    "menu": _menu,
    "dish": _dish,
    "route": _route,
    "hours": _hours,
    "photo": _photo,
    "book": _book,
    "booked": _booked,
    "cancelled": _cancelled,
    "thanks": _thanks,
    "unknown": _unknown,
}
