"""Pages of providers, establishments and inspections, from Ofsted's files to what each viewer reads."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import PriceLine, User
from providers.actions.confirm_alias import confirm_alias
from providers.actions.name_home import name_home
from providers.actions.record_document import record_document
from providers.models import (
    Alias,
    Award,
    ComplianceDocument,
    Establishment,
    Ownership,
    Provider,
    Rate,
    WorkingName,
)
from providers.rules.terms import document_state
from quality.models import Inspection
from quality.rules.changes import change, limiting
from tests.conftest import SERVICE
from tests.resident import resident
from tests.world import build_world

from .books import FILES, xlsx
from .test_ofsted import bring

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BY = "service:tests"


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path):
    settings.INBOX = tmp_path / "inbox"
    settings.SECOND_FACTOR_REQUIRED = False


def build_loaded(*_):
    """Ofsted's files of 2018, 2021 and 2024, and the workbook of 2025."""
    for year in (2018, 2021, 2024):
        bring(FILES / f"provider_level_at_31_march_{year}.csv")
    with TemporaryDirectory() as folder:
        bring(xlsx(Path(folder) / "provider_level_at_31_march_2025.xlsx"))
    with acting_as(SERVICE, by=BY):
        return {provider.name: provider for provider in Provider.objects.all()}


_resident_loaded, loaded = resident("loaded", build_loaded)


def officer(authority, role="commissioning_officer"):
    with acting_as(SERVICE, by=BY):
        return User.objects.create_user(f"{role}@{authority.slug}.test", None, role=role, authority=authority)


def contact(provider):
    with acting_as(SERVICE, by=BY):
        return User.objects.create_user(
            f"contact@p{provider.pk}.test", None, role="provider_contact", provider=provider
        )


def address(name, row):
    return reverse(name, args=[row.uuid])


def page(client, url, status=200):
    response = client.get(url)
    assert response.status_code == status, response.content[:500]
    return " ".join(response.content.decode().split())


def rows_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.fixture
def reader(client, southwark):
    client.force_login(officer(southwark))
    return client


def home(urn):
    with acting_as(SERVICE, by=BY):
        return Establishment.objects.get(urn=urn)


def test_nothing_loaded(reader):  # first: what is loaded stays until the last test of this file
    assert "No providers yet" in page(reader, "/providers/")
    assert "No inspections yet" in page(reader, "/inspections/")


def test_the_list_says_what_each_provider_runs_and_how_it_is_judged(reader, loaded):
    html = page(reader, "/providers/")
    assert "4 of 7 providers run 4 establishments on Ofsted&#x27;s list of 31 March 2025." in html
    rows = {row["name"]: row for row in rows_of(reader, "/providers/?format=csv")}
    assert len(rows) == len(loaded) == 7
    assert rows["Juniper Homes Ltd"] == {
        "name": "Juniper Homes Ltd", "sector": "Private", "establishments": "1", "kinds": "Children's home 1",
        "areas": "Lewisham 1", "grades": "1 Good", "outcomes": "", "awards": "0",
    }  # fmt: skip
    assert rows["Birch Doors (UK) Limited"]["outcomes"] == "1 Inconsistent quality of service delivery"
    assert rows["Birch Doors (UK) Limited"]["grades"] == ""
    assert rows["Pont Housing"]["outcomes"] == "1 not yet inspected"
    assert rows["Kent County Council"]["establishments"] == "0"


def test_filters_search_and_downloads_show_the_same_rows(reader, loaded):
    def names(query):
        return [row["name"] for row in rows_of(reader, f"/providers/?{query}&format=csv")]

    assert names("search=sc100001") == ["Juniper Homes Ltd"]
    assert names("search=BIRCH+uk") == ["Birch Doors (UK) Limited"]
    with acting_as(SERVICE, by=BY):
        confirm_alias(provider=loaded["Pont Housing"], name="Bridge Homes Cymru", by=BY)
    assert names("search=bridge+cymru") == ["Pont Housing"]
    assert names("kind=supported_accommodation") == ["Birch Doors (UK) Limited", "Pont Housing"]
    assert names("area=Cardiff&kind=supported_accommodation") == ["Pont Housing"]
    assert names("sector=voluntary&state=listed") == ["Alder Fostering Limited", "Pont Housing"]
    assert names("state=none&sort=-name")[0] == "Willow Care Ltd"
    html = page(reader, "/providers/?kind=supported_accommodation")
    assert "2 of 7 providers" in html
    assert 'Runs: <span class="app-filters__on">Supported accommodation</span>' in html
    assert "No provider like that" in page(reader, "/providers/?search=zzzz")
    book = load_workbook(io.BytesIO(reader.get("/providers/?kind=supported_accommodation&format=xlsx").content))
    assert [row[0] for row in book["Providers"].iter_rows(min_row=2, values_only=True)] == names(
        "kind=supported_accommodation"
    )
    assert ("Filters", "Runs: Supported accommodation") in book["About this file"].iter_rows(values_only=True)


@pytest.mark.parametrize(
    "url", ["/providers/", "/inspections/?told=all", "/providers/?kind=childrens_home&sort=-establishments"]
)
def test_the_number_of_queries_does_not_grow(reader, loaded, django_assert_max_num_queries, url):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        page(reader, url)
    with acting_as(SERVICE, by=BY):
        many = [Provider(name=f"Maple {n}", folded_name=f"maple {n}") for n in range(120)]
        Provider.objects.bulk_create(many)
        homes = Establishment.objects.bulk_create(
            Establishment(
                urn=f"SC8{n:05}", kind="childrens_home", provider=many[n], listed_at=date(2025, 3, 31), area_name="Kent"
            )
            for n in range(120)
        )
        Inspection.objects.bulk_create(
            Inspection(
                establishment=each, provider=each.provider, event_number=str(n), inspected_on=date(2024, 1, 1),
                scale="grades", overall="good", as_at=date(2025, 3, 31),
            )
            for n, each in enumerate(homes)
        )  # fmt: skip
    with django_assert_max_num_queries(len(few)):
        html = page(reader, url)
    assert "1 to 50 of" in html


def test_a_provider_says_what_it_runs(reader, loaded):
    html = page(reader, address("provider", loaded["Juniper Homes Ltd"]))
    assert "Runs 1 establishment in Lewisham, with 5 places, on Ofsted&#x27;s list of 31 March 2025." in html
    assert "Latest judgements of homes and agencies: 1 Good." in html
    assert "Children&#x27;s home, Lewisham, URN SC100001" in html
    assert "Cancelled on 2 February 2025" in html  # the home that left the list
    assert "not recorded" in html
    html = page(reader, address("provider", loaded["Birch Doors (UK) Limited"]))
    assert "Supported-accommodation premises on the list of 31 March 2025" in html
    counted = html.split("Supported-accommodation premises on")[-1]
    row = counted.split(">Southwark<")[1].split("</tr>")[0]
    assert row.count(">2<") == 2  # two of category 1, two places in all
    assert "Runs no establishment" in page(reader, address("provider", loaded["Willow Care Ltd"]))


def test_the_owners_group_is_a_tree_by_date(reader, loaded):
    willow, juniper, alder = (loaded[n] for n in ("Willow Care Ltd", "Juniper Homes Ltd", "Alder Fostering Limited"))
    with acting_as(SERVICE, by=BY):
        Ownership.objects.create(provider=willow, owned=juniper, starts_on=date(2019, 4, 1))
        Ownership.objects.create(
            provider=juniper, owned=alder, starts_on=date(2020, 1, 1), ends_before=date(2022, 1, 1)
        )
    html = page(reader, address("provider", alder))
    assert "No owner of this provider" in html
    assert "From 1 January 2020 to 31 December 2021" in html
    html = page(reader, address("provider", alder) + "?on=2021-06-01")
    assert "Willow Care Ltd stands at the top of 3 providers." in html
    assert "No owner of this provider" in page(reader, address("provider", willow) + "?on=2018-01-01")
    with acting_as(SERVICE, by=BY):  # a mistake in the records is shown once and ends
        Ownership.objects.create(provider=alder, owned=willow, starts_on=date(2020, 1, 1), ends_before=date(2021, 1, 1))
    assert page(reader, address("provider", alder) + "?on=2020-06-01").count("Juniper Homes Ltd</a>") == 2


def test_an_establishment_tells_its_story(reader, loaded):
    html = page(reader, address("establishment", home("SC100001")))
    assert "Children&#x27;s home run by Juniper Homes Ltd, 5 places. On the list of 31 March 2025: active." in html
    assert "Judged Good on 8 October 2024." in html
    assert "withheld by the regulator" in html
    assert "Owner from Willow Care Ltd to Juniper Homes Ltd" in html
    assert "First file that names it" in html
    assert "Up from Inadequate" in html
    ash = page(reader, address("establishment", home("1200004")))
    assert "Resigned on 3 December 2024" in ash
    assert "Closed on 3 December 2024; No longer on the list at that day" in ash
    pont = page(reader, address("establishment", home("2600006")))
    assert "Not yet inspected." in pont
    birch = page(reader, address("establishment", home("2600005")))
    assert "Premises: 5 on the list of 31 March 2025" in birch


def test_working_names_are_the_authoritys_own(client, reader, loaded, lewisham):
    hidden = home("SC100001")
    url = address("working-name", hidden)
    response = reader.post(url, {"name": "  Elm   House "}, follow=True)
    assert "Your authority calls it <strong>Elm House</strong>" in response.content.decode()
    assert "Elm House" in page(reader, address("provider", loaded["Juniper Homes Ltd"]))
    client.force_login(officer(lewisham))
    for address_ in (address("establishment", hidden), address("provider", loaded["Juniper Homes Ltd"])):
        assert "Elm House" not in page(client, address_)
    client.force_login(contact(loaded["Juniper Homes Ltd"]))
    assert "Elm House" not in page(client, address("establishment", hidden))
    page(client, url, 403)


def test_a_published_name_needs_no_other(southwark, loaded, as_authority):
    with as_authority(southwark):
        with pytest.raises(ValidationError, match="use that"):
            name_home(establishment=Establishment.objects.get(urn="SC100002"), name="Ours", by=BY)
        hidden = Establishment.objects.get(urn="SC100001")
        name_home(establishment=hidden, name="Elm House", by=BY)
        name_home(establishment=hidden, name="Oak House", by=BY)
        assert [row.name for row in WorkingName.objects.all()] == ["Oak House"]
        assert name_home(establishment=hidden, name="", by=BY) is None
        assert not WorkingName.objects.exists()


def place(world, framework, provider, amount, unit="week"):
    lot = world.lot(framework)
    with acting_as(Viewer.of_authority(framework.lead_authority_id), by=BY):
        award = Award.objects.create(
            framework=framework, lot=lot, provider=provider, tier=2, starts_on=date(2024, 4, 1)
        )
        line = PriceLine.objects.filter(lot=lot).first()
        Rate.objects.create(
            award=award, price_line=line, framework=framework, lot=lot, provider=provider, amount=Decimal(amount),
            starts_on=date(2025, 4, 1),
        )  # fmt: skip
    return award


def test_rates_are_shown_to_those_who_take_part(client, reader, loaded, southwark, lewisham, greenwich):
    world = build_world(southwark, lewisham, greenwich)
    alder = loaded["Alder Fostering Limited"]
    place(world, world.shared, alder, "791.37")
    place(world, world.pair, alder, "1791.4525")
    url = address("provider-awards", alder)
    html = page(reader, url)
    assert "Has 2 places on lots of 2 frameworks today." in html
    assert "791.37" in html
    assert "1,791.4525" not in html
    assert "are shown to the authorities taking part only: Greenwich, Lewisham" in html
    assert [row["amount"] for row in rows_of(reader, f"{url}?format=csv")] == ["791.37"]
    client.force_login(officer(world.lewisham))
    html = page(client, url)
    assert "791.37" in html
    assert "1,791.4525" in html
    assert "taking part only" not in html
    client.force_login(contact(alder))
    assert "1,791.4525" in page(client, url)
    with acting_as(SERVICE, by=BY):
        team = User.objects.create_user("team@partnership.test", None, role="partnership_administrator")
    client.force_login(team)
    html = page(client, url)
    assert "Your role does not see rates." in html
    assert "791.37" not in html


def test_documents(client, reader, loaded):
    alder = loaded["Alder Fostering Limited"]
    today = timezone.localdate()
    url, add = address("provider-documents", alder), address("provider-document-new", alder)
    assert "No documents yet" in page(reader, url)
    soon = today + timedelta(days=30)
    typed = {"kind": "public_liability", "reference": "PL 1", "expires_on_0": soon.day, "expires_on_1": soon.month,
             "expires_on_2": soon.year}  # fmt: skip
    response = reader.post(add, {})
    assert "Choose what kind of document it is" in response.content.decode()
    assert "Enter the day on which it expires" in response.content.decode()
    assert reader.post(add, typed).status_code == 302
    assert "recorded already" in reader.post(add, typed).content.decode()
    with acting_as(SERVICE, by=BY):
        record_document(provider=alder, kind="employers_liability", expires_on=today, by=BY)
        record_document(provider=alder, kind="statement_of_purpose", expires_on=today - timedelta(days=9), by=BY)
        record_document(provider=alder, kind="statement_of_purpose", expires_on=today + timedelta(days=91), by=BY)
        with pytest.raises(ValidationError):
            record_document(provider=alder, kind="dbs_assurance", expires_on=today, issued_on=today, by=BY)
    html = page(reader, url)
    assert "Of 3 kinds of document recorded, 1 expired and 1 about to expire within 90 days." in html
    assert 'app-tag--needs">Expires in 30 days' in html
    assert html.count('app-tag--harm">Expired') == 1
    assert "Replaced by a newer one" in html
    assert "<li>Safeguarding policy</li>" in html
    client.force_login(contact(alder))
    assert client.post(add, typed | {"reference": "PL 2"}).status_code == 302
    rival = address("provider-document-new", loaded["Pont Housing"])
    assert client.post(rival, typed).status_code == 404
    with acting_as(SERVICE, by=BY):
        assert ComplianceDocument.objects.count() == 5


def test_the_state_of_a_document_by_day():
    today = date(2026, 4, 20)
    assert document_state(date(2026, 4, 20), today) == ("Expired", "harm")
    assert document_state(date(2026, 4, 21), today) == ("Expires in 1 day", "needs")
    assert document_state(today + timedelta(days=90), today)[1] == "needs"
    assert document_state(today + timedelta(days=91), today) == ("In force", "good")


def test_another_name_is_confirmed_by_a_person(reader, loaded):
    url = reverse("alias-confirm")
    assert "Which provider does a name stand for?" in page(reader, url)
    html = page(reader, f"{url}?name=Junipper+Homes+Limited")
    assert "Juniper Homes Ltd" in html
    juniper = loaded["Juniper Homes Ltd"]
    assert "Choose the provider, or go back" in reader.post(url, {"name": "Junipper Homes Limited"}).content.decode()
    response = reader.post(url, {"name": "Junipper Homes Limited", "provider": juniper.uuid}, follow=True)
    assert "now stands for Juniper Homes Ltd" in response.content.decode()
    with acting_as(SERVICE, by=BY):
        assert Alias.objects.get().folded_name == "junipper homes ltd"
    assert "is matched to Juniper Homes Ltd already" in page(reader, f"{url}?name=JUNIPPER+homes+ltd.")
    assert "is matched to Alder Fostering Limited already" in page(reader, f"{url}?name=the+Alder+Fostering+ltd")
    assert "No name comes near" in page(reader, f"{url}?name=Qqxz")
    with acting_as(SERVICE, by=BY):
        for name, says in (("Junipper homes LTD", "already"), ("Alder Fostering Ltd", "itself"), ("...", "letters")):
            with pytest.raises(ValidationError, match=says):
                confirm_alias(provider=juniper, name=name, by=BY)


def test_judgements_of_a_provider_each_scale_apart(reader, loaded):
    html = page(reader, address("provider-judgements", loaded["Juniper Homes Ltd"]))
    assert "Homes and agencies" in html
    assert 'id="scale-outcomes"' not in html
    assert "so the overall judgement must be Inadequate. Shown as published." in html  # as the file of 2024 has it
    assert "Down from Good" in html
    html = page(reader, address("provider-judgements", loaded["Birch Doors (UK) Limited"]))
    assert 'id="scale-grades"' not in html
    assert "Inconsistent quality of service delivery" in html
    html = page(reader, address("provider-judgements", loaded["Pont Housing"]))
    assert "Not one of its establishments has been judged yet." in html
    assert "1 not yet inspected" in html
    assert "Nothing to judge" in page(reader, address("provider-judgements", loaded["Willow Care Ltd"]))


def test_inspections_latest_first_with_what_changed(reader, loaded):
    rows = rows_of(reader, "/inspections/?format=csv")
    days = [row["inspected_on"] for row in rows]
    assert days == sorted(days, reverse=True)
    assert days[0] == "2025-02-05"
    by_urn = {row["establishment"]: row for row in reversed(rows)}
    home_row = by_urn["Children's home, Lewisham, URN SC100001"]
    assert (home_row["overall"], home_row["change"]) == ("Good", "Up from Inadequate")
    assert all(row["overall"] for row in rows)
    supported = rows_of(reader, "/inspections/?judgement=outcomes-inconsistent&format=csv")
    assert [row["provider"] for row in supported] == ["Birch Doors (UK) Limited"]
    assert rows_of(reader, "/inspections/?judgement=grades-inconsistent&format=csv") == rows  # no such grade: not asked
    assert {row["area"] for row in rows_of(reader, "/inspections/?area=Kent&format=csv")} == {"Kent"}
    assert "No inspection like that" in page(reader, "/inspections/?area=Cardiff")
    assert "The newest judgement is of an inspection on 5 February 2025" in page(reader, "/inspections/")


def test_a_contact_sees_its_own_provider_only(client, loaded):
    juniper, alder = loaded["Juniper Homes Ltd"], loaded["Alder Fostering Limited"]
    client.force_login(contact(juniper))
    names = ("provider", "provider-awards", "provider-documents", "provider-judgements", "provider-history")
    for name in names:
        page(client, address(name, juniper))
        page(client, address(name, alder), 404)
    page(client, address("establishment", home("SC100001")))
    page(client, address("establishment", home("SC100002")), 404)
    assert [row["name"] for row in rows_of(client, "/providers/?format=csv")] == ["Juniper Homes Ltd"]
    assert {row["provider"] for row in rows_of(client, "/inspections/?told=all&format=csv")} == {"Juniper Homes Ltd"}
    for url in ("/providers/", "/inspections/", "/providers/?search=alder"):
        assert "Alder Fostering" not in page(client, url)
    page(client, reverse("alias-confirm") + "?name=Alder", 403)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (None, "good", "First judgement known"),
        ("good", "good", "Still Good"),
        ("inadequate", "good", "Up from Inadequate"),
        ("outstanding", "requires_improvement", "Down from Outstanding"),
        ("adequate", "good", "Adequate (former grade) before"),
        ("serious_weaknesses", "consistently_strong", "Up from Serious or widespread weaknesses"),
        ("good", "", ""),
    ],
)
def test_change_in_words(before, after, says):
    assert change(before, after) == says


def test_limiting_judgements_are_named():
    assert limiting(overall="good", protection="good", leadership="good") == ""
    assert "helped and protected: Inadequate" in limiting(
        overall="inadequate", protection="inadequate", leadership="good"
    )
    assert limiting(overall="requires_improvement", protection="good", leadership="inadequate").startswith(
        "The effectiveness of leaders"
    )
    assert limiting(overall="good", protection="inadequate", leadership="good").endswith("Shown as published.")
