"""What is asked on visits: the first content, read beforehand by the provider, and versions that never change."""

import csv
import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_statements import FILE
from providers.rules.codes import ESTABLISHMENT_KINDS
from quality.actions.load_templates import load_templates
from quality.actions.plan_visit import fits_kind, plan_visit
from quality.actions.template_versions import Asked, make_version
from quality.models import TemplateQuestion, Visit, VisitTemplate
from quality.rules import codes, standards
from tests.quality.visiting import BY, again, own, planned, recorded, with_templates
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FIRST = {"supported-site", "home-site", "fostering-site", "desktop", "provider-report", "young-inspectors"}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_first_templates_are_whole_and_loaded_once(cast):
    with acting_as(Viewer.of_service("tests"), by=BY):
        assert load_templates() == 6
        before = list(TemplateQuestion.objects.values_list("uuid", flat=True))
        assert load_templates() == 6
        assert list(TemplateQuestion.objects.values_list("uuid", flat=True)) == before
        templates = {each.code: each for each in VisitTemplate.objects.in_use()}
        assert set(templates) == FIRST
        with FILE.open(encoding="utf-8", newline="") as file:
            numbers = {int(row["number"]) for row in csv.DictReader(file)}
        served = set()
        for template in templates.values():
            asked = list(template.questions.all())
            assert 12 <= len(asked) <= 30, template
            assert [each.section for each in asked] == sorted(each.section for each in asked)
            for each in asked:
                assert set(each.statements) <= numbers
                assert set(each.standards) <= standards.NAMES
                assert each.statements, each
                assert each.standards, each
                assert not each.vital or (each.weight and codes.ANSWER_SCALES[each.scale]), each
                served |= set(each.statements)
            assert sum(each.vital for each in asked), template
        assert served == numbers, "every I statement is served by a question"
        young = " ".join(each.words.lower() for each in templates["young-inspectors"].questions.all())
        for found_unsafe in (
            "walk here",
            "stranger",
            "lock",
            "lives in the other",
            "visitors",
            "ill",
            "lights",
            "clean",
        ):
            assert found_unsafe in young
        fits = {
            kind: {code for code, each in templates.items() if fits_kind(each, kind)} for kind in ESTABLISHMENT_KINDS
        }
    everywhere = {"desktop", "provider-report"}
    assert fits["supported_accommodation"] == {*everywhere, "supported-site", "young-inspectors"}
    assert fits["childrens_home"] == {*everywhere, "home-site", "young-inspectors"}
    assert fits["fostering_agency"] == {*everywhere, "fostering-site"}


def test_the_provider_reads_beforehand_what_will_be_asked(cast):
    with_templates()
    alder = signed_in(cast.person("provider_contact"))
    listed = text(alder.get("/visits/templates/"))
    assert "6 templates are in use. Providers may read each of them before a visit." in listed
    assert "never a regulation 44 visit" in listed
    with own(cast.authority):
        home = VisitTemplate.objects.get(code="home-site")
        asked = list(home.questions.values_list("words", flat=True))
    page = text(alder.get(f"/visits/templates/{home.uuid}/"))
    assert "never a regulation 44 visit" in page
    for words in asked:
        assert words.replace("'", "&#x27;") in page
    assert "From 85% the place meets what is expected" in page
    assert "Make the next version" not in page
    assert alder.get(f"/visits/templates/{home.uuid}/next/").status_code == 403


def posted(page: str) -> dict[str, str]:
    """What the form would send as it stands."""
    sent = dict(re.findall(r'<input type="text" name="([^"]+)" value="([^"]*)"', page))
    sent |= dict(re.findall(r'name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', page))
    sent |= {name: "on" for name in re.findall(r'name="([^"]+_vital)"[^>]*checked', page)}
    for name, options in re.findall(r'<select name="([^"]+)"(.*?)</select>', page, re.DOTALL):
        sent[name] = re.search(r'<option value="([^"]*)" selected', options)[1]
    return {name: value.replace("&#x27;", "'").replace("&amp;", "&") for name, value in sent.items()}


def test_a_quality_officer_makes_the_next_version_and_the_one_before_stays(cast):
    visit = recorded(planned(cast))
    with own(cast.authority):
        first = again(visit).template
        kept = list(first.questions.values_list("section", "number", "words", "weight", "vital"))
        keys = list(first.questions.values_list("pk", flat=True))
    officer = signed_in(cast.person("quality_officer", stranger=True))
    at = f"/visits/templates/{first.uuid}/next/"
    page = officer.get(at)
    assert "Version 1 stays as it is: 1 visit was recorded by it." in text(page)
    whole = posted(page.content.decode())
    assert officer.post(at, whole).status_code == 302, "as it stands it is valid"
    assert "Somebody made another version meanwhile" in text(officer.post(at, whole))
    with own(cast.authority):
        second = VisitTemplate.objects.in_use().get(code="supported-site")
        assert second.number == 2
        assert list(second.questions.values_list("section", "number", "words", "weight", "vital")) == kept
        keys = list(second.questions.values_list("pk", flat=True))
    at = f"/visits/templates/{second.uuid}/next/"
    whole = posted(officer.get(at).content.decode())
    bad = whole | {
        f"q{keys[0]}_words": "",
        f"q{keys[1]}_statements": "eleven",
        "new1_words": "A question of no section",
    }
    refused = text(officer.post(at, bad))
    assert "enter the question, or tick that it is retired" in refused
    assert "Enter the numbers of I statements" in refused
    assert "A question of no section" in refused, "nothing typed is lost"
    assert "numbered from 1 to 10" in text(officer.post(at, whole | {f"q{keys[0]}_statements": "1 11"}))
    assert "no quality standard is called" in text(officer.post(at, whole | {f"q{keys[0]}_standards": "kindness"}))
    changed = whole | {
        f"q{keys[0]}_retire": "on", f"q{keys[1]}_words": "Are shops near?", "new1_words": "Is there a garden?",
        "new1_section": "The room and the house", "new1_statements": "7, 2", "new1_standards": "accommodation; support",
    }  # fmt: skip
    assert "Version 3 is in use" in text(officer.post(at, changed, follow=True))
    with own(cast.authority):
        third = VisitTemplate.objects.in_use().get(code="supported-site")
        words = [(each.label, each.words) for each in third.questions.all()]
        assert len(words) == len(kept)
        assert words[0] == ("1.1", "Are shops near?")
        garden = third.questions.get(words="Is there a garden?")
        assert (garden.section, garden.number, garden.statements) == (3, 6, [2, 7])
        # What was recorded on keeps its questions, word for word; a visit planned before keeps its version.
        assert list(first.questions.values_list("section", "number", "words", "weight", "vital")) == kept
        assert Visit.objects.get().template == first
        with pytest.raises(ValidationError):
            make_version(template=third, name="x", says="", questions=[], by=cast.person("quality_officer"))
        with pytest.raises(ValidationError, match="vital"):
            make_version(template=third, name="x", says="", by=cast.person("quality_officer"),
                         questions=[Asked("A", "How?", "words", vital=True)])  # fmt: skip
    old = text(officer.get(f"/visits/templates/{first.uuid}/"))
    assert "Version 3 took the place of this one." in old
    assert "Make the next version" not in old
    assert signed_in(cast.person("analyst")).get(at).status_code == 403


def test_a_template_is_retired_whole_and_what_was_planned_on_it_keeps_it(cast):
    visit = planned(cast)
    officer, alder = signed_in(cast.person("quality_officer")), signed_in(cast.person("provider_contact"))
    with own(cast.authority):
        template, home = again(visit).template, again(visit).establishment
    page, at = f"/visits/templates/{template.uuid}/", f"/visits/templates/{template.uuid}/retire/"
    assert "1 visit that is planned keeps it." in text(officer.get(at))
    assert "Say why it is no longer used" in text(officer.post(at, {"why": " "}))
    for other in (alder, signed_in(cast.person("analyst"))):
        assert other.post(at, {"why": "No"}).status_code == 403
    told = text(officer.post(at, {"why": "The young inspectors wrote a better one"}, follow=True))
    assert "is retired: no visit is planned on it from now on." in told
    assert "What was planned on it before, and what was recorded, keeps it." in told
    assert "Why: The young inspectors wrote a better one" in told
    assert "retired already" in text(officer.post(at, {"why": "Again"}))
    listed = text(officer.get("/visits/templates/"))
    assert "5 templates are in use." in listed
    assert f"Retired {template.name} , version 1, on" in listed
    assert str(template.uuid) not in officer.get(f"/visits/new/?establishment={home.uuid}").content.decode()
    with own(cast.authority), pytest.raises(ValidationError, match="no longer used"):
        plan_visit(authority_id=cast.authority.pk, establishment=home, by=BY, planned_on=visit.planned_on,
                   template=VisitTemplate.objects.get(pk=template.pk), today=visit.planned_on)  # fmt: skip
    with own(cast.authority):
        assert again(visit).template == template
    assert template.name in text(officer.get(f"/visits/{visit.uuid}/"))
    assert officer.get(f"/visits/{visit.uuid}/record/").status_code == 200
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_templates()  # leaves it retired
        assert not VisitTemplate.objects.in_use().filter(code=template.code).exists()
    whole = posted(officer.get(f"{page}next/").content.decode())
    assert "Version 2 is in use" in text(officer.post(f"{page}next/", whole, follow=True))
    with own(cast.authority):
        assert VisitTemplate.objects.in_use().get(code=template.code).number == 2
