"""Code blocks and links, extracted from a text."""

from __future__ import annotations

from chatgrid_tui.markdown.code_and_links import LOOKED_AT, CodePiece, LinkPiece, pieces_of


def code(source: str) -> list[tuple[str, str]]:
    return [(piece.language, piece.text) for piece in pieces_of(source) if isinstance(piece, CodePiece)]


def links(source: str) -> list[tuple[str, str]]:
    return [(piece.label, piece.address.url) for piece in pieces_of(source) if isinstance(piece, LinkPiece)]


def test_code_blocks_in_any_place() -> None:
    text = "```python title=x\none\n```\n- item\n  ```\n  two\n  ```\n> ~~~sh\n> three\n> ~~~\n\n    four\n"
    assert code(text) == [("python", "one"), ("", "two"), ("sh", "three"), ("", "four")]


def test_equal_blocks_are_listed_separately() -> None:
    assert code("```\na\n```\n```\na\n```\n") == [("", "a"), ("", "a")]


def test_a_block_that_is_not_closed_yet() -> None:
    assert code("```py\nhalf") == [("py", "half")]


def test_links_pictures_and_bare_addresses_each_once() -> None:
    text = (
        "[Docs *here*](https://docs.example/a), https://bare.example/b. ![Plan](https://img.example/p.png)\n\n"
        "[again](https://docs.example/a) [ref]\n\n| a |\n|-|\n| https://cell.example |\n\n[ref]: https://ref.example"
    )
    assert links(text) == [
        ("Docs here", "https://docs.example/a"),
        ("", "https://bare.example/b"),
        ("Plan", "https://img.example/p.png"),
        ("ref", "https://ref.example"),
        ("", "https://cell.example"),
    ]


def test_only_web_addresses_are_links() -> None:
    text = "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](http://u:p@h.example/) `https://code.example`"
    assert links(text) == []


def test_a_label_that_names_another_address_is_noticed() -> None:
    (piece,) = pieces_of("[https://bank.example](https://evil.example)")
    assert isinstance(piece, LinkPiece)
    assert piece.named == "https://bank.example"
    assert piece.address.host == "evil.example"


def test_a_huge_text_is_looked_at_in_part() -> None:
    assert links("x " * LOOKED_AT + "https://late.example") == []
