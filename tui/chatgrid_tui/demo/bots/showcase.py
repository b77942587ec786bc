"""Showcase: every kind of Markdown, as it streams."""

from __future__ import annotations

from chatgrid_tui.demo.steps import Plan, Say, Turn

_PAGE = """\
# A page of Markdown

Every kind there is, so that you can see how it streams. Text can be **bold**, *italic*, ***both***, \
~~struck out~~ or `inline code`, and it can hold a [link](https://example.com/showcase) or a bare address such as \
<https://example.com>. A line can end
with a single newline, which is no new paragraph.

## Lists

- A first entry
- A second one, with entries of its own
  - nested once, with `code` in it
    - nested twice, and long enough to wrap on a narrow screen, so that you can see where the second line begins
  - once again
- A third

1. Numbered
2. in order
   1. and nested
   2. in order, too
3. to the end

Tasks:

- [x] Read the stream
- [x] Draw the text
- [ ] Draw the rest

## A table

| Dish              |  Price | Sold | Made with         |
|:------------------|-------:|-----:|:-----------------:|
| Pad Thai          |  12.50 |  214 | noodles, tamarind |
| Green curry       |  13.00 |   98 | basil             |
| Mango sticky rice |   7.00 | 1024 | coconut           |
| *All*             |  32.50 | 1336 |                   |

## Code

```python
def tokens(text: str) -> list[str]:
    \"\"\"Cuts a text where a model might.\"\"\"
    return re.findall(r"\\s*\\S{1,6}", text)  # about four characters each
```

```javascript
const reply = await fetch(url, { method: "POST", body: JSON.stringify({ stream: true }) });
for await (const chunk of reply.body) console.log(`${chunk.length} bytes`);
```

    Four spaces make a block, too.

## Quotes and rules

> The terminal has the last word.
>
> > A quote in a quote,
> > on two lines.
>
> - and a list in a quote

---

### HTML, shown as it is

<details><summary>Not drawn</summary>It is <b>text</b> here.</details>

#### A picture

![The terrace at dusk](@FILES@/terrace.png "The terrace")

##### Signs

Escaped \\*stars\\*, an entity &amp; a sign, a hard break\\
by backslash, emoji 🙂 👩‍👩‍👧‍👦 🇹🇭, wide 漢字, accents é ñ ü, and a footnote of sorts.[^1]

###### The end

[^1]: Say `/help` for what else I can do.
"""


def answer(turn: Turn) -> Plan:
    """Return the page, whatever the message was."""
    return Plan((Say(_PAGE.replace("@FILES@", turn.files_url)),))
