"""A saved view as a file: asked of the API as its owner would ask it, and sent. One at a time, and none in memory."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import resolve

from commissioning.kernel.outward import NotSent
from commissioning.kernel.sftp import HostChanged, lay_down
from commissioning.partnership.actions.sent_exports import (
    STORAGE,
    Came,
    as_authority,
    authorities_with_exports,
    barred,
    claim,
    fall_due,
    note,
    target_of,
    tell_owner,
)
from commissioning.partnership.actions.webhooks import limits
from commissioning.partnership.models import SentExport, User
from commissioning.partnership.rules import exports as rules

log = logging.getLogger(__name__)


class Refused(Exception):
    """The API does not answer this person so. Its text is a sentence of the answer's."""


class TooMuch(Exception):
    """The file grew beyond what is sent."""


def send_exports(*, clock: Callable[[], datetime]) -> None:
    """One round: what is due falls due, and is sent. One authority's trouble keeps nobody else from theirs, and is
    raised when all have been."""
    trouble = None
    for authority_id in authorities_with_exports():
        try:
            fall_due(authority_id, clock())
            while (row := claim(authority_id, clock())) is not None:
                note(row, _sent(row, clock), clock())
        except Exception as problem:
            log.exception("the exports of an authority could not be sent")
            trouble = problem
    if trouble is not None:
        raise trouble


def _sent(row: SentExport, clock: Callable[[], datetime]) -> Came:
    """Makes the file and sends it, with nothing open in the database but what the API opens for its owner."""
    with as_authority(row.authority_id):
        why = barred(row)
        person = User.objects.select_related("authority").get(pk=row.owner_id)
        target = target_of(row) if not why else None
    if why:
        return Came(error=why, for_good=True)
    row.role = person.role
    try:
        with TemporaryFile() as file:
            rows = made(file, person, row.export.view.resource, row.export.view.query, row.export.format)
            size = file.tell()
            file.seek(0)
            if (lost := _lost(row)) is not None:
                return lost
            if target is None:
                _kept(row, file)
                tell_owner(row, clock())
            else:
                lay_down(file, row.name, target, limits())
        return Came(rows, size)
    except Refused as refused:
        return Came(error=str(refused), for_good=True)
    except TooMuch:
        return Came(error=f"It is larger than {rules.MOST_BYTES // 10**6} MB. Choose fewer rows.", for_good=True)
    except NotSent as refused:
        return Came(error=str(refused), for_good=isinstance(refused, HostChanged))
    except OSError:
        log.exception("an export could not be sent")
        return Came(error="The file could not be kept, or the e-mail not sent.")


def _lost(row: SentExport) -> Came | None:
    """What the owner lost while the file was made, which takes its time: asked once more before it goes."""
    with as_authority(row.authority_id):
        now = SentExport.objects.select_related("export__view", "export__sftp", "owner").get(pk=row.pk)
        why = barred(now)
    if why:
        return Came(error=why, for_good=True)
    if now.owner.role != row.role:
        return Came(error="The role of whoever scheduled it changed meanwhile.")
    return None


def _kept(row: SentExport, file: IO[bytes]) -> None:
    """In the storage under the row's own name: one that was made before takes no second place."""
    storage = storages[STORAGE]
    storage.delete(row.stored_as)
    storage.save(row.stored_as, File(file))


def made(file: IO[bytes], person: User, resource: str, query: str, kind: str) -> int | None:
    """Writes what the API answers the person, byte by byte; how many rows it told. Raises Refused and TooMuch."""
    answer: Any = asked_as(person, resource, query, kind)
    if not answer.streaming:
        file.write(answer.content)
        return None
    size = 0
    try:
        for block in answer.streaming_content:
            size += len(block)
            if size > rules.MOST_BYTES:
                raise TooMuch
            file.write(block)
    finally:
        answer.told.stop()  # its own close() would end the connection, as at a request's end
    return answer.told.rows


def asked_as(person: User, resource: str, query: str, kind: str) -> HttpResponseBase:
    """The API's own answer to the person, signed in, who asks for the list as one file. Its role, its filters and its
    snapshot are the API's: nothing of them is decided here. Refused where it does not answer so."""
    request = HttpRequest()
    request.method, request.path = "GET", f"/api/v1/{resource}/"
    request.path_info = request.path
    request.GET = QueryDict(query, mutable=True)
    request.GET["format"] = kind
    request.user, request.number = person, str(uuid4())  # type: ignore[attr-defined]
    answer = resolve(request.path).func(request)
    if answer.status_code >= 500:
        raise RuntimeError(f"the API failed at {resource}")  # logged there; tried again, as after a crash
    if answer.status_code != 200:
        try:
            told = json.loads(answer.content)
            raise Refused(f"{told['detail']} {told['remedy']}".strip())
        except (ValueError, KeyError):
            raise Refused("The list does not answer any more. Save the view anew.") from None
    return answer
