"""Two people change one record: the second sees both, what is stored now and what was typed, and decides."""

from datetime import date
from typing import Any

from django.forms import Form

from commissioning.kernel import wording
from commissioning.kernel.forms import LastDayField

from ..actions.leading import ChangedMeanwhile
from ..rules.terms import last_day


def difference(form: Form, refused: ChangedMeanwhile) -> list[tuple[str, str, str]]:
    """(field, stored now, typed) where they differ. The form takes the new version, so that saving again decides."""
    form.data = form.data.copy()
    form.data["version"] = str(refused.now.version)
    rows = []
    for name, typed in form.cleaned_data.items():
        if name in ("version", "reason") or not hasattr(refused.now, name):
            continue
        stored = getattr(refused.now, name)
        if stored != typed:
            field = form.fields[name]
            rows.append((str(field.label), _words(field, stored), _words(field, typed)))
    return rows


def _words(field: Any, value: Any) -> str:
    if isinstance(value, date):
        return wording.day(last_day(value) if isinstance(field, LastDayField) else value)
    choices = {str(choice[0]): str(choice[1]) for choice in getattr(field, "choices", ())}
    return choices.get(str(value), "" if value is None else str(value)) or "nothing"
