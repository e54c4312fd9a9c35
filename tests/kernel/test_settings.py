"""What an installation with a database of its own must be told, and what it refuses."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
TOLD = {
    "DATABASE_URL": "postgresql://web:secret@db.example/commissioning",
    "SECRET_KEY": "x" * 60,
    "REFERENCE_KEY": "y" * 60,
    "ALLOWED_HOSTS": "commissioning.example,www.commissioning.example",
    "PARTNERSHIP_NAME": "Four boroughs together",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "commissioning@example.org",
    "OCDS_PREFIX": "ocds-a1b2c3",
    "SITE_URL": "https://commissioning.example.org",
    "INBOX": "/srv/commissioning/inbox",
    "EVIDENCE": "/srv/commissioning/evidence",
}
SHOW = """
from django.conf import settings as s
print(s.ALLOWED_HOSTS, s.PARTNERSHIP_NAME, s.EMAIL_BACKEND, s.DEFAULT_FROM_EMAIL, s.INBOX, s.DEBUG, sep="|")
"""


def read(show: str = SHOW, **environment: str) -> subprocess.CompletedProcess[str]:
    """Reads the settings in a process that has this environment and of the caller's only where things are."""
    base = {name: os.environ[name] for name in ("PATH", "COMMISSIONING_STATE") if name in os.environ}
    base["DJANGO_SETTINGS_MODULE"] = "commissioning.settings"
    return subprocess.run(
        [sys.executable, "-c", show], cwd=PROJECT, env=base | environment, capture_output=True, text=True, timeout=60
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.strip().splitlines()[-1]


def test_an_installation_that_is_told_everything_starts_with_what_it_was_told():
    done = read(**TOLD)
    assert done.stdout == (
        "['commissioning.example', 'www.commissioning.example']|Four boroughs together|"
        "django.core.mail.backends.smtp.EmailBackend|commissioning@example.org|/srv/commissioning/inbox|False\n"
    ), done.stderr


@pytest.mark.parametrize("name", [name for name in TOLD if name != "DATABASE_URL"])
def test_a_missing_setting_is_named_with_what_to_set(name):
    done = read(**{key: value for key, value in TOLD.items() if key != name})
    assert done.returncode != 0
    assert re.search(rf"ImproperlyConfigured: Set {name}: \w[^.]+\S*\.$", last_line(done)), last_line(done)


def test_an_empty_setting_is_a_missing_one():
    done = read(**TOLD | {"DEFAULT_FROM_EMAIL": ""})
    assert "ImproperlyConfigured: Set DEFAULT_FROM_EMAIL: " in last_line(done)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_RELEASE_URL"])
def test_an_address_of_another_kind_is_named(name):
    done = read(**TOLD | {name: "mysql://web:secret@db.example/commissioning"})
    assert last_line(done).endswith(f"{name} must begin with postgresql://")


@pytest.mark.parametrize(("rules", "says"), [
    ("other_authorities=2", "DISCLOSURE would loosen other_authorities from 3 to 2: it may only be stricter."),
    ("largest_percent=70", "DISCLOSURE would loosen largest_percent from 60 to 70: it may only be stricter."),
    ("pounds=ten", "DISCLOSURE: 'pounds=ten' should be a rule and a whole number, as other_authorities=4."),
])  # fmt: skip
def test_nothing_starts_with_a_looser_rule_of_disclosure(rules, says):
    start = "import django; django.setup()"
    done = read(start, **TOLD, DISCLOSURE=rules)
    assert done.returncode != 0
    assert last_line(done).endswith(f"ImproperlyConfigured: {says}")
    assert read(start, **TOLD, DISCLOSURE="other_authorities=4 pounds=10").returncode == 0


def test_only_a_process_that_is_told_so_signs_in_as_release():
    show = (
        "from django.conf import settings as s; print(sorted(s.DATABASES), s.DATABASES.get('release', {}).get('USER'))"
    )
    assert read(show, **TOLD).stdout == "['default'] None\n"
    told = TOLD | {"DATABASE_RELEASE_URL": "postgresql://release:secret@db.example/commissioning"}
    assert read(show, **told).stdout == "['default', 'release'] release\n"


def test_debug_is_refused_with_a_database_of_ones_own():
    done = read(**TOLD, DEBUG="1")
    assert done.returncode != 0
    assert "DEBUG=1 is refused with DATABASE_URL" in last_line(done)


def test_the_embedded_database_needs_no_setting():
    done = read(COMMISSIONING_INSTANCE="test", DEBUG="1")
    assert done.stdout.startswith("['127.0.0.1', 'localhost']|"), done.stderr
    assert done.stdout.endswith("|True\n")


def test_whoever_asks_after_the_process_over_plain_http_is_answered(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/live").status_code == 200
    assert client.get("/accounts/login/health/").status_code == 301
