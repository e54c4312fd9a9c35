"""People, from invitation to switching off: pages, actions, the gate and the keys."""

import re
import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions import change_person
from commissioning.partnership.actions.accept_invitation import InvitationOver, accept_invitation
from commissioning.partnership.actions.invite_person import invite_person
from commissioning.partnership.actions.make_key import make_key
from commissioning.partnership.actions.revoke_key import revoke_key
from commissioning.partnership.actions.use_key import find_key
from commissioning.partnership.models import ApiKey, Invitation, User
from providers.models import Provider

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PASSWORD = "three quiet herons"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def make(email, role, authority=None, provider=None):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        return User.objects.create_user(
            email, PASSWORD, name=email.split("@")[0].title(), role=role, authority=authority, provider=provider
        )


@pytest.fixture
def admin(southwark):
    return make("admin@southwark.test", "authority_administrator", southwark)


@pytest.fixture
def officer(southwark):
    return make("officer@southwark.test", "commissioning_officer", southwark)


@pytest.fixture
def partnership_admin(reference):
    return make("team@partnership.test", "partnership_administrator")


def acting(user):
    return acting_as(user.viewer, by=user)


# Signing in


def test_signs_in_by_email_whatever_the_case(client, officer):
    answer = client.post("/accounts/login/", {"login": "Officer@Southwark.test", "password": PASSWORD})
    assert answer.status_code == 302
    assert client.get("/accounts/").status_code == 200


def test_unknown_address_and_wrong_password_read_the_same(client, officer):
    def said(**sent):
        page = client.post("/accounts/login/", sent).content.decode()
        assert "There is a problem" in page
        return re.sub(r'(nonce|value)="[^"]*"|"csrfmiddlewaretoken".*?>|X-CSRFToken": "[^"]*"', "", page)

    assert said(login="officer@southwark.test", password="wrong") == said(
        login="nobody@southwark.test", password="wrong"
    )


def test_forgotten_password_says_the_same_and_writes_only_to_the_known(client, officer):
    known = client.post("/accounts/password/reset/", {"email": "officer@southwark.test"})
    assert len(mail.outbox) == 1
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@southwark.test"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1
    link = re.search(r"http://\S+", mail.outbox[0].body).group()
    page = client.get(link, follow=True)
    assert b"Choose a new password" in page.content
    client.post(page.redirect_chain[-1][0], {"password1": "four loud herons", "password2": "four loud herons"})
    assert User.objects.get(pk=officer.pk).check_password("four loud herons")


def test_wrong_passwords_of_one_person_lock_nobody_else(client, officer, admin):
    for _ in range(8):
        client.post("/accounts/login/", {"login": officer.email, "password": "wrong"})
    page = client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
    assert b"Wait five minutes" in page.content
    assert client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD}).status_code == 302


def test_sign_up_is_closed(client, db):
    page = client.get("/accounts/signup/")
    assert b"Accounts are by invitation" in page.content
    client.post("/accounts/signup/", {"email": "x@y.test", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.filter(email="x@y.test").exists()


# The gate


def test_second_factor_is_asked_for_before_anything_else(client, officer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(officer)
    assert client.get("/accounts/")["Location"] == "/accounts/2fa/"
    page = client.get("/accounts/2fa/")
    assert page.status_code == 200
    assert b"Before you go on" in page.content
    assert b"/frameworks/" not in page.content
    Authenticator.objects.create(user=officer, type="recovery_codes", data={"seed": "x", "used_mask": 0})
    assert client.get("/accounts/").status_code == 302, "recovery codes alone are no second factor"
    Authenticator.objects.create(user=officer, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    assert client.get("/accounts/").status_code == 200


def test_the_api_knows_nobody_without_the_required_second_factor(client, officer, settings, rf):
    from commissioning.partnership.pages.gate import RequireSecondFactor

    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(officer)
    request = rf.get("/api/v1/lots/")
    request.user, request.session = officer, client.session
    seen = []
    RequireSecondFactor(lambda r: seen.append(r.user.is_authenticated))(request)
    assert seen == [False]


def test_switched_off_is_out_with_the_next_request(client, officer):
    client.force_login(officer)
    assert client.get("/accounts/").status_code == 200
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        User.objects.filter(pk=officer.pk).update(is_active=False)
    assert client.get("/accounts/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("key", "back"), [("seen_at", 30 * 60), ("signed_in_at", 12 * 3600)])
def test_a_session_ends_after_half_an_hour_idle_or_twelve_hours(client, officer, key, back):
    client.force_login(officer)
    client.get("/accounts/")
    session = client.session
    session[key] -= back - 5
    session.save()
    assert client.get("/accounts/").status_code == 200
    session = client.session
    session[key] -= back
    session.save()
    answer = client.get("/accounts/?x=1")
    assert answer["Location"] == "/accounts/login/?next=/accounts/%3Fx%3D1"
    assert b"You were signed out because" in client.get(answer["Location"]).content


def test_the_session_is_written_once_a_minute_at_most(client, officer):
    client.force_login(officer)
    client.get("/accounts/roles/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/accounts/roles/")
        assert not [query for query in asked if query["sql"].startswith("UPDATE")]
        session = client.session
        session["seen_at"] -= 60
        session.save()
        client.get("/accounts/roles/")
        assert [query for query in asked if 'UPDATE "django_session"' in query["sql"]]


# Invitations


def invite(client, admin, **sent):
    client.force_login(admin)
    page = client.post("/accounts/people/invite/", sent)
    client.logout()
    found = re.search(r"http://testserver(/accounts/invitations/[^/]+/)", page.content.decode())
    return found.group(1) if found else page


def test_from_invitation_to_first_page(client, admin, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        link = invite(client, admin, email="New@Southwark.test", role="quality_officer")
    assert link in mail.outbox[0].body
    assert "Southwark" in mail.outbox[0].body
    assert b"new@southwark.test" in client.get(link).content
    answer = client.post(link, {"name": " Nadia  Osei ", "password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 302
    person = User.objects.get(email="new@southwark.test")
    assert (person.name, person.role, person.authority_id) == ("Nadia Osei", "quality_officer", admin.authority_id)
    assert b"Nadia Osei" in client.get("/accounts/").content
    client.logout()
    again = client.post(link, {"name": "Other", "password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 410
    with acting(admin), connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, reason FROM audit.partnership_user WHERE row_id = %s ORDER BY event_id", [person.pk]
        )
        assert cursor.fetchone() == ("service:invitation", "accepted an invitation")


def test_the_link_is_kept_only_as_a_digest(client, admin):
    secret = invite(client, admin, email="new@southwark.test", role="analyst").split("/")[3]
    with acting(admin), connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(i)::text FROM partnership_invitation i")
        assert secret not in str(cursor.fetchall())
        cursor.execute("SELECT after::text FROM audit.partnership_invitation")
        told = str(cursor.fetchall())
        assert "new@southwark.test" in told
        assert "digest" not in told


@pytest.mark.parametrize("spoil", ["expired", "withdrawn", "invented"])
def test_a_link_that_is_over_makes_no_account(client, admin, spoil):
    link = invite(client, admin, email="new@southwark.test", role="analyst")
    with acting(admin):
        if spoil == "expired":
            Invitation.objects.update(expires_at=timezone.now())
        elif spoil == "withdrawn":
            Invitation.objects.update(withdrawn_at=timezone.now())
        else:
            link = "/accounts/invitations/invented/"
    assert client.get(link).status_code == 410
    assert client.post(link, {"name": "N", "password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert not User.objects.filter(email="new@southwark.test").exists()


def test_a_second_invitation_replaces_the_first(client, admin):
    first = invite(client, admin, email="new@southwark.test", role="analyst")
    second = invite(client, admin, email="new@southwark.test", role="auditor")
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"name": "N", "password": "short", "again": "short"}, "too short"),
        ({"name": "N", "password": PASSWORD, "again": "other"}, "not the same"),
        ({"name": "", "password": PASSWORD, "again": PASSWORD}, "Enter your name"),
        ({"name": " ", "password": "new@southwark.test", "again": "new@southwark.test"}, "too similar"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_said(client, admin, sent, says):
    link = invite(client, admin, email="new@southwark.test", role="analyst")
    page = client.post(link, sent)
    assert page.status_code == 200
    assert says in page.content.decode() or (says == "too similar" and "Enter your name" in page.content.decode())
    assert not User.objects.filter(email="new@southwark.test").exists()


def test_an_authority_administrator_invites_to_the_own_authority_alone(admin, lewisham, southwark):
    with acting(admin):
        for more in (
            {"role": "analyst", "authority": lewisham},
            {"role": "partnership_administrator"},
            {"role": "provider_contact"},
            {"role": "king", "authority": southwark},
        ):
            with pytest.raises(ValidationError):
                invite_person(email="x@y.test", at=NOW, by=admin, **more)
        assert not Invitation.objects.exists()


def test_an_officer_invites_nobody(client, officer, southwark):
    with acting(officer), pytest.raises(ValidationError):
        invite_person(email="x@y.test", role="analyst", authority=southwark, at=NOW, by=officer)
    client.force_login(officer)
    assert client.post("/accounts/people/invite/", {"email": "x@y.test", "role": "analyst"}).status_code == 403


def test_the_partnership_administrator_invites_anybody(client, partnership_admin, lewisham):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        Provider.objects.create(name="Alder Fostering", folded_name="alder fostering")
    link = invite(client, partnership_admin, email="a@alder.test", role="provider_contact", provider="alder fostering")
    client.post(link, {"name": "Ann", "password": PASSWORD, "again": PASSWORD})
    contact = User.objects.get(email="a@alder.test")
    assert contact.provider_id
    assert contact.authority_id is None
    assert b"Alder Fostering" in client.get("/accounts/").content
    assert isinstance(
        invite(client, partnership_admin, email="b@lewisham.test", role="analyst", authority=str(lewisham.pk)), str
    )
    wrong = invite(client, partnership_admin, email="c@alder.test", role="provider_contact", provider="Nobody Ltd")
    assert b"No provider is called Nobody Ltd" in wrong.content
    none = invite(client, partnership_admin, email="d@lewisham.test", role="analyst")
    assert b"choose the authority" in none.content


def test_one_with_an_account_is_not_invited_again(client, admin, officer, greenwich):
    page = invite(client, admin, email=officer.email.upper(), role="analyst")
    assert b"has an account already" in page.content
    other = make("other@greenwich.test", "analyst", greenwich)
    page = invite(client, admin, email=other.email, role="analyst")
    assert b"cannot be invited here" in page.content
    assert b"greenwich" not in page.content.replace(b"other@greenwich", b"")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_clicks_at_once_make_one_account(southwark):
    admin = make("admin@southwark.test", "authority_administrator", southwark)
    with acting(admin):
        _, secret = invite_person(email="n@southwark.test", role="analyst", authority=southwark, at=NOW, by=admin)
    got, start = [], threading.Barrier(2)

    def click():
        start.wait()
        try:
            with acting_as(Viewer.nobody(), by="service:tests"):
                got.append(accept_invitation(secret=secret, name="N", password=PASSWORD, at=NOW).email)
        except InvitationOver:
            got.append("over")
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(got) == ["n@southwark.test", "over"]


# Changing people


def test_the_list_holds_the_own_authority_alone(client, admin, officer, partnership_admin, lewisham):
    make("other@lewisham.test", "analyst", lewisham)
    client.force_login(admin)
    page = client.get("/accounts/people/").content
    assert officer.email.encode() in page
    assert b"other@lewisham.test" not in page
    client.force_login(partnership_admin)
    assert b"other@lewisham.test" in client.get("/accounts/people/").content


def test_another_authoritys_person_is_not_found(client, admin, lewisham):
    other = make("other@lewisham.test", "analyst", lewisham)
    client.force_login(admin)
    assert client.get(f"/accounts/people/{other.uuid}/").status_code == 404
    for what in ("role", "off", "on", "second-factor"):
        assert client.post(f"/accounts/people/{other.uuid}/{what}/", {"role": "auditor"}).status_code == 404
    with acting(admin), pytest.raises(ValidationError):
        change_person.switch_off(person=other, at=NOW, by=admin)
    assert client.post(f"/accounts/people/{admin.uuid}/king/").status_code == 404


def test_role_is_changed_and_history_says_by_whom(client, admin, officer):
    client.force_login(admin)
    client.post(f"/accounts/people/{officer.uuid}/role/", {"role": "auditor"})
    officer.refresh_from_db()
    assert officer.role == "auditor"
    with acting(admin), connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, after->>'role' FROM audit.partnership_user WHERE row_id = %s ORDER BY event_id DESC LIMIT 1",
            [officer.pk],
        )
        assert cursor.fetchone() == (f"user:{admin.uuid}", "auditor")


@pytest.mark.parametrize("role", ["partnership_administrator", "provider_contact", "king", ""])
def test_nobody_is_given_a_role_of_another_kind(client, admin, officer, role):
    client.force_login(admin)
    client.post(f"/accounts/people/{officer.uuid}/role/", {"role": role})
    officer.refresh_from_db()
    assert officer.role == "commissioning_officer"


def test_nobody_changes_themselves(client, admin, partnership_admin, southwark):
    make("second@southwark.test", "authority_administrator", southwark)
    make("second@partnership.test", "partnership_administrator")
    for user in (admin, partnership_admin):
        client.force_login(user)
        for what in ("role", "off", "second-factor"):
            page = client.post(f"/accounts/people/{user.uuid}/{what}/", {"role": "auditor"}, follow=True)
            assert b"You cannot change your own account here" in page.content
        user.refresh_from_db()
        assert user.is_active
        assert user.role.endswith("administrator")


def test_the_last_administrator_of_an_authority_stays(client, admin, partnership_admin, southwark):
    client.force_login(partnership_admin)
    for what in ("role", "off"):
        page = client.post(f"/accounts/people/{admin.uuid}/{what}/", {"role": "auditor"}, follow=True)
        assert b"is the last authority administrator of Southwark" in page.content
        admin.refresh_from_db()
        assert admin.is_active
        assert admin.role == "authority_administrator"
    make("second@southwark.test", "authority_administrator", southwark)
    client.post(f"/accounts/people/{admin.uuid}/off/")
    admin.refresh_from_db()
    assert not admin.is_active


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_administrators_cannot_switch_each_other_off(southwark):
    pair = [make(f"{n}@southwark.test", "authority_administrator", southwark) for n in ("a", "b")]
    start, said = threading.Barrier(2), []

    def off(by, person):
        start.wait()
        try:
            with acting(by):
                change_person.switch_off(person=person, at=NOW, by=by)
        except ValidationError as problem:
            said.append(problem.messages[0])
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=off, args=(pair[n], pair[1 - n])) for n in (0, 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(said) == 1
    assert User.objects.filter(is_active=True).count() == 1


@pytest.mark.parametrize(
    ("change", "more"),
    [(change_person.change_role, {"role": "auditor"}), (change_person.switch_off, {"at": NOW})],
)
def test_one_just_demoted_finishes_nothing(admin, officer, southwark, partnership_admin, change, more):
    """The request began while the person was an administrator; the row says otherwise by now."""
    make("second@partnership.test", "partnership_administrator")
    second = make("second@southwark.test", "authority_administrator", southwark)
    for stale in (second, partnership_admin):
        with acting(admin):
            User.objects.filter(pk=stale.pk).update(role="auditor", authority=southwark)
        with acting(admin), pytest.raises(ValidationError, match="Only an administrator"):
            change(person=officer, by=stale, **more)
    officer.refresh_from_db()
    assert (officer.role, officer.is_active) == ("commissioning_officer", True)


def test_a_partnership_administrator_just_switched_off_finishes_nothing(admin, officer, partnership_admin):
    with acting(admin):
        User.objects.filter(pk=partnership_admin.pk).update(is_active=False)
    with acting(admin), pytest.raises(ValidationError, match="just been switched off"):
        change_person.switch_off(person=officer, at=NOW, by=partnership_admin)


def test_an_administrators_invitations_end_with_the_role(client, admin, officer, southwark):
    second = make("second@southwark.test", "authority_administrator", southwark)
    link = invite(client, second, email="new@southwark.test", role="analyst")
    kept = invite(client, admin, email="other@southwark.test", role="analyst")
    client.force_login(admin)
    client.post(f"/accounts/people/{second.uuid}/role/", {"role": "authority_administrator"})
    assert Invitation.objects.filter(withdrawn_at=None).count() == 2  # the same role: nothing is taken away
    client.post(f"/accounts/people/{second.uuid}/role/", {"role": "auditor"})
    client.logout()
    assert client.get(link).status_code == 410
    assert client.get(kept).status_code == 200


def test_switching_off_withdraws_what_was_sent_and_on_lets_in_again(client, admin, officer, southwark):
    second = make("second@southwark.test", "authority_administrator", southwark)
    link = invite(client, second, email="new@southwark.test", role="analyst")
    client.force_login(admin)
    client.post(f"/accounts/people/{second.uuid}/off/")
    client.logout()
    assert client.get(link).status_code == 410
    assert (
        client.post("/accounts/login/", {"login": second.email, "password": PASSWORD})["Location"]
        == "/accounts/inactive/"
    )
    client.force_login(admin)
    client.post(f"/accounts/people/{second.uuid}/on/")
    client.logout()
    assert client.post("/accounts/login/", {"login": second.email, "password": PASSWORD})["Location"] == "/"


def test_a_lost_second_factor_is_removed(client, admin, officer):
    Authenticator.objects.create(user=officer, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client.force_login(admin)
    client.post(f"/accounts/people/{officer.uuid}/second-factor/")
    assert not Authenticator.objects.filter(user=officer).exists()


def test_an_invitation_is_withdrawn_by_its_own_authority_alone(client, admin, lewisham):
    link = invite(client, admin, email="new@southwark.test", role="analyst")
    row = Invitation.objects.get()
    client.force_login(make("admin@lewisham.test", "authority_administrator", lewisham))
    assert client.post(f"/accounts/people/invitations/{row.uuid}/withdraw/").status_code == 404
    client.force_login(admin)
    assert client.get(f"/accounts/people/invitations/{row.uuid}/withdraw/").status_code == 200
    client.post(f"/accounts/people/invitations/{row.uuid}/withdraw/")
    client.logout()
    assert client.get(link).status_code == 410


# Keys


def key_of(southwark, admin=None, **more):
    with acting_as(Viewer.of_authority(southwark.pk), by="service:tests"):
        return make_key(authority=southwark, name="warehouse", at=NOW, by=admin, **more)


def test_a_key_opens_only_as_it_was_given(southwark):
    key, presented = key_of(southwark)
    assert find_key(presented, NOW) == key
    assert re.fullmatch(r"[0-9a-f]{12}\.[\w-]{43}", presented)
    for wrong in (
        presented[:-1],
        presented + "x",
        presented.upper(),
        key.prefix,
        f"{key.prefix}.",
        "",
        ".",
        "\x00.x",
        "é.x",
    ):
        assert find_key(wrong, NOW) is None
    assert find_key(presented, key.expires_at - timedelta(seconds=1)) == key
    assert find_key(presented, key.expires_at) is None


def test_a_key_is_kept_as_a_digest(southwark):
    _, presented = key_of(southwark)
    secret = presented.split(".")[1]
    with acting_as(Viewer.of_authority(southwark.pk), by="service:tests"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(k)::text FROM partnership_apikey k UNION SELECT after::text FROM audit.partnership_apikey"
        )
        assert secret not in str(cursor.fetchall())


def test_a_revoked_key_opens_nothing(southwark, admin, lewisham):
    key, presented = key_of(southwark)
    other = make("admin@lewisham.test", "authority_administrator", lewisham)
    with acting(other), pytest.raises(ValidationError):
        revoke_key(key=key, at=NOW, by=other)
    assert find_key(presented, NOW) == key
    with acting(admin):
        revoke_key(key=key, at=NOW, by=admin)
        with pytest.raises(ValidationError):
            revoke_key(key=key, at=NOW, by=admin)
    assert find_key(presented, NOW) is None


def test_last_use_is_noted_once_a_minute(southwark):
    key, presented = key_of(southwark)
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (90, 60)):
        find_key(presented, NOW + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at == NOW + timedelta(seconds=noted)


@pytest.mark.parametrize(
    "wrong", [{"scopes": ["people"]}, {"scopes": ["nothing"]}, {"scopes": []}, {"days": 366}, {"days": 0}]
)
def test_a_key_that_will_not_do_is_refused(southwark, wrong):
    with pytest.raises(ValidationError):
        key_of(southwark, **wrong)


def test_keys_page_from_none_to_made_to_revoked(client, admin, lewisham):
    client.force_login(admin)
    assert b"No keys yet" in client.get("/accounts/keys/").content
    sent = {"name": "Warehouse", "scopes": ["lots", "rates"], "days": "91"}
    page = client.post("/accounts/keys/make/", sent).content.decode()
    presented = re.search(r'value="([0-9a-f]{12}\.[\w-]{43})"', page).group(1)
    key = find_key(presented, timezone.now())
    assert (key.authority, key.scopes, key.made_by) == (admin.authority, "lots rates", admin)
    assert b"is in use" in client.post("/accounts/keys/make/", sent).content
    assert presented not in client.get("/accounts/keys/").content.decode()
    client.force_login(make("admin@lewisham.test", "authority_administrator", lewisham))
    assert client.post(f"/accounts/keys/{key.uuid}/revoke/").status_code == 404
    client.force_login(admin)
    client.post(f"/accounts/keys/{key.uuid}/revoke/")
    assert find_key(presented, timezone.now()) is None


def test_the_command_prints_the_key_last(southwark, capsys):
    for named in ("southwark", "E09000028"):
        call_command("api_key", named, "--name", "nightly", "--scope", "rates", "--scope", "lots")
        presented = capsys.readouterr().out.split()[-1]
        key = find_key(presented, timezone.now())
        assert (key.authority, key.scopes, key.name) == (southwark, "lots rates", "nightly")
    for wrong in (
        ["atlantis", "--name", "x"],
        ["southwark", "--name", " "],
        ["southwark", "--name", "x", "--scope", "people"],
    ):
        with pytest.raises(CommandError):
            call_command("api_key", *wrong)
    assert ApiKey.objects.count() == 2


def test_allauth_pages_are_all_restyled():
    """Every template that a reachable sign-in page names is found in the kernel before allauth's own."""
    from django.template.loader import get_template
    from django.urls import get_resolver

    from tests.permissions import routes

    kernel = str(settings.PROJECT / "commissioning" / "kernel")
    seen = 0
    for route in routes(get_resolver()):
        view = getattr(route.callback, "view_class", None)
        if view is None or not view.__module__.startswith("allauth"):
            continue
        name = getattr(view, "template_name", None)
        if (
            name and name.endswith(".html") and name != "account/signup.html"
        ):  # closed: signup_closed.html stands instead
            seen += 1
            assert str(get_template(name).origin.name).startswith(kernel), name
    assert seen > 15


def test_a_key_may_be_given_what_the_api_serves_and_nothing_else():
    from api.urls import RESOURCES
    from commissioning.partnership.actions.make_key import SCOPES

    assert set(SCOPES) == {resource.name for resource in RESOURCES}


def test_a_wrong_code_says_what_to_do(client, officer, settings):
    settings.MFA_ADAPTER = "commissioning.partnership.pages.adapter.SecondFactor"
    Authenticator.objects.create(user=officer, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    answer = client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/accounts/").status_code == 302, "the password alone opens nothing"
    page = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert b"That code is not right" in page.content
