"""What a device is opened with: the visit, what is asked, what stands, and the key that seals its drafts."""

import base64
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.crypto import salted_hmac

from commissioning.kernel import wording
from commissioning.partnership.models import Authority, NamedRole
from contracts.models import Presence

from ..actions.record_visit import what_stands
from ..models import Evidence, TemplateQuestion, Visit
from ..rules import codes
from ..rules.ratings import RULE

HINTS = {
    "shareable": "The provider reads it, and every borough once it is published. Write nothing about a child.",
    "placing": "Your authority keeps it. Where it is about another borough’s child, that borough reads it too.",
    "safeguarding": "Reaches a person as soon as this device has a connection.",
}


def data_for(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    user = request.user
    template = visit.template
    questions = TemplateQuestion.objects.filter(template=template).order_by("section", "number")
    there = set(Presence.objects.filter(establishment=visit.establishment_id).values_list("authority", flat=True))
    members = Authority.objects.exclude(member_from=None).exclude(pk=visit.authority_id).order_by("name")
    named = NamedRole.objects.filter(authority=visit.authority_id, role="safeguarding").order_by("pk")
    return {
        "owner": str(user.uuid),
        "key": base64.b64encode(_key(user, visit)).decode(),
        "token": get_token(request),
        "today": timezone.localdate().isoformat(),
        "visit": _visit(visit),
        "template": {
            "uuid": str(template.uuid), "name": template.name, "number": template.number, "says": template.says,
            "rule": template.rule or RULE, "sections": _sections(list(questions)),
        },
        "markings": [[key, words, HINTS[key]] for key, words in codes.MARKINGS.items()],
        "authorities": [[str(each.uuid), each.name] for each in sorted(members, key=lambda each: each.pk not in there)],
        "told": {
            "names": [row.name for row in named],
            "authority": visit.authority.name,
            "others": sorted(each.name for each in members if each.pk in there),
        },
        "stands": what_stands(visit),
        "files": [
            {
                "device_key": str(row.device_key or row.uuid), "kind": row.kind, "name": row.name,
                "caption": row.caption, "question": str(row.question.uuid) if row.question else "",
                "finding": str(row.finding.device_key) if row.finding and row.finding.device_key else "",
            }
            for row in Evidence.objects.filter(visit=visit, action=None).select_related("question", "finding")
        ],
    }  # fmt: skip


def _key(user: Any, visit: Visit) -> bytes:
    """Of this person and this visit: the same at each sign-in, so that a device may forget it and be told again."""
    told = f"{user.uuid}:{visit.uuid}"
    return salted_hmac("quality.pages.record", told, algorithm="sha256").digest()


def _visit(visit: Visit) -> dict[str, Any]:
    place = visit.premises.shown_name if visit.premises else visit.establishment.shown_name
    return {
        "uuid": str(visit.uuid), "number": visit.number, "place": place,
        "home": visit.establishment.get_kind_display(), "kind": visit.get_kind_display(), "state": visit.state,
        "state_words": visit.get_state_display(), "planned_on": visit.planned_on.isoformat(),
        "planned_words": wording.day(visit.planned_on), "announced": visit.announced,
        "young_inspectors": visit.young_inspectors, "cancelled_why": visit.cancelled_why,
        "lead": (visit.lead.name or visit.lead.email) if visit.lead else "",
    }  # fmt: skip


def _sections(questions: list[TemplateQuestion]) -> list[dict[str, Any]]:
    sections: list[dict[str, Any]] = []
    for each in questions:
        if not sections or sections[-1]["number"] != each.section:
            sections.append({"number": each.section, "name": each.section_name, "questions": []})
        sections[-1]["questions"].append({
            "uuid": str(each.uuid), "label": each.label, "words": each.words, "guidance": each.guidance,
            "scale": each.scale, "evidence": each.evidence, "vital": each.vital,
            "choices": [[value, words] for value, (words, _) in codes.ANSWER_SCALES[each.scale].items()],
        })  # fmt: skip
    return sections
