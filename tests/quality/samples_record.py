"""Rows on which the routes of recording a visit and of evidence are tried (tests/permissions.py)."""

from commissioning.kernel.tenancy.viewer import acting_as
from quality.actions.keep_evidence import keep_evidence
from quality.models import Evidence, Visit
from tests.permissions import Sample
from tests.quality.tablets import own, photograph, planned_visit


def _visit(cast) -> Visit:
    """Southwark's, planned at a home of Alder's, made once."""
    with own(cast.authority):
        made = Visit.objects.filter(establishment__urn="SC900009").first()
    lead = cast.person("quality_officer")
    return made or planned_visit(cast.authority, cast.provider, lead, urn="SC900009", name="Sample House")


def _evidence(cast):
    """As it is once the visit is published: before, those alone read it who work with cases."""
    visit, lead = _visit(cast), cast.person("quality_officer")
    with acting_as(lead.viewer, by=lead):
        row = Evidence.objects.filter(visit=visit).first() or keep_evidence(
            content=photograph(), name="hall.jpg", kind="photograph", by=lead, now=cast.now, visit=visit, consent=True
        )
        Evidence.objects.filter(pk=row.pk).update(to_provider=True, to_members=True)
    return {"uuid": row.uuid}


SAMPLES = {
    **{
        name: Sample(lambda cast: {"uuid": _visit(cast).uuid}, hidden_from="stranger")
        for name in ("visit-record", "visit-record-data", "visit-record-sync", "visit-record-file")
    },
    "evidence": Sample(_evidence, hidden_from="rival"),
}
