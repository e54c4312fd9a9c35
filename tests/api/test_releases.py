"""The steps of a release through the API: two people, a version, one effect, and everything told in history."""

import json
from datetime import date

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from commissioning.compare.models import Release
from commissioning.kernel.audit.events import events_of
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.models import ApiKey, User
from tests.compare.figures import release_by

from .conftest import bearer
from .test_refusals import problem
from .walk import V1, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
HERE = f"{V1}/releases/"
STEPS = ("approve", "publish", "withdraw")
WRITE = "releases:write"


@pytest.fixture
def first(cast):
    return cast.person("commissioning_officer")


@pytest.fixture
def second(cast):
    return cast.person("commissioning_officer", stranger=True)


def key_of(person, *scopes):
    """The header of a key that the person made."""
    with acting_as(person.viewer, by=person):
        _, presented = make_key(
            authority=person.authority,
            name="nightly",
            scopes=scopes or ("releases", WRITE),
            at=timezone.now(),
            by=person,
        )
    return {"Authorization": f"Bearer {presented}"}


def take(client, release, step, key, version=None, **body):
    held = {} if version is None else {"If-Match": f'"{version}"'}
    return client.post(
        f"{HERE}{release.uuid}/{step}/", json.dumps(body), content_type="application/json", headers={**key, **held}
    )


def ask(client, key, **body):
    return client.post(HERE, json.dumps(body), content_type="application/json", headers=key)


def seen(release):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        return Release.objects.get(pk=release.pk)


def quarter():
    today = timezone.localdate()
    return date.fromordinal(date(today.year, (today.month - 1) // 3 * 3 + 1, 1).toordinal() - 1)


def test_from_asking_to_withdrawing_by_two_people_and_history_says_so(client, cast, first, second):
    asked = ask(client, key_of(first), as_at=quarter().isoformat(), note="First of them")
    assert asked.status_code == 201, asked.content
    row = json.loads(asked.content)
    assert asked["Location"] == f"{HERE}{row['id']}/"
    assert (row["number"], row["state"], row["requested_by"]) == (1, "requested", first.email)
    job = ProcrastinateJob.objects.get(task_name="compare.build_release")
    with acting_as(first.viewer, by=first):
        release = Release.objects.get(uuid=row["id"])
        assert job.args == {"release": release.pk}
        release.state, release.report = "built", {"populations": {}}
        release.save()
    told = client.get(asked["Location"], headers=key_of(second, "releases"))
    assert told["ETag"].startswith(f'"{seen(release).version}-')
    key = key_of(second)
    for step, state, body in (
        ("approve", "approved", {}), ("publish", "published", {}), ("withdraw", "withdrawn", {"why": "A mistake"}),
    ):  # fmt: skip
        version = seen(release).version
        answer = take(client, release, step, key, version, **body)
        assert answer.status_code == 200, answer.content
        row = json.loads(answer.content)
        assert (row["state"], row["version"]) == (state, version + 1)
        assert answer["ETag"].startswith(f'"{version + 1}-')
    assert (row["approved_by"], row["published_by"], row["withdrawn_why"]) == (second.email, second.email, "A mistake")
    with acting_as(first.viewer, by=first):
        events = list(events_of(Release).filter(actor__startswith="user:").order_by("event_id"))
    states = [(event.after["state"], event.actor, "by the API key nightly" in event.reason) for event in events]
    assert states == [
        ("requested", f"user:{first.uuid}", True), ("built", f"user:{first.uuid}", False),
        ("approved", f"user:{second.uuid}", True), ("published", f"user:{second.uuid}", True),
        ("withdrawn", f"user:{second.uuid}", True),
    ]  # fmt: skip
    prefix = key["Authorization"].split()[1].split(".")[0]
    assert prefix in events[-1].reason
    assert all(event.request_id for event in events if event.reason)


def test_history_s_page_names_the_person_and_the_key(client, cast, first, second):
    release = release_by(first, second, state="built")
    assert take(client, release, "approve", key_of(second), release.version).status_code == 200
    client.force_login(first)
    page = client.get(f"/audit/compare_release/{release.uuid}/").content.decode()
    assert second.email in page
    assert "by the API key nightly (" in page


@pytest.mark.parametrize("step", STEPS)
def test_who_may_not_take_a_step(client, cast, first, second, step):
    release = release_by(first, second, state={"approve": "built", "publish": "approved"}.get(step, "published"))
    body = {"why": "A mistake"} if step == "withdraw" else {}

    def said(key, status=403):
        return problem(take(client, release, step, key, release.version, **body), status)["detail"]

    assert said({}, 401)
    assert WRITE in said(key_of(second, "releases"))
    assert WRITE in said(key_of(second, "*")), "everything to read is not a step"
    assert WRITE in said(bearer(cast.authority)), "nor is a key that a command made"
    client.force_login(second)
    assert "with a key" in said({}), "no form token guards a session here"
    client.logout()
    key = key_of(second)
    for change in ({"is_active": False}, {"authority": cast.authority}, {"role": "analyst"}):
        before = {name: getattr(second, name) for name in change}
        with acting_as(second.viewer, by="service:tests"):
            User.objects.filter(pk=second.pk).update(**change)
        assert said(key)
        with acting_as(second.viewer, by="service:tests"):
            User.objects.filter(pk=second.pk).update(**before)
    with acting_as(second.viewer, by="service:tests"):
        ApiKey.objects.filter(made_by=second).update(made_by=None)
    assert "nobody else" in said(key)
    assert seen(release).version == release.version, "nothing has happened"


def test_a_steering_member_approves_and_does_not_publish(client, cast, first):
    member = cast.person("steering_member", stranger=True)
    release = release_by(first, member, state="built")
    key = key_of(member)
    assert take(client, release, "approve", key, release.version).status_code == 200
    said = problem(take(client, release, "publish", key, release.version + 1), 403)
    assert "whose role may not change releases" in said["detail"]
    assert "may not create" in problem(ask(client, key, as_at=quarter().isoformat()), 403)["detail"]


def test_nobody_approves_what_they_asked_for(client, cast, first, second):
    """Not with another key of their own, nor with one of another name."""
    release = release_by(first, second, state="built")
    for _ in range(2):
        said = problem(take(client, release, "approve", key_of(first), release.version), 403)
        assert said["detail"] == "You asked for this release, so somebody else has to approve it."
    assert seen(release).state == "built"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_names_the_version_that_was_looked_at(client, cast, first, second, step):
    release = release_by(first, second, state={"approve": "built", "publish": "approved"}.get(step, "published"))
    body, key = ({"why": "A mistake"} if step == "withdraw" else {}), key_of(second)
    assert "If-Match" in problem(take(client, release, step, key, **body), 428)["detail"]
    problem(take(client, release, step, {**key, "If-Match": "*"}, **body), 428)
    for wrong in ("1", 'W/"1"', '"one"', '"1", "2"'):
        problem(take(client, release, step, {**key, "If-Match": wrong}, **body), 400)
    with acting_as(first.viewer, by=first):
        Release.objects.filter(pk=release.pk).update(note="Changed since")
    said = problem(take(client, release, step, key, release.version, **body), 412)
    assert f"at version {release.version + 1}" in said["detail"]
    assert seen(release).version == release.version + 1, "nothing has happened"
    with acting_as(first.viewer, by=first):
        assert events_of(Release).filter(after__state=release.state).count() == 2, "nor is it told"
    assert take(client, release, step, key, release.version + 1, **body).status_code == 200


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_is_taken_already_is_a_conflict(client, cast, first, second, step):
    release = release_by(first, second, state={"approve": "built", "publish": "approved"}.get(step, "published"))
    body, key = ({"why": "A mistake"} if step == "withdraw" else {}), key_of(second)
    assert take(client, release, step, key, release.version, **body).status_code == 200
    for version in (release.version, release.version + 1):  # the same request again, and one made anew
        said = problem(take(client, release, step, key, version, **body), 409)
        assert "Release 1 is" in said["detail"]
    assert seen(release).version == release.version + 1


def test_steps_out_of_order_are_conflicts(client, cast, first, second):
    key = key_of(second)
    for number, (step, state) in enumerate(
        [("approve", "requested"), ("publish", "built"), ("publish", "requested"), ("withdraw", "requested")], 1
    ):
        release = release_by(first, second, number=number, state=state)
        problem(take(client, release, step, key, release.version, **({"why": "x"} if step == "withdraw" else {})), 409)


def test_what_is_asked_for_is_looked_at(client, cast, first, second):
    key = key_of(first)
    for body, words in (
        ({}, "as_at"), ({"as_at": "2026-02-30"}, "as_at"), ({"as_at": "yesterday"}, "as_at"),
        ({"as_at": "1999-12-31"}, "last two years"), ({"as_at": 20260331}, "not text"), ({"when": "now"}, "when"),
        ({"as_at": "a" * 20}, "longer than 10"), ({"corrects": "x"}, "corrects"), ({"note": "a\x00b"}, "NUL"),
        ({"corrects": "00000000-0000-0000-0000-000000000000"}, "corrects"),
    ):  # fmt: skip
        assert words in problem(ask(client, key, **body), 400)["detail"], body
    for raw in ("[1]", "{", '{"as_at": NaN}', '{"note": "a", "note": "b"}', "[" * 15000, '"text"', "\x00"):
        problem(client.post(HERE, raw, content_type="application/json", headers=key), 400)
    problem(client.post(HERE, "x" * 20001, content_type="application/json", headers=key), 413)
    published = release_by(first, second, as_at=quarter())
    assert "Correct it instead" in problem(ask(client, key, as_at=quarter().isoformat()), 409)["detail"]
    assert "what was wrong" in problem(ask(client, key, corrects=str(published.uuid)), 400)["detail"]
    made = ask(client, key, corrects=str(published.uuid), note="One file was sent twice")
    assert made.status_code == 201
    assert json.loads(made.content)["corrects_number"] == 1
    problem(ask(client, key, corrects=str(published.uuid), note="Again"), 409)
    release = seen(published)
    said = problem(take(client, release, "withdraw", key, release.version), 400)
    assert "Say why" in said["detail"]


def test_a_release_that_is_not_there(client, cast, first):
    for id_ in ("00000000-0000-0000-0000-000000000000", "x"):
        headers = {**key_of(first), "If-Match": '"1"'}
        problem(client.post(f"{HERE}{id_}/approve/", "", content_type="application/json", headers=headers), 404)


def test_only_reading_elsewhere(client, cast, first):
    key = key_of(first)
    assert problem(client.get(f"{HERE}x/approve/", headers=key), 405)
    assert client.get(f"{HERE}x/approve/", headers=key)["Allow"] == "POST"
    client.force_login(cast.person("analyst"))
    assert client.get(f"{HERE}x/approve/").status_code == 405
    client.logout()
    assert client.put(HERE, headers=key)["Allow"] == "GET, HEAD, POST"
    assert client.post(f"{V1}/benchmarks/", headers=key_of(first, "*", WRITE))["Allow"] == "GET, HEAD"


def test_a_key_for_steps_is_made_by_who_may_take_them(cast, first):
    from django.core.exceptions import ValidationError
    from django.core.management import CommandError, call_command

    for by in (None, cast.person("analyst"), cast.person("authority_administrator"),
               cast.person("commissioning_officer", stranger=True)):  # fmt: skip
        with acting_as(first.viewer, by=first), pytest.raises(ValidationError, match="acts for the person"):
            make_key(authority=first.authority, name="x", scopes=[WRITE], at=timezone.now(), by=by)
    call_command("api_key", "southwark", "--name", "steps", "--scope", WRITE, "--scope", "*", "--acts-for", first.email)
    key = ApiKey.objects.get(name="steps")
    assert (key.scopes, key.made_by) == (f"* {WRITE}", first)
    for wrong in (["--acts-for", "nobody@southwark.test"], []):
        with pytest.raises(CommandError):
            call_command("api_key", "southwark", "--name", "steps", "--scope", WRITE, *wrong)


def test_rows_are_told_in_every_state_and_filtered(client, cast, first, second):
    for number, state in enumerate(("requested", "built", "published", "withdrawn"), 1):
        release_by(first, second, number=number, as_at=date(2025, 3 * number, 30), state=state)
    key = key_of(first, "releases")
    assert [row["state"] for row in rows(client, HERE, key)] == ["requested", "built", "published", "withdrawn"]
    (row,) = rows(client, f"{HERE}?state=published", key)
    assert (row["rules"]["hidden_up_to"], row["definitions"]["weekly_price"]["unit"]) == (7, "£ a week")
    assert (row["report"]["members"], row["approved_by"]) == (7, second.email)
    assert "told_apart" not in row["report"], "keys of the database's own"
    assert len(rows(client, f"{HERE}?as_at=2025-06-30", key)) == 1
