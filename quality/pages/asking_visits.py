"""Answers that young inspectors bring home from a visit: of the home, and of no placement."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.pages.saving import saved

from ..actions.answers import Given, record_answers
from ..forms_asking import EnterForVisitForm
from ..models import Survey, SurveyResponse, Visit
from ..rules import codes
from .asking_home import chosen_survey, no_survey, questions_of, thanks_for
from .asking_links import asking_links

# What children live in at a home of each kind: what the form offers first.
KINDS = {
    "childrens_home": "residential", "secure_childrens_home": "secure", "school_as_home": "school",
    "fostering_agency": "fostering", "supported_accommodation": "supported", "residential_family_centre": "family",
}  # fmt: skip


@allowed("surveys")
def visit_list(request: HttpRequest) -> HttpResponse:
    rows = (
        Visit.objects.filter(authority=request.user.authority_id, state__in=codes.DONE_STATES, kind="site")
        .filter(Q(young_inspectors=True) | Q(template__young_inspectors=True))
        .select_related("establishment", "provider").annotate(said=Count("survey_responses"))
        .order_by("-visited_on", "-pk")
    )  # fmt: skip
    may = request.user.may("create", "surveys")
    columns = [
        Column("home", "Visit", value=lambda row: f"{row.establishment.shown_name}, visit {row.number}",
               link=lambda row: reverse("asking-visit", args=[row.uuid]) if may else None),
        Column("day", "Day", value=lambda row: row.visited_on, kind="date"),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("said", "Responses", kind="number"),
    ]  # fmt: skip
    table = Table.for_request(
        request, columns, rows, "Young inspectors’ visits", caption_hidden=True, noun=("visit", "visits"),
        empty=EmptyState("No visit by young inspectors yet", "What young people told young inspectors on a visit is "
                         "entered here, once such a visit of yours has taken place.", "See visits", "/visits/"),
    )  # fmt: skip
    return render(request, "quality/asking_visits.html", {
        "table": table, "links": asking_links(request.user, "asking-visits"),
        "answer": f"{table.total:,} {'visit' if table.total == 1 else 'visits'} of young inspectors." if table.total
        else "",
    })  # fmt: skip


@allowed("surveys", "create")
def enter_visit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    visit = get_object_or_404(Visit.objects.select_related("establishment", "provider", "authority"), uuid=uuid)
    if visit.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority that made a visit enters what was said on it.")
    crumbs = [("Asking", reverse("asking")), ("Young inspectors’ visits", reverse("asking-visits"))]
    surveys = list(Survey.objects.in_use())
    survey = chosen_survey(request, surveys, None)
    if survey is None:
        return no_survey(request, crumbs)
    before = SurveyResponse.objects.filter(visit=visit).count()
    form = EnterForVisitForm(
        request.POST or None, survey=survey, questions=questions_of(survey),
        initial={"answered_on": visit.visited_on or visit.planned_on, "answered_by": "self",
                 "service_type": KINDS.get(visit.establishment.kind, "other")},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        given = Given(survey=survey, visit=visit, entry="visit", occasion="visit", **form.facts())
        (made,) = record_answers(authority_id=visit.authority_id, given=[given], by=request.user, now=timezone.now())
        return f"{thanks_for(made)} Enter the next young person’s, or stop here.", request.get_full_path()

    return saved(
        request, form, save, heading=f"Answers from the visit to {visit.establishment.shown_name}",
        crumb="Enter answers", crumbs=crumbs, template="quality/asking_enter.html", surveys=surveys, survey=survey,
        answer=f"Visited on {wording.day(visit.visited_on or visit.planned_on)}. {before:,} "
        f"{'response is' if before == 1 else 'responses are'} recorded so far. One form for each young person, with no "
        "name. An answer of not being safe is told at once to the people whom your authority has named.",
    )  # fmt: skip
