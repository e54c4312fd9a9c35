"""The second factor's forms say what is wanted, and the invitation's role has its article."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.models import User
from commissioning.partnership.rules.roles import ROLES

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PASSWORD = "three quiet herons"


@pytest.fixture
def analyst(southwark, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    with acting_as(Viewer.of_service("tests"), by="service:tests"):
        return User.objects.create_user("analyst@southwark.test", PASSWORD, role="analyst", authority=southwark)


def test_an_empty_code_at_set_up_says_what_to_enter(client, analyst):
    client.post("/accounts/login/", {"login": analyst.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.post("/accounts/2fa/totp/activate/", {"code": ""}).content.decode()
    assert "Enter the six digits that the app shows" in page
    assert "This field is required" not in page


def test_an_empty_code_at_sign_in_says_what_to_enter(client, analyst):
    Authenticator.objects.create(user=analyst, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    answer = client.post("/accounts/login/", {"login": analyst.email, "password": PASSWORD})
    page = client.post(answer["Location"], {"code": ""}).content.decode()
    assert "Enter the six digits that the app shows, or a recovery code" in page


def test_a_role_has_its_article(client, analyst, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    assert ROLES["finance_officer"].with_article == "a finance officer"
    client.force_login(analyst)
    assert "You are an analyst." in client.get("/accounts/roles/").content.decode()
