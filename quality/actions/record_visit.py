"""What a device holds of a visit, made so: each item by itself, nothing overwritten that the device had not seen."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.models import Authority

from ..models import Answer, Evidence, Finding, TemplateQuestion, Visit, VisitReport, VisitSync
from ..rules.drafts import TEXTS, Draft, Item, bare, meets, why_not
from .alerts import raise_alert
from .share_visit import rule_rating

OTHER_CONTENT = "This was sent before with other content. Nothing of it was kept: send the visit again."
MARKING_STAYS = "Somebody was told of this finding at once, so it stays and stays marked so. Add another finding to it."
ABOUT_STAYS = "The borough whose child this is about was told at once, so that stays. Add another finding to it."
ENTER_DAY = "Enter the day of the visit."


@transaction.atomic
def sync_draft(*, visit: Visit, draft: Draft, by: Any, now: datetime) -> dict[str, Any]:
    """Keeps what the device holds; a planned visit becomes a draft. The same sending again is answered as before.

    The answer: "saved", the items that now stand as they were sent; "sides", those that somebody else changed since
    the device read them, with both contents, of which nothing was kept; "refused", those that cannot be kept, and
    why; "changed", what became of the visit meanwhile, where that keeps everything from being saved. A finding
    marked as safeguarding is kept and told in any case. ValidationError where the key came with other content.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    earlier = VisitSync.objects.filter(authority=visit.authority_id, key=draft.key).first()
    if earlier is not None:
        if (earlier.visit_id, earlier.digest) != (visit.pk, draft.digest):
            raise ValidationError(OTHER_CONTENT)
        return earlier.answer
    with acting_as(current_viewer(), by=by):
        answer = _Sync(visit, draft, by, now).answer()
        VisitSync.objects.create(
            authority_id=visit.authority_id, visit=visit, key=draft.key, device=draft.device, digest=draft.digest,
            sent_by=by if hasattr(by, "pk") else None, answer=answer,
        )  # fmt: skip
    return answer


def what_stands(visit: Visit) -> dict[str, Any]:
    """Every item of the visit as it stands, named as a device names it. A finding that no device sent goes by its
    own uuid."""
    items: dict[str, Any] = {}
    if visit.visited_on:
        items["visited_on"] = visit.visited_on.isoformat()
    for answer in Answer.objects.filter(visit=visit).select_related("question"):
        items[f"answer/{answer.question.uuid}"] = _answer(answer)
    for finding in Finding.objects.filter(visit=visit, taken_out_on=None).select_related("question", "about"):
        items[f"finding/{finding.device_key or finding.uuid}"] = _finding(finding)
    report = VisitReport.objects.filter(visit=visit).first()
    if report is not None:
        items |= {name: getattr(report, name) for name in TEXTS if getattr(report, name)}
        if report.signed_name:
            at = report.signed_at.isoformat() if report.signed_at else ""
            items["signed"] = {"name": report.signed_name, "at": at}
    return items


def _answer(answer: Answer) -> dict[str, Any]:
    return {"value": answer.value, "note": answer.note, "answered_at": answer.answered_at.isoformat()}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "question": str(finding.question.uuid) if finding.question else "", "words": finding.words,
        "marking": finding.marking, "about": str(finding.about.uuid) if finding.about else "",
        "asks_action": finding.asks_action, "found_at": finding.found_at.isoformat(),
    }  # fmt: skip


def changed_meanwhile(visit: Visit, draft: Draft) -> list[dict[str, str]]:
    """What became of the visit since the device read it, both sides. A device that knows of a cancellation and sends
    all the same says that the visit took place; what the provider has is changed no more."""
    changed = []
    if visit.state in ("with_provider", "published") or (visit.state == "cancelled" and draft.state != "cancelled"):
        changed.append({"what": visit.state, "mine": draft.state, "stands": visit.state, "why": visit.cancelled_why})
    if str(visit.template.uuid) != draft.template:
        changed.append({"what": "template", "mine": draft.template, "stands": str(visit.template.uuid), "why": ""})
    day = visit.planned_on.isoformat()
    if visit.state == "planned" and draft.planned_on != day:
        changed.append({"what": "moved", "mine": draft.planned_on, "stands": day, "why": ""})
    return changed


class _Sync:
    """One sending, item by item."""

    def __init__(self, visit: Visit, draft: Draft, by: Any, now: datetime) -> None:
        self.visit, self.draft, self.by, self.now = visit, draft, by, now
        self.stands = what_stands(visit)
        self.questions = {str(each.uuid): each for each in TemplateQuestion.objects.filter(template=visit.template)}
        self.changed = changed_meanwhile(visit, draft)
        self.saved: list[str] = []
        self.sides: list[dict[str, Any]] = []
        self.refused: list[dict[str, str]] = []
        self.told = 0

    def answer(self) -> dict[str, Any]:
        taken = {name: item for name, item in self.draft.items.items() if self._is_taken(name, item)}
        if not self.changed and not self._begin(taken):
            taken = {name: item for name, item in taken.items() if _is_urgent(name, item)}
        self._keep_answers(taken)
        self._keep_findings(taken)
        self._keep_report(taken)
        self.saved += taken
        return {
            "state": self.visit.state, "saved": sorted(self.saved), "sides": self.sides, "refused": self.refused,
            "changed": self.changed, "told": self.told, "others": self._others() if self.sides else [],
        }  # fmt: skip

    def _is_taken(self, name: str, item: Item) -> bool:
        if self.changed and not (_is_urgent(name, item) and name not in self.stands):
            return False  # it waits on the device until the officer has seen both sides
        kind, _, rest = name.partition("/")
        question = self.questions.get(rest) if kind == "answer" else None
        if kind == "answer" and question is None:
            return self._refuse(name, "This question is not asked on this visit.")
        today = timezone.localdate(self.now)
        if why := why_not(name, item.mine, scale=question.scale if question else "", today=today):
            return self._refuse(name, why)
        stands = self.stands.get(name)
        how = meets(item, stands)
        if how == "same":
            self.saved.append(name)
            return False
        if kind == "finding" and stands and stands["marking"] == "safeguarding" and _lowers(item.mine):
            return self._refuse(name, MARKING_STAYS)
        if kind == "finding" and stands and stands["marking"] == "safeguarding" and _is_another_s(item.mine, stands):
            return self._refuse(name, ABOUT_STAYS)
        if how == "ask":
            self.sides.append({"item": name, "mine": item.mine, "stands": stands})
            if _is_urgent(name, item) and stands:
                self._tell(self._row(name))  # which words stand is chosen later; that somebody is told is not
            return False
        return True

    def _refuse(self, name: str, why: str) -> bool:
        self.refused.append({"item": name, "why": why})
        return False

    def _begin(self, taken: dict[str, Item]) -> bool:
        """The visit took place: it is a draft from now on. False where nobody has said on which day."""
        visit, day = self.visit, self.visit.visited_on
        if "visited_on" in taken and taken["visited_on"].mine:
            day = date.fromisoformat(taken["visited_on"].mine)
        if day is None:
            if not any(each["item"] == "visited_on" for each in self.refused):
                self._refuse("visited_on", ENTER_DAY)
            return False
        if (visit.state, visit.visited_on) != ("draft", day) and taken:
            visit.state, visit.visited_on, visit.cancelled_why = "draft", day, ""
            visit.save(update_fields=["state", "visited_on", "cancelled_why"])
        return True

    def _of_visit(self) -> dict[str, Any]:
        return {"authority_id": self.visit.authority_id, "provider_id": self.visit.provider_id, "visit": self.visit}

    def _keep_answers(self, taken: dict[str, Item]) -> None:
        wanted = {name.partition("/")[2]: item.mine for name, item in taken.items() if name.startswith("answer/")}
        standing = {
            str(row.question.uuid): row
            for row in Answer.objects.filter(visit=self.visit, question__uuid__in=wanted).select_related("question")
        }
        new, changed, gone = [], [], []
        for uuid, mine in wanted.items():
            row = standing.get(uuid)
            if bare(mine) is None:
                gone.append(row.pk)
                continue
            facts = {
                "value": mine["value"], "note": mine["note"], "answered_at": datetime.fromisoformat(mine["answered_at"])
            }  # fmt: skip
            if row is None:
                new.append(Answer(**self._of_visit(), question=self.questions[uuid], **facts))
            else:
                _set(row, facts)
                changed.append(row)
        Answer.objects.bulk_create(new)
        if changed:
            Answer.objects.bulk_update(changed, ["value", "note", "answered_at"])
        if gone:
            Answer.objects.filter(pk__in=gone).delete()

    def _keep_findings(self, taken: dict[str, Item]) -> None:
        for name, item in list(taken.items()):
            kind, _, key = name.partition("/")
            if kind != "finding":
                continue
            row = self._row(name)
            if item.mine is None:
                row.delete()
                continue
            facts = self._facts(item.mine)
            if row is None or (row.about_id and facts["about"] != row.about):
                row = self._begun(UUID(key), facts, instead_of=row)
            else:
                _set(row, facts)
                row.save(update_fields=list(facts))
            if row.marking == "safeguarding":
                self._tell(row)

    def _begun(self, key: UUID, facts: dict[str, Any], instead_of: Finding | None) -> Finding:
        """A row of its own, also where it was about another borough's child: that borough read the old one, and reads
        no word of this."""
        if instead_of is None:
            return Finding.objects.create(**self._of_visit(), device_key=key, **facts)
        Finding.objects.filter(pk=instead_of.pk).update(device_key=None)
        row = Finding.objects.create(**self._of_visit(), device_key=key, **facts)
        Evidence.objects.filter(finding=instead_of).update(finding=row)
        instead_of.delete()
        return row

    def _row(self, name: str) -> Finding | None:
        key = UUID(name.partition("/")[2])
        rows = Finding.objects.filter(visit=self.visit)
        return rows.filter(device_key=key).first() or rows.filter(uuid=key, device_key=None).first()

    def _facts(self, mine: dict[str, Any]) -> dict[str, Any]:
        about = Authority.objects.filter(uuid=mine["about"]).first() if _uuid(mine.get("about")) else None
        return {
            "question": self.questions.get(str(mine.get("question") or "")), "words": mine["words"].strip(),
            "marking": mine["marking"], "asks_action": bool(mine.get("asks_action")),
            "about": about if about and about.pk != self.visit.authority_id else None,
            "found_at": datetime.fromisoformat(mine["found_at"]),
        }  # fmt: skip

    def _tell(self, finding: Finding) -> None:
        self.told += 1
        raise_alert(
            authority_id=self.visit.authority_id, kind="safeguarding", about=finding.uuid,
            title=f"A safeguarding finding was recorded at {self.visit.establishment.shown_name}",
            link=f"/visits/{self.visit.uuid}/", establishment=self.visit.establishment,
            also=[finding.about_id] if finding.about_id else [],
        )  # fmt: skip

    def _keep_report(self, taken: dict[str, Item]) -> None:
        if self.changed or not taken or self.visit.state != "draft":
            return
        report, _ = VisitReport.objects.get_or_create(
            visit=self.visit, defaults={name: value for name, value in self._of_visit().items() if name != "visit"}
        )
        for name in TEXTS:
            if name in taken:
                setattr(report, name, taken[name].mine or "")
        if "signed" in taken:
            mine = taken["signed"].mine if bare(taken["signed"].mine) else None
            report.signed_name = mine["name"] if mine else ""
            report.signed_at = datetime.fromisoformat(mine["at"]) if mine else None
        if not report.rating_why:
            report.rule_rating = report.rating = rule_rating(self.visit)
        report.save()

    def _others(self) -> list[dict[str, str]]:
        """Who sent this visit from another device, and when."""
        rows = VisitSync.objects.filter(visit=self.visit).exclude(device=self.draft.device).select_related("sent_by")
        return [
            {"name": row.sent_by.name or row.sent_by.email if row.sent_by else "", "at": row.changed_at.isoformat()}
            for row in rows.order_by("-changed_at")[:3]
        ]


def _is_urgent(name: str, item: Item) -> bool:
    """A new safeguarding finding waits for nothing."""
    return name.startswith("finding/") and isinstance(item.mine, dict) and item.mine.get("marking") == "safeguarding"


def _is_another_s(mine: Any, stands: dict[str, Any]) -> bool:
    """Whether it would be about the child of another borough than the one that was told."""
    return bool(stands["about"]) and isinstance(mine, dict) and (mine.get("about") or "") != stands["about"]


def _lowers(mine: Any) -> bool:
    return not isinstance(mine, dict) or mine.get("marking") != "safeguarding"


def _set(row: Any, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)


def _uuid(text: Any) -> bool:
    try:
        return bool(UUID(str(text)))
    except ValueError:
        return False
