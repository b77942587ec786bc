"""The small files that replies refer to, made on request."""

from __future__ import annotations

import struct
import zlib
from functools import cache

from chatgrid_tui.http_server.messages import Request, Response, text_response

WIDTH, HEIGHT = 320, 200
_SKIES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "terrace.png": ((36, 52, 92), (244, 170, 92)),
    "pad-thai.png": ((122, 62, 22), (240, 186, 88)),
    "green-curry.png": ((18, 74, 48), (186, 214, 122)),
    "mango-rice.png": ((150, 92, 20), (252, 236, 190)),
    "map.png": ((58, 92, 112), (206, 222, 206)),
}


def serve_file(request: Request) -> Response:
    """Answer a request for `/files/...`."""
    if request.method not in ("GET", "HEAD"):
        return text_response(405, "Files can only be read.\n")
    name = request.path.removeprefix("/files/")
    if name in _SKIES:
        content_type, body = "image/png", picture(name)
    elif name == "menu.pdf":
        content_type, body = "application/pdf", menu_pdf()
    elif name == "notes.txt":
        content_type, body = "text/plain; charset=utf-8", b"Opening hours: Tuesday to Sunday, 12:00 to 22:00.\n"
    else:
        return text_response(404, "File not found.\n")
    return Response(200, (("Content-Type", content_type), ("Cache-Control", "no-store")), body)


@cache
def picture(name: str) -> bytes:
    """Return a PNG of 320 by 200: a sky that changes colour above a dark edge (PNG specification, 5 to 11)."""
    top, bottom = _SKIES[name]
    rows = bytearray()
    for y in range(HEIGHT):
        share = y / (HEIGHT - 1)
        sky = bytes(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        dark = bytes(channel // 3 for channel in sky)
        rows.append(0)  # the row's filter: none
        for x in range(WIDTH):
            edge = HEIGHT * 3 // 4 + (x * 7 % 40) // 4
            rows += dark if y > edge else sky
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(bytes(rows), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@cache
def menu_pdf() -> bytes:
    """Return a one-page PDF of the menu (PDF 1.4: header, five objects, cross-reference table, trailer)."""
    lines = ("The Terrace", "Pad Thai  12.50", "Green curry  13.00", "Mango sticky rice  7.00")
    drawn = " ".join(f"({line}) Tj 0 -28 Td" for line in lines)
    content = f"BT /F1 20 Tf 72 760 Td {drawn} ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    document = "%PDF-1.4\n"
    offsets = []
    for number, text in enumerate(objects, 1):
        offsets.append(len(document))
        document += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(document)
    document += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    document += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return document.encode("ascii")
