"""What the processes that serve, web and worker, must not be able to do in the database."""

from collections.abc import Sequence

from django.conf import settings
from django.db import connections

QUESTIONS = {
    "is a superuser": "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
    "may go round row-level security": "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user",
    "may make roles or databases": "SELECT rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user",
    "may act as another role": """SELECT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
                                  WHERE r.rolname = current_user)""",
    "owns tables": "SELECT EXISTS (SELECT FROM pg_tables WHERE tableowner = current_user)",
    "may make tables": """SELECT has_database_privilege(current_database(), 'CREATE') OR EXISTS (
                          SELECT FROM pg_namespace WHERE nspname IN ('public', 'audit')
                          AND has_schema_privilege(oid, 'CREATE'))""",
    "may switch triggers off": "SELECT has_parameter_privilege('session_replication_role', 'SET')",
    "may write history": """SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE n.nspname = 'audit' AND c.relkind = 'r'
                            AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))""",
}


class ExcessRights(Exception):
    """The process, or its role in DATABASE_URL, can do more than it should."""


def excess_rights(using: str = "default") -> list[str]:
    """What the role of this connection can do and should not; empty when all is well."""
    with connections[using].cursor() as cursor:
        found = []
        for words, question in QUESTIONS.items():
            cursor.execute(question)
            if cursor.fetchone()[0]:
                found.append(words)
        return found


def is_worker(words: Sequence[str]) -> bool:
    """Whether these command words (sys.argv) start the worker: options may stand before its name."""
    return words[1:2] == ["procrastinate"] and "worker" in words[2:]


def refuse_excess_rights(*, makes_releases: bool = False) -> None:
    """Raises ExcessRights where this process holds the owner's login, or signs in as more than web; where it holds
    that of `release` and is not the worker, which `makes_releases`; and where `release` can do more than it should.

    The embedded server's logins lie beside the program whatever is configured, so the first two rules are for an
    installation with a database of its own.
    """
    if "owner" in settings.DATABASES and not settings.EMBEDDED:
        raise ExcessRights(
            "DATABASE_OWNER_URL is set for a process that serves. "
            "Take it away here, and give it to manage.py migrate --database owner alone."
        )
    if "release" in settings.DATABASES and not settings.EMBEDDED and not makes_releases:
        raise ExcessRights(
            "DATABASE_RELEASE_URL is set for the web process: it would read every authority's purchases. "
            "Give it to the worker alone."
        )
    _refuse_role("default", "DATABASE_URL", "web")
    if "release" in settings.DATABASES and makes_releases:
        _refuse_role("release", "DATABASE_RELEASE_URL", "release")


def _refuse_role(using: str, setting: str, wanted: str) -> None:
    found = excess_rights(using)
    if found:
        raise ExcessRights(
            f"The database role {settings.DATABASES[using]['USER']!r} in {setting} {', '.join(found)}. "
            f"Use the role {wanted}, made with: python -m commissioning.kernel.postgres roles"
        )
