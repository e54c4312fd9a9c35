"""Data quality as a patient reader counts it: row by row, each looked up on its own, without the rules' own code."""

from collections import defaultdict
from datetime import date, timedelta

from django.utils import timezone

from commissioning.kernel.audit.events import events_of
from commissioning.partnership.models import LotKpi
from commissioning.partnership.rules.terms import add_months
from contracts.models import AgreementVersion, CostLine, Offer, Placement, Referral
from providers.models import Award, Rate, Suspension, SuspensionDecision
from quality.models import KpiCheck, KpiReturn, SurveyResponse, Visit


def day_of(instant) -> date | None:
    return timezone.localdate(instant) if instant else None


def added(row):
    """(the day it was recorded, the reason)."""
    event = events_of(type(row)).get(row_id=row.pk, operation="insert")
    return day_of(event.at), event.reason


def oracle(authority, today: date) -> dict[str, list[bool]]:
    """Rule -> whether it holds, for each row to which it applies. Inside the authority's door."""
    told: dict[str, list[bool]] = defaultdict(list)
    first = add_months(today, -24)
    _placements(authority, today, first, told)
    _referrals(today, first, told)
    _lines(authority, today, first, told)
    _visits(authority, today, first, told)
    _returns(authority, today, first, told)
    _answers(first, told)
    return told


def homes(today, first):
    return [
        row for row in Placement.objects.all()
        if row.starts_on <= today and (row.ends_before is None or row.ends_before > first)
    ]  # fmt: skip


def soon(told, key, rows, within):
    """`rows`: (the day of the fact, the day it was recorded)."""
    known = [recorded for _, recorded in rows if recorded]
    for happened, recorded in rows:
        if happened and recorded and happened >= min(known):
            told[key].append((recorded - happened).days <= within)


def _placements(authority, today, first, told):
    entered = []
    for row in homes(today, first):
        running = row.ends_before is None or row.ends_before > today
        bought = row.route != "in_house"
        place = row.establishment
        recorded, reason = added(row)
        entered.append((row.starts_on, recorded))
        if bought:
            told["provider"].append(row.provider is not None)
            told["registration"].append(row.registration != "unknown")
            if row.registration in ("registered", "unknown") and row.service_type in (
                "fostering", "residential", "secure", "school", "family", "supported",
            ):  # fmt: skip
                told["establishment"].append(place is not None)
        if not row.respite:
            told["distance"].append(row.distance_miles is not None)
        if row.boundary == "out":
            told["host"].append(row.host_authority is not None or row.host_area != "")
        if row.route == "spot":
            told["spot_reason"].append(row.spot_reason != "")
        if not running and not row.respite:
            told["end_reason"].append(row.end_reason != "")
            told["ended_by"].append(row.ended_by != "")
            told["destination"].append(row.destination != "")
        if running and row.planned_end_on:
            told["planned_end"].append(row.planned_end_on > today)
        if place:
            last = today if running else row.ends_before
            told["home_closed"].append(not (place.closed_on and place.closed_on < last))
            told["home_registered"].append(row.registration not in ("applied", "unregistered", "unregulated"))
            if row.provider and place.provider:
                told["home_of_provider"].append(row.provider == place.provider)
            lives = row.host_authority or (authority if row.boundary == "in" else None)
            if row.service_type in ("residential", "secure", "school", "family") and place.area and lives:
                told["home_where"].append(place.area == lives)
        if bought and running:
            told["suspended"].append(bool(reason) or not barred(authority, row, today))
        _agreement(row, today, running, bought, told)
    soon(told, "home_recorded", entered, 5)


def barred(authority, row, today) -> bool:
    for flag in Suspension.objects.all():
        over = [day for day in (flag.expires_on, flag.lifted_on) if day and day <= today]
        if over or flag.starts_on > today or flag.starts_on > row.called_off_on:
            continue
        if flag.establishment or flag.award:
            covers = (flag.establishment or flag.award) in (row.establishment, row.award)
        else:
            covers = flag.provider in (row.provider, row.establishment and row.establishment.provider)
        decided = SuspensionDecision.objects.filter(authority=authority, suspension=flag).first()
        word = decided.decision if decided else ""
        if covers and (word != "not_follow" if row.award else word in ("follow", "case")):
            return True
    return False


def _agreement(row, today, running, bought, told):
    versions = list(AgreementVersion.objects.filter(placement=row).order_by("number"))
    if bought and not row.respite and (today - row.starts_on).days >= 28:
        told["agreement"].append(bool(versions))
    lines = [
        line for line in CostLine.objects.filter(placement=row)
        if line.starts_on <= today and (line.ends_before is None or line.ends_before > today) and line.unit != "one_off"
    ]  # fmt: skip
    if running and row.route == "spot":
        told["price"].append(bool(lines))
    if running and row.route in ("framework", "dynamic_market"):
        told["framework_price"].append(bool(lines))
    if not versions:
        return
    begun = [version for version in versions if version.starts_on <= today]
    newest = begun[-1] if begun else versions[-1]
    told["signed"].append(newest.provider_signatory != "" and newest.authority_signatory != "")
    told["included"].append(len(newest.included) > 0)
    told["agreed_in_time"].append((versions[0].agreed_on - row.starts_on).days <= 28)
    if running and lines:
        named = [(each["id"], each["weekly_amount"]) for each in newest.lines]
        told["agreed_lines"].append(all((str(each.uuid), f"{each.weekly_amount:.4f}") in named for each in lines))
    if running and newest.planned_end_on and row.planned_end_on:
        told["agreed_end"].append(newest.planned_end_on == row.planned_end_on)


def _referrals(today, first, told):
    searches, replies = [], []
    for row in Referral.objects.all():
        if day_of(row.opened_at) < first:
            continue
        searches.append((day_of(row.opened_at), added(row)[0]))
        made = Placement.objects.filter(referral=row).first()
        if row.outcome == "placed":
            told["chosen_why"].append(row.chosen_why != "")
            told["search_placed"].append(made is not None)
        if row.outcome in ("placed", "in_house"):
            told["child_view"].append(row.child_view != "")
        if (today - row.needed_by).days >= 28:
            told["search_open"].append(row.outcome != "")
        for offer in Offer.objects.filter(referral=row):
            if row.outcome or (today - day_of(offer.asked_at)).days >= 14:
                told["answer"].append(offer.answer != "")
            if offer.answer == "declined":
                told["decline_reason"].append(offer.decline_reason != "")
            if offer.answer == "offered":
                told["offer_price"].append(offer.weekly_amount is not None)
                if row.outcome and not offer.chosen:
                    told["suitable"].append(offer.suitable is not None)
            if offer.chosen and made and made.provider:
                told["search_provider"].append(offer.provider == made.provider)
            written = events_of(Offer).filter(row_id=offer.pk).order_by("event_id")
            said = [e.at for e in written if offer.answer and e.after["answer"] == offer.answer]
            replies.append((day_of(offer.answered_at), day_of(said[0]) if said else None))
    soon(told, "search_recorded", searches, 2)
    soon(told, "answer_recorded", replies, 2)


def _lines(authority, today, first, told):
    entered = []
    for home in homes(today, first):
        for line in CostLine.objects.filter(placement=home):
            if line.starts_on > today or (line.ends_before and line.ends_before <= first):
                continue
            runs = line.ends_before is None or line.ends_before > today
            entered.append((line.starts_on, added(line)[0]))
            told["line_within"].append(_within(line, home))
            if runs and line.category == "additional":
                told["service"].append(line.service != "")
                if line.unit != "one_off":
                    told["review"].append(line.review_on is not None)
            if not runs or line.category != "core":
                continue
            if line.unit != "one_off" and home.route in ("framework", "dynamic_market"):
                told["price_line"].append(line.price_line is not None)
            rates = [
                rate for rate in Rate.objects.all()
                if rate.award == home.award and rate.price_line == line.price_line and rate.starts_on <= line.starts_on
                and (rate.ends_before is None or rate.ends_before > line.starts_on)
                and rate.authority in (None, authority)
            ] if home.award and line.price_line and line.price_line.unit == line.unit else []  # fmt: skip
            if rates:
                rate = next((each for each in rates if each.authority == authority), rates[0]).amount
                told["rate"].append(rate * 9 / 10 < line.amount < rate * 11 / 10)
    soon(told, "line_recorded", entered, 14)


def _within(line, home) -> bool:
    if line.starts_on < home.starts_on:
        return False
    if home.ends_before is None:
        return True
    if line.unit == "one_off" and line.starts_on < home.ends_before:
        return True
    return line.ends_before is not None and line.ends_before <= home.ends_before


def _visits(authority, today, first, told):
    for row in Visit.objects.filter(authority=authority):
        if (row.visited_on or row.planned_on) < first or row.state == "cancelled":
            continue
        told["visit_lead"].append(row.lead is not None)
        if row.establishment.kind == "supported_accommodation":
            told["visit_premises"].append(row.premises is not None)
        if row.state != "planned":
            out = day_of(row.published_at)
            if out or (today - row.visited_on).days > 42:
                told["published"].append(out is not None and (out - row.visited_on).days <= 42)
        if (today - row.planned_on).days >= 7:
            told["visit_past"].append(row.state != "planned")
        closed = row.establishment.closed_on
        told["visit_closed"].append(not (closed and closed < (row.visited_on or row.planned_on)))


def _returns(authority, today, first, told):
    """Of quarters, with whatever runs on the last day of each."""
    ends = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    while ends > first:
        last = ends - timedelta(days=1)
        for each in LotKpi.objects.filter(kpi__period="quarter", kpi__formula="", framework__lead_authority=authority):
            for award in Award.objects.filter(lot=each.lot_id):
                if any(row.starts_on > last or (row.ends_before and row.ends_before <= last) for row in (each, award)):
                    continue
                due = last + timedelta(days=each.due_days)
                row = KpiReturn.objects.filter(award=award, lot_kpi=each, ends_before=ends, establishment=None).first()
                came = day_of(row.sent_at) if row else None
                if row or due < today:
                    told["returned"].append(row is not None)
                if row:
                    told["returned_in_time"].append(came <= due)
                    check = KpiCheck.objects.filter(kpi_return=row).order_by("-pk").first()
                    if check and check.return_version == row.version:
                        told["return_checked"].append(check.outcome == "verified")
        ends = add_months(ends, -3)


def _answers(first, told):
    entered = []
    for row in SurveyResponse.objects.filter(answered_on__gte=first):
        home = row.placement
        entered.append((row.answered_on, added(row)[0]))
        told["answer_home"].append(home is not None)
        if home and home.provider:
            told["answer_provider"].append(row.provider is not None)
        if home:
            until = home.ends_before
            told["said_within"].append(
                home.starts_on <= row.answered_on and (until is None or (row.answered_on - until).days <= 90)
            )
            if row.provider and home.provider:
                told["said_provider"].append(row.provider == home.provider)
    soon(told, "said_recorded", entered, 7)
