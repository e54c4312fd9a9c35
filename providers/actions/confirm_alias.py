"""A person confirms that another name in files stands for a provider: from then on files under it are matched."""

from typing import Any

from django.core.exceptions import ValidationError

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Alias, Provider
from ..rules.names import fold


def confirm_alias(*, provider: Provider, name: str, by: Any) -> Alias:
    """Raises ValidationError where the name says nothing, is a provider's own, or stands for one already."""
    name = " ".join(name.split())
    folded = fold(name)
    if not folded:
        raise ValidationError({"name": "Enter a name with letters or figures in it."})
    if own := Provider.objects.filter(folded_name=folded).first():
        raise ValidationError({"name": f"This is the name of {own} itself: files under it are matched already."})
    if given := Alias.objects.filter(folded_name=folded).select_related("provider").first():
        raise ValidationError({"name": f"This name stands for {given.provider} already."})
    with acting_as(current_viewer(), by=by):
        return Alias.objects.create(provider=provider, name=name, folded_name=folded)
