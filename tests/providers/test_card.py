"""A lot's rate card: its spare rows, and where its lead finds one for each provider."""

import io
from datetime import date

import openpyxl
import pytest
from django.test import Client

from commissioning.partnership.models import User
from providers.actions.award_place import end_place
from providers.exports import SPARE_ROWS, rate_card
from providers.models import Award, Provider, Rate
from providers.rules.matching import likely_names, names_with
from tests.world import BY, NOW, send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
ONE = "Invented Provider 1 Ltd"


@pytest.fixture
def lead(world, as_authority, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    with as_authority(world.southwark):
        user = User.objects.create_user("o@southwark.example", role="commissioning_officer", authority=world.southwark)
    client = Client()
    client.force_login(user)
    return client


def test_a_line_is_priced_again_in_a_spare_row(world, as_authority):
    with as_authority(world.southwark):
        blank = rate_card(world.lot(world.shared), viewer="Southwark", today=NOW.date(), made_at=NOW)
    book = openpyxl.load_workbook(io.BytesIO(blank))
    told = [row[1].value for row in book["Instructions"].iter_rows()]
    assert (
        "Use the empty rows below to price a line again for another authority or period: copy its grey cells." in told
    )
    sheet = book["Rates"]
    assert sheet.max_row == 4 + SPARE_ROWS
    at = {cell.value: cell.column for cell in sheet[1]}
    assert not any(cell.protection.locked for cell in sheet[sheet.max_row])
    for line, authority, amount in ((2, None, 800), (sheet.max_row, "Lewisham", 780)):
        for name in ("Framework", "Lot", "Price line"):
            sheet.cell(line, at[name]).value = sheet.cell(2, at[name]).value
        sheet.cell(line, at["Authority"]).value = authority
        sheet.cell(line, at["Provider"]).value = ONE
        sheet.cell(line, at["Rate"]).value = amount
        sheet.cell(line, at["From"]).value = date(2026, 4, 1)
    out = io.BytesIO()
    book.save(out)
    run = send("rates", out.getvalue(), world.southwark, name="card.xlsx")
    assert (run.rows_read, run.rows_rejected, run.facts_added) == (4, 0, 2)
    with as_authority(world.lewisham):
        assert sorted(str(rate.amount) for rate in Rate.objects.all()) == ["780.0000", "800.0000"]


def test_the_places_link_each_present_providers_card(world, lead, as_authority):
    lot = world.lot(world.shared)
    with as_authority(world.southwark):
        ended = Award.objects.get(lot=lot, provider=world.providers[ONE])
        end_place(award=ended, ends_before=date(2025, 4, 1), reason="left", by=BY)
    page = lead.get(f"/lots/{lot.uuid}/places/").content.decode()
    addresses = {
        name: f"/lots/{lot.uuid}/rate-card.xlsx?provider={provider.uuid}" for name, provider in world.providers.items()
    }
    assert [name for name, address in addresses.items() if address in page] == [n for n in addresses if n != ONE]
    assert lead.get(addresses["Invented Provider 2 Ltd"]).status_code == 200


def test_part_of_a_name_finds_the_names_that_hold_it(world, lead, as_authority):
    lot = world.lot(world.shared)
    with as_authority(world.southwark):
        for place in ("Kent", "Essex"):
            name = f"Quite Unlike Any Other Fostering Agency of {place} Limited"
            Provider.objects.create(name=name, folded_name=name.lower())
    page = lead.post(f"/lots/{lot.uuid}/places/new/", {"provider": "Kent agency"}).content.decode()
    assert "Nearest: Quite Unlike Any Other Fostering Agency of Kent Limited." in page


def test_names_with_the_words_typed():
    recorded = [f"Oaktree {number} Limited" for number in range(7)]
    assert names_with("oak LIMITED", recorded) == recorded[:5]
    assert names_with("oak 3", recorded) == ["Oaktree 3 Limited"]
    assert names_with("elm", recorded) == []
    assert names_with("?!", recorded) == []


def test_half_a_name_typed_wrongly_still_finds_it():
    recorded = ["Celadon Nuthatch Fostering CIC", "Celadon Dabchick Fostering Ltd", "Umber Cray Families Ltd"]
    assert likely_names("Celadon Nuthach", recorded) == recorded[:1]
    assert likely_names("nuthatch", recorded) == recorded[:1]
    assert likely_names("Umber Cray Family Ltd", recorded) == recorded[2:]
    assert likely_names("Quay", recorded) == likely_names("Somebody else altogether", recorded) == []
