"""Settings, from the environment. A missing one says what to set; `make demo` sets them all."""

import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from commissioning.kernel import postgres

PROJECT = Path(__file__).resolve().parent.parent
BUILD = PROJECT / "build"


def _env(name: str, default: str | None = None, *, says: str = "") -> str:
    value = os.environ.get(name) or default  # an empty line in an environment file is no answer
    if value is None:
        raise ImproperlyConfigured(f"Set {name}: {says}")
    return value


def _own(name: str, embedded: str, *, says: str) -> str:
    """A setting that has a default beside the embedded database alone: elsewhere a guess would serve real people."""
    return _env(name, embedded if EMBEDDED else None, says=says)


def _database(setting: str, url: str, **options: Any) -> dict[str, Any]:
    """A Django connection from postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{setting} must begin with postgresql://")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, **options},
    }


# Without a database of its own an installation is for demonstration: embedded PostgreSQL, plain http on loopback.
EMBEDDED = "DATABASE_URL" not in os.environ
DEBUG = _env("DEBUG", "0") == "1"
if DEBUG and not EMBEDDED:
    raise ImproperlyConfigured(
        "DEBUG=1 is refused with DATABASE_URL: its error pages show data. Take one of them away."
    )
DEMONSTRATION = _env("DEMONSTRATION", "1" if EMBEDDED else "0") == "1"
ALLOWED_HOSTS = _own(
    "ALLOWED_HOSTS", "127.0.0.1,localhost", says="the names this installation answers to, with commas between."
).split(",")
PARTNERSHIP_NAME = _own(
    "PARTNERSHIP_NAME", "South East London commissioning partnership", says="the partnership's name, for every page."
)

# `default` signs in as web, which owns nothing; `owner` is for migrations and absent from a process that serves;
# `release` reads every member's purchases and writes releases: for the worker alone, and never for the web.
try:
    _web = postgres.url("web") if EMBEDDED else os.environ["DATABASE_URL"]
    _owner = os.environ.get("DATABASE_OWNER_URL") or (postgres.url("owner") if EMBEDDED else None)
    _release = os.environ.get("DATABASE_RELEASE_URL") or (postgres.url("release") if EMBEDDED else None)
    SECRET_KEY = _env(
        "SECRET_KEY",
        postgres.secret_key() if EMBEDDED else None,
        says="a long random text that only this installation knows (for sessions and links).",
    )
    # References to children are kept as keyed digests and sealed. A new key would orphan them, so it is not SECRET_KEY.
    REFERENCE_KEY = _env(
        "REFERENCE_KEY",
        postgres.secret_key() if EMBEDDED else None,
        says="a long random text that seals children's references and webhooks' secrets, and never changes.",
    )
except postgres.PostgresProblem as problem:
    raise ImproperlyConfigured(str(problem)) from None
DATABASES = {"default": _database("DATABASE_URL", _web, application_name="commissioning web")}
if _owner:
    DATABASES["owner"] = _database("DATABASE_OWNER_URL", _owner, application_name="commissioning owner")
    # The tests build their database as owner and run as web.
    DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
    DATABASES["owner"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE"), "DEPENDENCIES": []}
if _release:
    DATABASES["release"] = _database("DATABASE_RELEASE_URL", _release, application_name="commissioning release")
    DATABASES["release"]["TEST"] = {"MIRROR": "owner"}

# The name of this installation's contracting processes, given out by the Open Contracting Partnership. The default is
# nobody's: a package that begins with it is for demonstration.
OCDS_PREFIX = _own(
    "OCDS_PREFIX", "ocds-000000", says="the prefix registered for this partnership's processes, such as ocds-a1b2c3."
)
if not re.fullmatch(r"ocds-[a-z0-9]{6}", OCDS_PREFIX):
    raise ImproperlyConfigured("Set OCDS_PREFIX: ocds- and the six letters or figures that were registered.")

# Rules of disclosure that are stricter here: "other_authorities=4 pounds=10" (compare/rules/disclosure.py).
DISCLOSURE = _env("DISCLOSURE", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_forms_gds",
    "csp",
    "django_filters",
    "django_htmx",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "commissioning.partnership",
    "providers",
    "contracts",
    "commissioning.need",
    "quality",
    "commissioning.compare",
    "api",
    "fixtures",
    # Last: after every migrate it makes the database say what all the rooms declare.
    "commissioning.kernel",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "commissioning.kernel.tenancy.middleware.request_number",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "commissioning.kernel.tenancy.middleware.ActAsRequest",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "commissioning.partnership.pages.gate.RequireSecondFactor",
]

# Pages at which a key says who is looking: they open the door to the database themselves.
OPENS_OWN_DOOR = ("/api/", "/visits/calendar.ics", "/my-home/")
KEYED_ADDRESSES = ("/my-home/",)  # whoever has the address is let in: no log holds it

ROOT_URLCONF = "commissioning.urls"
WSGI_APPLICATION = "commissioning.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The kernel's templates stand before allauth's, whose pages they restyle.
        "DIRS": [PROJECT / "commissioning" / "kernel" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "commissioning.partnership.pages.surroundings.surroundings",
            ],
            "builtins": ["commissioning.kernel.templatetags.page"],
        },
    }
]

# People
AUTH_USER_MODEL = "partnership.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "commissioning.partnership.pages.adapter.ClosedSignUp"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation reached the address, and is the only way in
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_FORMS = {
    "login": "commissioning.partnership.forms_sign_in.SignIn",
    "reset_password": "commissioning.partnership.forms_sign_in.ForgottenPassword",
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
# By person rather than by address: one person's mistakes must not lock a council behind one address.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "5/300s/key",
    "reauthenticate": "5/300s/user",
    "reset_password": "5/m/key",
    "reset_password_from_key": "60/m/ip",
    "signup": "20/m/ip",
}
MFA_ADAPTER = "commissioning.partnership.pages.adapter.SecondFactor"
MFA_FORMS = {
    "activate_totp": "commissioning.partnership.forms_second_factor.SetUpApp",
    "authenticate": "commissioning.partnership.forms_second_factor.SecondStep",
    "reauthenticate": "commissioning.partnership.forms_second_factor.SecondStepAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PARTNERSHIP_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMONSTRATION
SECOND_FACTOR_REQUIRED = _env("SECOND_FACTOR_REQUIRED", "0" if DEMONSTRATION else "1") == "1"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

# Transport and browser
_https = _env("HTTPS", "0" if DEBUG or DEMONSTRATION else "1") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # whoever asks whether the process lives asks it directly, over plain http
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _env("BEHIND_PROXY", "0") == "1" else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE_PROXY_SSL_HEADER else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

# Rate limits hold across workers, so they are kept in the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kernel_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# Webhooks go to the public internet alone; these are networks besides, such as public addresses of our own.
REFUSED_NETWORKS = _env("REFUSED_NETWORKS", "")

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BUILD / "collected"
STATICFILES_DIRS = [BUILD / "static"] if (BUILD / "static").exists() else []
_plain_files = DEBUG or "pytest" in sys.modules
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _plain_files
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Files as they were received: outside the web's reach, named by import.
INBOX = Path(_own("INBOX", str(BUILD / "inbox"), says="the folder that keeps files as they were received."))
# Photographs and papers of visits, beside the database in every back-up: in a folder, or in an S3-compatible store.
# Files of exports, which go after a week, stand there too, under exports/.
_bucket = os.environ.get("EVIDENCE_S3_BUCKET")
if _bucket:
    EVIDENCE = None
    STORAGES["evidence"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "endpoint_url": _env("EVIDENCE_S3_ENDPOINT", says="the address of the store that keeps evidence."),
            "region_name": _env("EVIDENCE_S3_REGION", says="the region of the store that keeps evidence."),
            "access_key": _env("EVIDENCE_S3_ACCESS_KEY", says="the name by which the store knows this installation."),
            "secret_key": _env("EVIDENCE_S3_SECRET_KEY", says="the secret that goes with EVIDENCE_S3_ACCESS_KEY."),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
        },
    }
else:
    EVIDENCE = Path(_own("EVIDENCE", str(BUILD / "evidence"), says="the folder that keeps photographs and papers."))
    STORAGES["evidence"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": EVIDENCE, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    }
EVIDENCE_QUOTA_MB = int(_env("EVIDENCE_QUOTA_MB", "20000"))  # for each authority
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
UPLOAD_LIMIT_BYTES = 200 * 1024 * 1024

# Language and time
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"

EMAIL_BACKEND = _own(
    "EMAIL_BACKEND",
    "django.core.mail.backends.console.EmailBackend",
    says="how invitations are sent, for example django.core.mail.backends.smtp.EmailBackend.",
)
EMAIL_TIMEOUT = 10  # an alert goes within its request: a post that does not answer must not hold it
DEFAULT_FROM_EMAIL = _own("DEFAULT_FROM_EMAIL", "no-reply@localhost", says="the address that e-mails come from.")
SITE_URL = _own(
    "SITE_URL",
    "http://127.0.0.1:8000",
    says="the address people reach this at, for links in e-mails, without a / at its end.",
).rstrip("/")

# Calls that are let through in a minute, counted in the database.
API_CALLS_OF_KEY = int(_env("API_CALLS_OF_KEY", "600"))
API_CALLS_OF_AUTHORITY = int(_env("API_CALLS_OF_AUTHORITY", "1800"))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.keys.KeyAuthentication", "api.keys.SignedInAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.keys.MayRead"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "api.problems.as_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Regional commissioning platform",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "filters": {"keys": {"()": "commissioning.kernel.logs.WithoutKeys"}},
    "loggers": {name: {"filters": ["keys"]} for name in ("django.request", "django.server", "django.security.csrf")},
    "root": {"handlers": ["console"], "level": _env("LOG_LEVEL", "WARNING")},
}
