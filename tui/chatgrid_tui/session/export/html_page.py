"""Transcripts as one HTML page, which has no script and loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from chatgrid_tui.markdown.html_text import html_of
from chatgrid_tui.markdown.links import web_address
from chatgrid_tui.session.export.transcript import Message, Transcript
from chatgrid_tui.text import clean, clean_line

_START: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #fff; --text: #1a1c1f; --muted: #5f646b; --bot: #eef0f2;
  --mine: #d9ecec; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #16181b; --text: #e3e6ea; --muted: #9aa1aa; --bot: #24272b; --mine: #1d363b; }}
}}
body {{ background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 48rem; padding: 0 1rem; }}
h1.conversation {{ font-size: 1.4rem; margin-bottom: 0; }}
header, footer, .who, .note {{ color: var(--muted); font-size: .875rem; }}
section + section {{ border-top: 1px solid var(--muted); margin-top: 3rem; }}
article {{ margin: 1.5rem 0; overflow-wrap: anywhere; }}
.text {{ background: var(--bot); border-radius: .5rem; margin: .25rem 0; padding: .25rem 1rem; }}
.mine .text {{ background: var(--mine); white-space: pre-wrap; padding: .75rem 1rem; }}
.subject .text {{ outline: 2px solid var(--muted); }}
pre {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ border: 1px solid var(--muted); padding: .2rem .6rem; text-align: left; }}
a {{ color: inherit; }}
</style>
</head>
<body>
{contents}"""
_SECTION: Final = """<section id="c{number}">
<header>
<h1 class="conversation">{title}</h1>
<p>{about}</p>
</header>
{messages}
</section>
"""
_END: Final = """<footer><p>{made}</p></footer>
</body>
</html>
"""


def page_start(titles: Sequence[str]) -> str:
    """Return the page up to its first conversation. `titles` are those of all; several are listed at its top."""
    shown = [escape(clean_line(title) or "Conversation") for title in titles]
    if len(shown) == 1:
        return _START.format(title=shown[0], contents="")
    links = "".join(f'<li><a href="#c{number}">{title}</a></li>\n' for number, title in enumerate(shown, 1))
    return _START.format(title=f"{len(shown):,} conversations", contents=f"<nav><ol>\n{links}</ol></nav>\n")


def page_section(transcript: Transcript, number: int = 1) -> str:
    """Return a conversation as a part of the page, with all content escaped. The first one has the number 1."""
    return _SECTION.format(
        number=number,
        title=escape(transcript.title),
        about=escape(transcript.about),
        messages="\n".join(map(_article, transcript.messages)),
    )


def page_end(made: str) -> str:
    """Return the end of the page. `made` says what made it, and when."""
    return _END.format(made=escape(made))


def _article(message: Message) -> str:
    side = "mine" if message.is_mine else "bot"
    subject = " subject" if message.is_subject else ""
    lines = [f'<article class="{side}{subject}">', f'<p class="who">{escape(message.heading)}</p>']
    for text in message.texts:
        lines.append(f'<div class="text">{escape(clean(text)) if message.is_mine else html_of(text)}</div>')
    for name, raw in message.files:
        address = web_address(raw)
        shown = escape(f"{name}: {raw}" if raw else name)
        link = shown if address is None else f'<a href="{escape(address.url)}" rel="noreferrer">{shown}</a>'
        lines.append(f'<p class="note">{link}</p>')
    lines += [f'<p class="note">{escape(note)}</p>' for note in message.notes]
    return "\n".join([*lines, "</article>"])
