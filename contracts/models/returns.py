"""Returns taken out of the platform: the one road by which a child's reference and date of birth leave it."""

from django.db import models

from .children import OwnFact


class ReturnTaken(OwnFact):
    """An authority’s own statutory return, or its answers to a freedom of information request: who took which, as at
    which day, and why. Never changed or removed."""

    immutable = True

    layout = models.TextField()
    as_at = models.DateField()
    taken_by = models.TextField()
    reason = models.TextField()
    rows_given = models.IntegerField()
