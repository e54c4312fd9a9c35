"""A file kept as evidence: judged by its content, a picture decoded and written anew, so that nothing hidden in it
(where it was taken, whose camera) is kept."""

import hashlib
import io
import uuid as uuids
import warnings
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Sum
from PIL import Image, ImageOps

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Evidence, Finding, ImprovementAction, TemplateQuestion, Visit
from ..rules import evidence as rules

CONSENT = "Tick that whoever can be recognised in the photograph has agreed to it, or do not send it."
FULL = "The room for evidence of your authority is full. Ask its administrator for more, and send the file again then."


@transaction.atomic
def keep_evidence(
    *, content: bytes, name: str, kind: str, by: Any, now: datetime, visit: Visit | None = None,
    question: TemplateQuestion | None = None, finding: Finding | None = None,
    action: ImprovementAction | None = None, caption: str = "", consent: bool = False, redacted: bool = False,
    device_key: UUID | None = None,
) -> Evidence:  # fmt: skip
    """The row, with the file in the storage `evidence`. The same device key again gives the row that stands.

    Of a visit, or of an action that was agreed at a meeting. A provider's own file is its to read. ValidationError, by
    field, says what to do about a file that is not kept.
    """
    work = visit or action
    if work is None:
        raise ValueError("evidence is of a visit or of an action")
    if device_key is not None:
        earlier = Evidence.objects.filter(authority=work.authority_id, device_key=device_key).first()
        if earlier is not None:
            return earlier
    if kind == "photograph" and not consent:
        raise ValidationError({"consent": CONSENT})
    try:
        clean, found = _clean(content, kind)
    except rules.Refused as problem:
        raise ValidationError({"file": str(problem)}) from problem
    kept = Evidence.objects.filter(authority=work.authority_id).aggregate(all=Sum("size"))["all"] or 0
    if kept + len(clean) > settings.EVIDENCE_QUOTA_MB * 1024 * 1024:
        raise ValidationError({"file": FULL})
    row = Evidence(
        uuid=uuids.uuid4(), authority_id=work.authority_id, provider_id=work.provider_id, visit=visit,
        question=question, finding=finding, action=action, kind=kind, name=rules.clean_name(name, found.ending),
        content_type=found.content_type, size=len(clean), digest=hashlib.sha256(clean).hexdigest(), caption=caption,
        consent=consent, redacted=redacted, device_key=device_key, sent_by=by if hasattr(by, "pk") else None,
        sent_at=now, to_provider=current_viewer().kind == "provider",
    )  # fmt: skip
    storage = storages["evidence"]
    row.stored_as = storage.save(f"{work.authority_id}/{now:%Y}/{row.uuid}.{found.ending}", ContentFile(clean))
    try:
        with acting_as(current_viewer(), by=by), transaction.atomic():
            row.save(force_insert=True)
    except Exception:
        storage.delete(row.stored_as)
        raise
    return row


def _clean(content: bytes, kind: str) -> tuple[bytes, rules.Type]:
    found = rules.type_of(content)
    if not found.picture:
        if kind != "document":
            raise rules.Refused("This is no picture. Send a JPEG or PNG, or add it as a document.")
        return content, found
    # A photograph is a JPEG whatever it came as; a signature or a scan keeps its sharp edges.
    target = rules.PNG if found == rules.PNG and kind != "photograph" else rules.JPEG
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
        if picture.width * picture.height > rules.MOST_PIXELS:  # told by its head: nothing was decoded yet
            raise rules.Refused(rules.TOO_MANY_PIXELS)
        written = _anew(picture, target)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise rules.Refused(rules.TOO_MANY_PIXELS) from problem
    except (OSError, SyntaxError, ArithmeticError, TypeError, LookupError) as problem:
        raise rules.Refused(rules.NOT_WHOLE) from problem
    except ValueError as problem:
        if isinstance(problem, rules.Refused):
            raise
        raise rules.Refused(rules.NOT_WHOLE) from problem
    if len(written) > rules.LARGEST:
        raise rules.Refused(rules.TOO_LARGE)
    return written, target


def _anew(picture: Image.Image, target: rules.Type) -> bytes:
    """The pixels alone, turned as the camera held them. What is written takes its notes from `info`: there are none."""
    ImageOps.exif_transpose(picture, in_place=True)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layers = picture.convert("RGBA")
        plain = Image.new("RGB", layers.size, "white")
        plain.paste(layers, mask=layers.getchannel("A"))
    else:
        plain = picture if picture.mode == "RGB" else picture.convert("RGB")
    plain.info = {}
    out = io.BytesIO()
    if target is rules.PNG:
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=85)
    return out.getvalue()
