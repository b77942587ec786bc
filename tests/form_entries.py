"""Providers as they are typed in the form."""

from __future__ import annotations

from dataclasses import fields

from chatgrid_tui.config.provider_fields import ProviderFields

_OWN = {field.name for field in fields(ProviderFields)} - {"options"}


def filled(form: ProviderFields | None = None, **typed: object) -> ProviderFields:
    """Return the fields of a form, an empty one by default, with other texts in them; options go by their names."""
    copy = (form or ProviderFields()).copy()
    for name, value in typed.items():
        if name in _OWN:
            setattr(copy, name, value)
        else:
            assert isinstance(value, str | bool)
            copy.options[name] = value
    return copy
