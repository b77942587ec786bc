"""Which keys a process knows, so that it can mask them wherever they appear."""

from __future__ import annotations

from chatgrid_tui.config.secret import Secret, known_secrets


def known() -> set[str]:
    """Return all known keys."""
    return {secret.reveal() for secret in known_secrets()}


def test_only_the_newest_of_many_keys_seen_in_requests_are_known() -> None:
    Secret("sk-configured")
    Secret.seen("sk-configured")
    before = len(known_secrets())
    for number in range(1000):
        Secret.seen(f"sk-seen-{number}")
    assert len(known_secrets()) <= before + 200
    assert {"sk-configured", "sk-seen-999"} <= known()
    assert "sk-seen-0" not in known()


def test_a_key_that_is_seen_again_is_among_the_newest() -> None:
    Secret.seen("sk-again")
    for number in range(150):
        Secret.seen(f"sk-first-{number}")
    Secret.seen("sk-again")
    for number in range(150):
        Secret.seen(f"sk-second-{number}")
    assert "sk-again" in known()
