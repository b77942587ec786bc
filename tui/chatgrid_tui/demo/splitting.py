"""Cut bytes where a careless reader breaks."""

from __future__ import annotations

from itertools import pairwise


def nasty_pieces(data: bytes) -> list[bytes]:
    """Cut `data` inside UTF-8 sequences, between CR and LF, inside escapes and in the middle of JSON.

    Line ends become CR LF first. Joined again, the pieces are the whole.
    """
    data = data.replace(b"\n", b"\r\n")
    cuts = set(range(7, len(data), 23))
    for index, byte in enumerate(data):
        continues_sequence = 0x80 <= byte < 0xC0
        follows_return = byte == 0x0A and index > 0 and data[index - 1] == 0x0D
        follows_backslash = index > 0 and data[index - 1] == 0x5C
        if continues_sequence or follows_return or follows_backslash:
            cuts.add(index)
    edges = [0, *sorted(cuts - {0}), len(data)]
    return [data[start:end] for start, end in pairwise(edges) if start < end]
