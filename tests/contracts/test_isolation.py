"""Rows of children hold together within one authority, whatever code asks: composite keys, fixed columns, rights.

The walk over every route with either layer off is tests/kernel/test_layers.py; who sees which row, test_probe.py.
"""

import contextlib
from datetime import date

import psycopg
import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel.audit.history import history_of
from commissioning.kernel.ingest.difference import _change
from commissioning.kernel.ingest.source import Source
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from contracts.models import (
    AgreementVersion,
    CareStatus,
    Child,
    ChildReference,
    CostLine,
    FundingSplit,
    Offer,
    Outcome,
    OutcomeReview,
    Placement,
    Referral,
    SiblingGroup,
)
from providers.models import Provider
from tests.contracts.bought import BY, child_of, spot_placement, weekly

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
BORN, LATER = date(2012, 5, 17), date(2013, 6, 18)


def bought_by(authority, provider):
    """One of each row that another may hang on."""
    with acting_as(Viewer.of_authority(authority.pk), by=BY):
        child = child_of(authority, "C-1")
        group = SiblingGroup.objects.create(authority=authority, number=7)
        referral = Referral.objects.create(
            authority=authority, number=1, child=child, opened_at=timezone.now(), needed_by=date(2026, 4, 1),
            urgency="planned", in_house_tried="no", service_type="residential",
        )  # fmt: skip
        offer = Offer.objects.create(
            authority=authority, referral=referral, provider=provider, service_type="residential", urgency="planned",
            needed_by=date(2026, 4, 1), asked_at=timezone.now(),
        )  # fmt: skip
        placement = spot_placement(child)
        line = weekly(placement, "4200.00")
        split = FundingSplit.objects.create(
            authority=authority, placement=placement, cost_line=line, funder="health", weekly_amount="100.0000"
        )
        version = AgreementVersion.objects.create(
            authority=authority, placement=placement, number=1, agreed_on=date(2025, 6, 2),
            starts_on=date(2025, 6, 2), notice_days=28, price_agreed="4200.00",
        )  # fmt: skip
    return {
        "child": child, "group": group, "referral": referral, "offer": offer, "placement": placement, "line": line,
        "split": split, "version": version,
    }  # fmt: skip


@pytest.fixture
def both(world):
    provider = next(iter(world.providers.values()))
    return world, bought_by(world.southwark, provider), bought_by(world.lewisham, provider)


REFUSALS = (psycopg.errors.ForeignKeyViolation, psycopg.errors.InsufficientPrivilege)


def refused(work):
    """Whether the database refuses it, now or when keys are checked."""
    try:
        with transaction.atomic():
            work()
            with connections["default"].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except DatabaseError as problem:
        if not isinstance(problem.__cause__, REFUSALS):
            raise
        return True
    return False


# What is hung, on what of another authority's: (rows to change, column, whose id).
HUNG = {
    "a placement on a child": (Placement, "child_id", "child"),
    "a placement on a referral": (Placement, "referral_id", "referral"),
    "a referral on a child": (Referral, "child_id", "child"),
    "a reference on a child": (ChildReference, "child_id", "child"),
    "a child in a sibling group": (Child, "sibling_group_id", "group"),
    "an offer on a referral": (Offer, "referral_id", "referral"),
    "a cost line on a placement": (CostLine, "placement_id", "placement"),
    "a split on a line": (FundingSplit, "cost_line_id", "line"),
    "a split on a placement": (FundingSplit, "placement_id", "placement"),
}


@pytest.mark.parametrize("what", HUNG)
def test_nothing_hangs_on_another_authoritys_row(both, what):
    world, _, theirs = both
    model, column, parent = HUNG[what]
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        assert refused(lambda: model.objects.update(**{column: theirs[parent].pk})), what


def test_nor_does_a_new_row(both):
    world, ours, theirs = both
    southwark = {"authority_id": world.southwark.pk}
    facts = {"service_type": "residential", "starts_on": date(2026, 1, 1), "called_off_on": date(2026, 1, 1),
             "route": "in_house"}  # fmt: skip
    about = {**southwark, "placement_id": ours["placement"].pk}
    foreign = {**southwark, "placement_id": theirs["placement"].pk}
    priced = {"amount": 1, "weekly_amount": 1, "starts_on": date(2026, 1, 1)}
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        for work in (
            lambda: Placement.objects.create(**southwark, number=9, child_id=theirs["child"].pk, **facts),
            lambda: CostLine.objects.create(**foreign, **priced),
            lambda: FundingSplit.objects.create(
                **about, cost_line_id=theirs["line"].pk, funder="other", weekly_amount=1
            ),
            lambda: CareStatus.objects.create(
                **southwark, child_id=theirs["child"].pk, status="nrpf", starts_on=date(2026, 1, 1)
            ),
            # Under the other's name the policy refuses it, whatever it hangs on.
            lambda: CostLine.objects.create(
                authority_id=world.lewisham.pk, placement_id=theirs["placement"].pk, **priced
            ),
        ):
            assert refused(work)
        assert not refused(lambda: CostLine.objects.create(**about, **priced))


def test_a_split_stays_with_the_placement_of_its_line(both):
    """Both of one's own, and still not of each other."""
    world, ours, _ = both
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        other = spot_placement(child_of(world.southwark))
        assert refused(
            lambda: FundingSplit.objects.create(
                authority=world.southwark, placement=other, cost_line=ours["line"], funder="other", weekly_amount=1
            )
        )


def test_a_row_changes_neither_authority_nor_its_offers_provider(both):
    world, *_ = both
    rival = Provider(pk=None)
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        rival = Provider.objects.exclude(pk=Offer.objects.get().provider_id)[0]
        assert refused(lambda: Offer.objects.update(provider=rival))
        for model in (Child, Placement, CostLine, FundingSplit, Referral, Offer):
            assert refused(lambda model=model: model.objects.update(authority=world.lewisham)), model


def test_a_signed_agreement_is_changed_by_nothing(both):
    world, ours, _ = both
    version = ours["version"]
    table = AgreementVersion._meta.db_table
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        version.notice_days = 1
        statements = (f"UPDATE {table} SET notice_days = 1", f"DELETE FROM {table}", f"TRUNCATE {table}")
        for work in (
            version.save,
            version.delete,
            lambda: AgreementVersion.objects.update(notice_days=1),
            lambda: AgreementVersion.objects.all().delete(),
            lambda: Placement.objects.get(pk=ours["placement"].pk).delete(),
            *(lambda said=said: connections["default"].cursor().execute(said) for said in statements),
        ):
            with contextlib.suppress(TypeError, ValidationError):  # refused before the database was asked
                assert refused(work)
        assert AgreementVersion.objects.get(pk=version.pk).notice_days == 28
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('web', %s, 'UPDATE, DELETE, TRUNCATE')", [f"public.{table}"])
        assert cursor.fetchone() == (False,)


def test_a_contact_sees_its_own_offers_and_no_other_row_of_ours(both):
    world, ours, theirs = both
    asked, rival = list(world.providers.values())[:2]
    models = [Child, Referral, Placement, CostLine, FundingSplit, AgreementVersion, Outcome, OutcomeReview]
    with acting_as(Viewer.of_provider(asked.pk), by=BY):
        assert {offer.pk for offer in Offer.objects.all()} == {ours["offer"].pk, theirs["offer"].pk}
        assert not [model for model in models if model.objects.exists()]
        assert refused(lambda: Offer.objects.update(answer="declined", answered_at=timezone.now())) or (
            set(Offer.objects.values_list("answer", flat=True)) == {""}
        )
    with acting_as(Viewer.of_provider(rival.pk), by=BY):
        assert not Offer.objects.exists()


def test_history_says_that_a_date_of_birth_was_recorded_and_not_which(both, settings):
    world, ours, _ = both
    settings.SECOND_FACTOR_REQUIRED = False
    with acting_as(Viewer.of_authority(world.southwark.pk), by=BY):
        Child.objects.filter(pk=ours["child"].pk).update(born_on=LATER)
        auditor = User.objects.create_user("a@southwark.test", role="auditor", authority=world.southwark)
        events = history_of(Child, row_uuid=ours["child"].uuid)
        assert events[0].says == "Date of birth changed: recorded, not shown"
        reference = history_of(ChildReference, row_id=ChildReference.objects.get().pk)[0]
        shown = {change.label: change.new for change in reference.changes}
        assert (shown["Digest"], shown["Sealed"]) == ("recorded, not shown", "recorded, not shown")
        kept = ChildReference.objects.get()
        secrets = (kept.digest, kept.sealed, "2012-05-17", "17 May 2012", "2013-06-18", "18 June 2013")
        rows = [(Child, ours["child"].uuid), (ChildReference, kept.uuid)]
    client = Client()
    client.force_login(auditor)
    for model, uuid in rows:
        page = client.get(reverse("audit-record", kwargs={"table": model._meta.db_table, "uuid": uuid}))
        assert page.status_code == 200
        said = page.content.decode().replace("\u00a0", " ")
        assert model is not Child or "Date of birth changed: recorded, not shown" in said
        assert not [secret for secret in secrets if secret in said]


def test_the_differences_of_a_file_say_no_more():
    """An import that changes a date of birth: its page, and the one that takes it back, list this sentence."""
    before, after = ({"id": 1, "number": 12, "born_on": born, "sex": sex}
                     for born, sex in (("2012-05-17", "F"), ("2013-06-18", "M")))  # fmt: skip
    told = _change(Source(), Child, "update", before, after)
    assert told.detail == "date of birth (recorded, not shown); sex from F to M"
