"""Creates the bundle: a zip of files and their manifest, without any key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chatgrid_tui import __version__
from chatgrid_tui.config.secret import Secret
from chatgrid_tui.engine.key_mask import MASK, KeyMask
from chatgrid_tui.engine.key_search import holds_key, streams_hold_key
from chatgrid_tui.engine.recording import Recording
from chatgrid_tui.errors import UsageProblem
from chatgrid_tui.model.json import Json

MANIFEST: Final = "MANIFEST.json"
_FORMAT: Final = 1
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can contain."""


def bundle_of(
    files: Mapping[str, bytes], recordings: Collection[Recording], keys: Collection[Secret], created: datetime
) -> bytes:
    """Return a zip of named files, and a manifest of them. `recordings` are those in the files; none of `keys` may be
    in any of them. `created` must be aware.

    Raises:
        UsageProblem: one of the keys is in a file. The message names the file, but not the key.
    """
    files = {**files, MANIFEST: _manifest(files, recordings, created)}
    if (mask := KeyMask.of_all(keys)) is not None:
        _refuse_keys(files, recordings, mask)
    written = BytesIO()
    moment = max(created.timetuple()[:6], _EARLIEST)
    with ZipFile(written, "w", ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            member = ZipInfo(name, moment)
            member.compress_type = ZIP_DEFLATED
            member.external_attr = (0o700 if name.endswith(".sh") else 0o600) << 16
            bundle.writestr(member, data)
    return written.getvalue()


def _refuse_keys(files: Mapping[str, bytes], recordings: Iterable[Recording], mask: KeyMask) -> None:
    for name, data in files.items():
        if holds_key(name.encode(), mask) or holds_key(data, mask):
            raise UsageProblem(f"{mask.text(name)} would contain a key. Nothing was written.")
    if streams_hold_key(recordings, mask):
        raise UsageProblem("The recording would contain a key, in pieces. Nothing was written.")


def _manifest(files: Mapping[str, bytes], recordings: Iterable[Recording], created: datetime) -> bytes:
    """Return the manifest. `redactions` counts the masks in each file, and the headers without a value."""
    listed: list[Json] = []
    masks = 0
    for name, data in files.items():
        count = len(MASK.findall(data.decode("latin-1")))
        masks += count
        digest = hashlib.sha256(data).hexdigest()
        listed.append({"name": name, "size": len(data), "sha256": digest, "redactions": count})
    manifest: dict[str, Json] = {
        "format": _FORMAT,
        "creator": {"name": "chatgrid-tui", "version": __version__},
        "created": created.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "sanitized": True,
        "redactions": {"keys": masks, "headers": sum(len(recording.redacted) for recording in recordings)},
        "files": listed,
    }
    return json.dumps(manifest, indent=2).encode() + b"\n"
