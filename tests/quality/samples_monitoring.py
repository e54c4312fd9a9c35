"""Rows on which the routes of monitoring are tried (tests/permissions.py)."""

from quality.models import Visit
from tests.permissions import Sample
from tests.providers.samples import home_of
from tests.quality.monitored import TODAY, as_member, visit_of


def _visit(cast):
    """Lewisham's published visit."""
    home = home_of(cast.provider)
    with as_member(cast.other):
        made = Visit.objects.filter(establishment=home, state="published").first()
        return {"uuid": (made or visit_of(cast.other, home, TODAY)).uuid}


SAMPLES = {
    "rely": Sample(_visit, why="every member may rely on a published visit; its own is refused in words"),
    "interval-change": Sample(lambda cast: {"service": "residential"}, why="each authority changes its own days"),
}
