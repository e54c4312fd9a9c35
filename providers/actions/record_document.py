"""A document that a provider must keep in force: recorded by an authority, or by the provider's own contact."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import ComplianceDocument, Provider


def record_document(
    *, provider: Provider, kind: str, expires_on: date, by: Any, reference: str = "", issued_on: date | None = None
) -> ComplianceDocument:
    """Adds a document beside the earlier ones; the newest of a kind is the one in force.

    Raises ValidationError where it would expire on or before the day it was issued, or is recorded already.
    """
    if issued_on and expires_on <= issued_on:
        raise ValidationError({"expires_on": "The last day of cover must be after the day it was issued."})
    same = ComplianceDocument.objects.filter(provider=provider, kind=kind, reference=reference, expires_on=expires_on)
    if same.exists():
        raise ValidationError("This document is recorded already, with the same reference and the same date.")
    with acting_as(current_viewer(), by=by):
        return ComplianceDocument.objects.create(
            provider=provider, kind=kind, reference=reference, issued_on=issued_on, expires_on=expires_on
        )
