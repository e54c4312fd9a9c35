"""Whoever hands out rights a while after signing in proves once more who they are; nothing typed is lost."""

import pytest
from django.core.cache import cache

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import (
    ApiKey,
    Invitation,
    NamedRole,
    SavedView,
    ScheduledExport,
    SftpTarget,
    User,
    Webhook,
)
from commissioning.partnership.pages.proof import LASTS, NAME, PROVED
from tests.contracts.watching import own
from tests.reading import text

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PASSWORD = "three quiet herons"
ASKED = "Your own password"
KEY = {"name": "nightly load", "scopes": ["rates"], "days": "30"}
HOOK = {"name": "warehouse", "address": "https://hooks.example.org/in", "kinds": ["visit.published"]}
SERVER = {
    "name": "warehouse", "host": "files.example.org", "port": "22", "user": "southwark", "password": "laid down there",
    "fingerprint": "SHA256:" + "a" * 43,
}  # fmt: skip
LEAD = {"role": "safeguarding", "name": "Duty desk", "email": "duty@southwark.test"}
FILE = {"format": "csv", "every": "day", "hour": "6", "to": "link"}
# What is filled in, where, and whose rows it makes.
FORMS = {
    "key": ("/accounts/keys/make/", KEY, ApiKey),
    "key in another's place": ("/accounts/keys/{key}/replace/", {"days": "30", "beside": "7"}, ApiKey),
    "webhook": ("/accounts/webhooks/make/", HOOK, Webhook),
    "server": ("/accounts/sftp/add/", SERVER, SftpTarget),
    "who is told at once": ("/accounts/named-roles/new/", LEAD, NamedRole),
    "person": ("/accounts/people/invite/", {"email": "new@southwark.test", "role": "analyst"}, Invitation),
    "export": ("/accounts/views/{view}/schedule/", FILE, ScheduledExport),
}


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECOND_FACTOR_REQUIRED = False
    cache.clear()


def made(email, role, authority):
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        return User.objects.create_user(email, PASSWORD, name="Someone", role=role, authority=authority)


@pytest.fixture
def admin(southwark):
    return made("admin@southwark.test", "authority_administrator", southwark)


def older(client, seconds=LASTS):
    """As long ago, and not idle meanwhile."""
    session = client.session
    for name in ("signed_in_at", PROVED):
        if name in session:
            session[name] -= seconds
    for record in session.get("account_authentication_methods", []):
        record["at"] -= seconds
    session.save()


def opened(client, user, form):
    """The form's address; the person has been signed in for a quarter of an hour. A replacement, a schedule or a
    secret stands on a row that they made when they came."""
    client.force_login(user)
    client.get("/accounts/")
    address = FORMS[form][0]
    if "{key}" in address:
        client.post("/accounts/keys/make/", KEY)
        with own(user.authority):
            address = address.format(key=ApiKey.objects.get().uuid)
    if "{view}" in address:
        client.post("/accounts/views/save/frameworks/", {"name": "ours"})
        with own(user.authority):
            address = address.format(view=SavedView.objects.get().uuid)
    older(client)
    return address


def count(model, authority):
    with own(authority):
        return model.objects.count()


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_made_before_the_password_and_nothing_typed_is_lost(client, admin, southwark, form):
    if form == "export":  # an administrator has no views
        admin = made("analyst@southwark.test", "analyst", southwark)
    address, (_, typed, model) = opened(client, admin, form), FORMS[form]
    before = count(model, southwark)
    assert ASKED in text(client.get(address))
    for given, says in ((None, "Enter your own password"), ("four loud herons", "That is not the password")):
        page = client.post(address, typed | ({NAME: given} if given else {}))
        assert (page.status_code, says in text(page)) == (200, True)
        assert "four loud herons" not in page.content.decode()
        for name, value in typed.items():
            if name not in ("password", "kinds", "scopes"):
                assert f'value="{value}"' in page.content.decode(), name
    assert count(model, southwark) == before
    page = client.post(address, typed | {NAME: PASSWORD}, follow=True)
    assert "There is a problem" not in text(page)
    assert count(model, southwark) == before + 1
    assert ASKED not in text(client.get(address)), "asked once, for a quarter of an hour"
    older(client)
    assert ASKED in text(client.get(address))


def test_another_mistake_does_not_ask_for_the_password_twice(client, admin):
    address = opened(client, admin, "key")
    page = client.post(address, KEY | {"name": "", NAME: PASSWORD})
    assert "Say what the key is for" in text(page)
    assert ASKED not in text(page)


def test_a_new_secret_is_asked_about_and_revoking_is_not(client, admin, southwark):
    client.force_login(admin)
    client.post("/accounts/webhooks/make/", HOOK)
    client.post("/accounts/keys/make/", KEY)
    with own(southwark):
        hook, key = Webhook.objects.get(), ApiKey.objects.get()
    older(client)
    secret = f"/accounts/webhooks/{hook.uuid}/secret/"
    assert "Enter your own password" in text(client.post(secret, {"days": "0"}))
    assert "Copy the secret now" in text(client.post(secret, {"days": "0", NAME: PASSWORD}))
    older(client)
    assert "is revoked" in text(client.post(f"/accounts/webhooks/{hook.uuid}/revoke/", follow=True))
    assert "is revoked" in text(client.post(f"/accounts/keys/{key.uuid}/revoke/", follow=True))


def test_nobody_is_taken_from_those_told_at_once_without_the_proof(client, admin, southwark):
    """This takes no right away: it silences an alarm."""
    client.force_login(admin)
    client.post("/accounts/named-roles/new/", LEAD)
    with own(southwark):
        lead = NamedRole.objects.get()
    older(client)
    page = f"/accounts/named-roles/{lead.uuid}/remove/"
    assert "Enter your own password" in text(client.post(page, {}))
    assert count(NamedRole, southwark) == 1
    client.post(page, {NAME: PASSWORD})
    assert count(NamedRole, southwark) == 0


def test_a_guessed_password_is_limited_even_when_it_comes_right(client, admin):
    address = opened(client, admin, "key")
    for _ in range(10):
        client.post(address, KEY | {NAME: "wrong"})
    assert "Too many attempts" in text(client.post(address, KEY | {NAME: PASSWORD}))


@pytest.mark.parametrize(("what", "typed"), [("role", {"role": "auditor"}), ("on", {}), ("second-factor", {})])
def test_rights_of_a_person_wait_for_the_proof_and_switching_off_does_not(client, admin, southwark, what, typed):
    other = made("analyst@southwark.test", "analyst", southwark)
    page = f"/accounts/people/{other.uuid}/"
    client.force_login(admin)
    client.get(page)
    older(client)
    assert "is switched off" in text(client.post(f"{page}off/", follow=True))
    if what != "on":
        with acting_as(Viewer.of_service("tests"), by="service:tests"):
            User.objects.filter(pk=other.pk).update(is_active=True)
    before = User.objects.values("role", "is_active").get(pk=other.pk)
    answer = client.post(f"{page}{what}/", typed, follow=True)
    assert answer.redirect_chain[-1][0] == f"/accounts/reauthenticate/?next={page.replace('/', '%2F')}"
    assert "Nothing is changed yet" in text(answer)
    assert User.objects.values("role", "is_active").get(pk=other.pk) == before
    assert client.post(answer.redirect_chain[-1][0], {"password": PASSWORD})["Location"] == page
    assert client.post(f"{page}{what}/", typed)["Location"] == "/accounts/people/"
    assert other.email in text(client.get("/accounts/people/"))


def test_a_calendar_link_waits_for_the_proof_and_revoking_it_does_not(client, admin, southwark):
    officer = made("quality@southwark.test", "quality_officer", southwark)
    client.force_login(officer)
    client.get("/visits/reminders/")
    older(client)
    link = "/visits/reminders/calendar/"
    assert "Nothing is changed yet" in text(client.post(link, {"what": "new"}, follow=True))
    assert "calendar.ics?key=" not in client.get("/visits/reminders/").content.decode()
    assert "link is revoked" in text(client.post(link, {"what": "revoke"}, follow=True))


def test_signing_in_is_proof_enough(client, admin):
    client.post("/accounts/login/", {"login": admin.email, "password": PASSWORD})
    assert ASKED not in text(client.get("/accounts/keys/make/"))
    older(client, LASTS - 5)
    assert ASKED not in text(client.get("/accounts/keys/make/"))
    older(client)
    assert ASKED in text(client.get("/accounts/keys/make/"))
