"""Sentences about connections that failed or were lost."""

from __future__ import annotations

from typing import Final, NamedTuple

from chatgrid_tui.model.failure import Failure, FailureCause
from chatgrid_tui.text import clean_line

ITS_ADDRESS_IS_HTTPS: Final = "Its address begins with https://."
_NOTHING_SENT: Final = "Nothing was sent."
_MAYBE_PLAIN: Final = f"{_NOTHING_SENT} If the service uses plain http, its address begins with http://."
_MAYBE_OFFLINE: Final = "Is this machine online?"
_CHECK_ADDRESS: Final = "Check the address of the provider."
_OWN_AUTHORITY: Final = f"{_NOTHING_SENT} SSL_CERT_FILE can name a file of certificates to trust."
_CHECK_VARIABLE: Final = f"{_NOTHING_SENT} Correct the variable, or unset it."


class ConnectionExplanation(NamedTuple):
    """What happened, and what that means or what the user can do; the second may be empty."""

    headline: str
    text: str = ""


_BEFORE_TEXT: Final[dict[FailureCause, tuple[str, ...]]] = {
    # configuration of the provider or this machine
    "insecure": (
        "{place} would be reached without encryption.",
        f"{_NOTHING_SENT} Use https, or set allow_http = true for this provider.",
    ),
    "key": ("{place}", _NOTHING_SENT),
    "no board": ("{place}", f"{_NOTHING_SENT} The settings of the provider can name one."),
    "unusable address": ("{place} cannot be used as an address.", _NOTHING_SENT),
    "certificates unreadable": ("The certificates of {place} cannot be read.", _CHECK_VARIABLE),
    "no certificates": ("There are no certificates in {place}.", _CHECK_VARIABLE),
    "key log": ("The file of {place} cannot be written.", _CHECK_VARIABLE),
    "no SOCKS": (
        "The SOCKS proxy of {place} cannot be used: the package for it is not installed.",
        f"{_NOTHING_SENT} Install chatgrid-tui[socks], or name the host in NO_PROXY.",
    ),
    "unknown proxy kind": (
        "The proxy of {place} is of an unsupported kind.",
        f"{_NOTHING_SENT} Its address can begin with http://, https:// or socks5://.",
    ),
    "unusable proxy address": (
        "The address of the proxy in {place} cannot be used.",
        f"{_NOTHING_SENT} It is written like http://proxy.example:3128.",
    ),
    # proxy
    "proxy not reached": ("Nothing answers at the proxy {place}.", _NOTHING_SENT),
    "unknown proxy host": ("The host of the proxy {place} does not exist.", _NOTHING_SENT),
    "proxy silent": ("The proxy {place} did not answer in time.", _NOTHING_SENT),
    "proxy not trusted": ("No trusted connection to the proxy {place} can be made.", _NOTHING_SENT),
    "not a proxy": ("{place} does not answer as a proxy does.", "The service was not reached."),
    # connection to the service
    "refused": ("Nothing answers at {place}.",),
    "unreachable": ("{place} cannot be reached from this machine.", _MAYBE_OFFLINE),
    "unknown host": ("There is no host called {place}.", _CHECK_ADDRESS),
    "name lookup failed": ("The host {place} could not be looked up.", _MAYBE_OFFLINE),
    "no connection in time": ("{place} did not accept the connection in time.",),
    "certificate": ("The certificate of {place} cannot be trusted.", _NOTHING_SENT),
    "certificate name": ("The certificate of {place} cannot be trusted: it is for another host.", _NOTHING_SENT),
    "certificate expired": ("The certificate of {place} cannot be trusted: it has expired.", _NOTHING_SENT),
    "certificate not yet valid": (
        "The certificate of {place} cannot be trusted: it is not valid yet.",
        f"{_NOTHING_SENT} Is the clock of this machine right?",
    ),
    "certificate issuer": ("The certificate of {place} cannot be trusted: its issuer is unknown.", _OWN_AUTHORITY),
    "certificate self-signed": ("The certificate of {place} cannot be trusted: it is self-signed.", _OWN_AUTHORITY),
    "no TLS": ("No encrypted connection to {place} can be made.", _MAYBE_PLAIN),
    "TLS refused": ("{place} and this program have no encryption in common.", _NOTHING_SENT),
    "client certificate": (
        "{place} requires a client certificate, and this program has none.",
        "It accepts only clients that have one.",
    ),
    "TLS not answered": ("{place} accepted the connection but did not answer with TLS.", _MAYBE_PLAIN),
    # answer
    "TLS expected": ("{place} expects an encrypted connection.", ITS_ADDRESS_IS_HTTPS),
    "not HTTP": ("{place} does not speak HTTP.", "Check the port in the address of the provider."),
    "no answer in time": ("{place} accepted the message but did not answer in time.",),
    "headers too long": ("{place} sent too many headers.", "It was ended."),
    "transfer coding": ("{place} sent its reply in a transfer coding that cannot be read.", "It was not read."),
}
_REFUSALS: Final = {
    403: "It does not allow access to the service.",
    407: "Its address needs a user name and a password, or different ones.",
    502: "It could not reach the service.",
    503: "It could not reach the service.",
    504: "It could not reach the service in time.",
}


def explain_connection(failure: Failure, characters: int | None) -> ConnectionExplanation:
    """Explain a network failure. `characters` is how much text came before it, or None if that is not known."""
    place = clean_line(failure.place) or "the service"
    if (explanation := _BEFORE_TEXT.get(failure.cause)) is not None:
        headline, *rest = explanation
        return ConnectionExplanation(_sentence(headline.replace("{place}", place)), *rest)
    after = f" after {characters:,} characters" if characters else ""
    when = " before any text arrived" if characters == 0 else after
    match failure.cause:
        case "proxy refused":
            status = f" ({failure.status})" if failure.status else ""
            text = _REFUSALS.get(failure.status or 0, clean_line(failure.message or "", 200))
            return ConnectionExplanation(f"The proxy {place} refused the connection{status}.", _sentence(text))
        case "silence":
            after = " after 0 characters" if characters == 0 else after
            return ConnectionExplanation(f"No more data arrived, and the reply was given up{after}.")
        case "no text":
            when = " and no text" if characters == 0 else after
            return ConnectionExplanation(f"Only heartbeats arrived{when}; the reply was given up.")
        case "broken chunks":
            return ConnectionExplanation(f"The reply was not valid HTTP{when}.")
        case "broken compression":
            return ConnectionExplanation(f"The compression ({place}) of the reply is damaged or cut off{when}.")
        case _:
            when = " before the reply arrived" if characters == 0 else after
            return ConnectionExplanation(f"The connection was lost{when}.")


def _sentence(text: str) -> str:
    """Return text that ends like a sentence."""
    return text if not text or text[-1] in ".!?…" else f"{text}."
