"""The certificates that https connections trust, as set in the environment."""

from __future__ import annotations

import os
import re
import ssl
from typing import Final

import certifi

from chatgrid_tui.engine.transport import no_connection
from chatgrid_tui.errors import ConnectionProblem
from chatgrid_tui.model.failure import Failure, SettingsCause

_HASHED: Final = re.compile(r"[0-9a-f]{8}\.\d+")
"""The names by which OpenSSL finds certificates in a folder; `openssl rehash` creates them."""


def trusted_certificates() -> ssl.SSLContext:
    """Return a context that trusts `SSL_CERT_FILE`, else `SSL_CERT_DIR`, else the certificates of certifi.

    Raises:
        ConnectionProblem: one of these or `SSLKEYLOGFILE` is set and cannot be used.
    """
    file, folders = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        return _context("SSL_CERT_FILE", file, cafile=file)
    if folders:
        _check_folders(folders)
        return _context("SSL_CERT_DIR", folders, capath=folders)
    bundle = certifi.where()
    return _context("certifi", bundle, cafile=bundle)


def _context(source: str, path: str, *, cafile: str | None = None, capath: str | None = None) -> ssl.SSLContext:
    try:
        if cafile is not None and not os.path.isfile(cafile):  # reading a pipe could block
            os.stat(cafile)
            raise _unusable("no certificates", source, path)
        return ssl.create_default_context(cafile=cafile, capath=capath)
    except ssl.SSLError:
        raise _unusable("no certificates", source, path) from None
    except (OSError, ValueError) as error:  # ValueError: a path with NUL in it
        key_log = os.environ.get("SSLKEYLOGFILE", "")
        if key_log and getattr(error, "filename", None) == key_log:
            raise _unusable("key log", "SSLKEYLOGFILE", key_log) from None
        raise _unusable("certificates unreadable", source, path) from None


def _check_folders(folders: str) -> None:
    """Raise `ConnectionProblem` if none of the folders contains a certificate: OpenSSL does not report that."""
    readable = False
    for folder in filter(None, folders.split(os.pathsep)):
        try:
            names = os.listdir(folder)
        except (OSError, ValueError):
            continue
        readable = True
        if any(map(_HASHED.fullmatch, names)):
            return
    raise _unusable("no certificates" if readable else "certificates unreadable", "SSL_CERT_DIR", folders)


def _unusable(cause: SettingsCause, source: str, path: str) -> ConnectionProblem:
    return no_connection(Failure("network", cause, place=f"{source} ({path})"))
