"""Servers of an authority that exports are laid down on: added with their key and secret, and removed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from commissioning.kernel import sealing
from commissioning.kernel.outward import NotSent, checked_host
from commissioning.kernel.sftp import FINGERPRINT, read_key
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import ScheduledExport, SftpTarget, User
from ..rules import exports as rules
from .webhooks import limits

PURPOSE = b"sftp"
REMOVED = "The server that it went to was removed."


@transaction.atomic
def add_target(
    *, name: str, host: str, port: int, user: str, folder: str, fingerprint: str, password: str = "",
    private_key: str = "", by: User,
) -> SftpTarget:  # fmt: skip
    """With a password or a private key, one of the two, sealed and shown nowhere again. ValidationError (by field) for
    a name in use, an address to which nothing may be sent, what is no fingerprint, and a key that cannot be read."""
    viewer = current_viewer()
    if viewer.kind != "authority" or viewer.authority_id != by.authority_id or not by.may("create", "sftp"):
        raise PermissionDenied("An administrator of the authority adds its servers.")
    name, user, folder, fingerprint = " ".join(name.split()), user.strip(), folder.strip(), fingerprint.strip()
    live = SftpTarget.objects.filter(authority=by.authority_id, removed_at=None)
    problems: dict[str, Any] = {}
    if not name:
        problems["name"] = "Give the server a name that your colleagues know."
    elif live.filter(name=name).exists():
        problems["name"] = f"A server called {name} is in use. Remove it first, or choose another name."
    try:
        host = checked_host(host, port, limits())
    except NotSent as refused:
        problems["host"] = str(refused)
    if not user or not user.isprintable():
        problems["user"] = "Enter the name by which the server knows you."
    if not folder.isprintable():
        problems["folder"] = "Enter the folder in one line."
    if not FINGERPRINT.fullmatch(fingerprint.rstrip("=")):
        problems["fingerprint"] = "Enter the whole fingerprint: SHA256: and 43 letters, figures, + or /."
    if bool(password) == bool(private_key.strip()):
        problems["password"] = "Enter a password or a private key, one of the two."
    elif private_key.strip():
        try:
            read_key(private_key.strip() + "\n")
        except ValueError:
            problems["private_key"] = "This is no private key without a passphrase, of Ed25519, ECDSA or RSA."
    if problems:
        raise ValidationError(problems)
    if live.count() >= rules.MOST_SERVERS:
        raise ValidationError(f"You have {rules.MOST_SERVERS} servers already. Remove one that is not used.")
    made = SftpTarget(
        authority_id=by.authority_id, name=name, host=host, port=port, user=user, folder=folder, made_by=by,
        fingerprint=fingerprint.rstrip("="), by_key=not password,
    )  # fmt: skip
    made.secret = sealing.seal(
        settings.REFERENCE_KEY, PURPOSE, [str(made.uuid)], password or private_key.strip() + "\n"
    )
    with acting_as(viewer, by=by):
        made.save(force_insert=True)
    return made


@transaction.atomic
def remove_target(*, target: SftpTarget, at: datetime, by: User) -> SftpTarget:
    """Nothing is sent to it any more, its secret is forgotten, and exports to it pause and say so."""
    row = SftpTarget.objects.select_for_update().get(pk=target.pk)
    if row.authority_id != by.authority_id or not by.may("change", "sftp"):
        raise PermissionDenied("An administrator of the authority removes its servers.")
    if row.removed_at is None:
        with acting_as(current_viewer(), by=by):
            row.removed_at, row.secret = at, ""
            row.save(update_fields=["removed_at", "secret"])
            live = ScheduledExport.objects.filter(sftp=row, removed_at=None, paused_at=None)
            live.update(paused_at=at, paused_why=REMOVED)
    return row


def secret_of(target: SftpTarget) -> str:
    """The password or private key, to sign in with."""
    return sealing.unseal(settings.REFERENCE_KEY, PURPOSE, [str(target.uuid)], target.secret)
