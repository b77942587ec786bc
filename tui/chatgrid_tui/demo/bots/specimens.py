"""The texts that commands send."""

from __future__ import annotations

PROSE = (
    "This is a reply of ordinary length. It has a few sentences, so that there is something to read while it "
    "arrives, and **some** `Markdown` to draw."
)

SPLIT_TEXT = (
    'Grüße aus Zürich, naïve café, 漢字かな, Привет, مرحبا, 🙂👩‍👩‍👧‍👦🇹🇭, "quotes", back\\slashes, tabs\tand\n'
    "newlines.\n\nA line separator \u2028 and a next line \x85 stay inside the JSON, and so does `data: {}`."
)

EMOJI_BEFORE = (
    "Plain 🙂 👍, with a skin tone 👍🏽 🧑🏿‍🚀, a family 👩‍👩‍👧‍👦, flags 🇹🇭 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏳️‍🌈, a keycap 3️⃣, "
    "a heart as text ❤︎ and as a picture ❤️, "
    "accents e\u0301 n\u0303, a stack of marks Z\u0351\u036b\u0343\u036a\u0302, "
    "wide 漢字 한글, right to left שלום مرحبا, and one cut in half: "
)
EMOJI_AFTER = (
    " (it is a grinning face when both halves are joined).\n\n"
    "| Sign | Meaning |\n|:--|--:|\n| 🍛 | curry |\n| 👩‍🍳 | cook |\n"
)

ESCAPES = (
    "Hostile text. Nothing here should colour, move, ring, open or write anything.\n\n"
    "- colour \x1b[31mred\x1b[0m, blink \x1b[5mblink\x1b[25m, clear \x1b[2J\x1b[H, alternate screen \x1b[?1049h\n"
    "- title \x1b]0;owned\x07, clipboard \x1b]52;c;b3duZWQ=\x07 and \x1b]52;c;b3duZWQ=\x1b\\, "
    "never ended \x1b]8;;http://e\n"
    "- C1 \x9b31m \x9d0;owned\x9c \x90q\x9c, NUL \x00, bell \x07, "
    "backspaces abc\x08\x08\x08xyz, return abc\rxyz, delete \x7f\n"
    "- reports \x1b[c \x1b[6n \x1bP$q\"p\x1b\\, bracketed paste \x1b[201~rm -rf\n"
    "- bidi \u202egpj.exe\u202c, isolates \u2066\u2069, "
    "zero width a\u200bb, joiner a\u2060b, byte order \ufeff, soft\u00adhyphen, tag \U000e0041\n"
    "- marks " + "Z" + "\u0351\u036b\u0343\u036a\u0302" * 20 + "\n"
    "- markup [/] [/etc/passwd] [bold]x[/italic] [@click=app.quit]quit[/] "
    "[link=file:///etc/passwd]a[/link] [#zzz]x[/]\n"
    "- links [a](javascript:alert(1)) [b](file:///etc/passwd) [c](--help) [d](https://user:pw@evil.example/) "
    "[https://bank.example](https://evil.example/) [e](https://a.example/%0a%1b]52) [f](ssh://-oProxyCommand=x)\n"
    "- HTML <script>alert(1)</script> &#27;[31m <img src=x onerror=alert(1)>\n\n"
)  # fmt: skip

LIST_BOMB = "- i\n" * 1024


def huge_line(size: int) -> str:
    """Return one line of exactly `size` characters, without a newline."""
    unit = "All of this is one line, which goes on and on, with a number now and then: 0123456789. "
    return (unit * (size // len(unit) + 1))[:size]
