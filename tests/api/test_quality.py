"""What the API tells of visits, actions, suspensions and events: one's own whole, others' once and as far as shared."""

import json

import pytest

from commissioning.partnership.models import User

from .conftest import bearer, officer
from .walk import V1, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def test_others_visits_are_told_as_far_as_they_are_published(client, market, southwark, lewisham):
    told = {(row["authority"], row["state"]): row for row in rows(client, f"{V1}/visits/", bearer(lewisham))}
    assert len(told) == 4
    published, draft = told[str(southwark.uuid), "published"], told[str(southwark.uuid), "draft"]
    assert [answer["note"] for answer in published["answers"]] == ["open to all"]
    assert [finding["words"] for finding in published["findings"]] == ["open to all"]
    assert (published["rating"], published["summary"]) == ("some", "open to all")
    assert (draft["answers"], draft["findings"], draft["rating"], draft["summary"]) == ([], [], None, None)
    assert [reliance["authority"] for reliance in draft["reliances"]] == [str(southwark.uuid)]
    own = told[str(lewisham.uuid), "draft"]
    assert sorted(finding["words"] for finding in own["findings"]) == ["HIDDEN finding", "HIDDEN note"]
    actions = rows(client, f"{V1}/actions/", bearer(lewisham))
    assert sorted(row["words"] for row in actions) == ["HIDDEN note", "open to all", "open to all"]


def test_no_word_that_another_authority_keeps_is_in_any_answer(client, market, greenwich):
    for name in ("visits", "actions", "suspensions", "notifiable-events"):
        body = json.dumps(rows(client, f"{V1}/{name}/", bearer(greenwich)))
        assert "HIDDEN" not in body
        assert len(body) > 300


def test_an_event_says_when_ones_own_authority_was_told(client, market, southwark, greenwich):
    ours = rows(client, f"{V1}/notifiable-events/", bearer(southwark))
    assert sorted(row["told_at"] is None for row in ours) == [False, True]
    assert all(row["told_at"] is None for row in rows(client, f"{V1}/notifiable-events/", bearer(greenwich)))
    with officer(southwark):
        contact = User.objects.create_user("a@alder.example", "x" * 16, role="provider_contact", provider=market.alder)
    client.force_login(contact)  # it told several authorities, and is none of them
    its = client.get(f"{V1}/notifiable-events/").json()["results"]
    assert its
    assert all(row["told_at"] is None for row in its)
    (suspended, *_) = client.get(f"{V1}/suspensions/").json()["results"]
    assert suspended["decisions"] == [], "of which a provider is told none: a list all the same"
