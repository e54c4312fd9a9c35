"""What is done with a webhook, each step on a page of its own that says what it does."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from commissioning.kernel.forms import Step, SureForm
from commissioning.kernel.pages.allowed import allowed

from ..actions.webhooks import (
    end_older_secret,
    make_webhook,
    pause,
    replay_delivery,
    replay_since,
    resume,
    revoke_webhook,
    rotate_secret,
    send_test,
)
from ..forms_webhooks import AgainForm, SecretForm, WebhookForm
from ..models import Webhook, WebhookDelivery
from ..rules.webhooks import IN_SHORT, KEPT_DAYS, in_words
from .proof import with_proof

STEPS = {
    "test": Step(
        "Send a test to {name}?", "A message that tells nothing is sent by the road of all others.", "Send a test",
        "A test is on its way. In a few seconds this page says what was answered.",
        lambda webhook, at, by: send_test(webhook=webhook, at=at, by=by),
    ),
    "pause": Step(
        "Pause {name}?", f"Nothing is sent to it until it is resumed. What happens meanwhile waits, for {KEPT_DAYS} "
        "days, and is sent then.", "Pause", "{name} is paused. What happens now waits.",
        lambda webhook, at, by: pause(webhook=webhook, at=at, by=by),
    ),
    "resume": Step(
        "Resume {name}?", "What waited is sent now, the oldest first.", "Resume",
        "{name} is resumed. What waited is on its way.", lambda webhook, at, by: resume(webhook=webhook, by=by),
    ),
    "end-older": Step(
        "End the older secret of {name}?", "From now on the newest secret alone signs. A receiver that still has the "
        "older one refuses what it is sent.", "End the older secret", "The newest secret alone signs from now on.",
        lambda webhook, at, by: end_older_secret(webhook=webhook, by=by),
    ),
    "revoke": Step(
        "Revoke {name}?", "Nothing is sent to it any more, and what waited is not sent. It cannot be undone: to stop "
        "it for a time, pause it.", "Revoke", "{name} is revoked. Nothing is sent to it any more.",
        lambda webhook, at, by: revoke_webhook(webhook=webhook, at=at, by=by),
    ),
}  # fmt: skip


@allowed("webhooks", "create")
@never_cache
def make(request: HttpRequest) -> HttpResponse:
    """The secret is in this one answer and nowhere else: opened again, the page shows it no more."""
    form = with_proof(WebhookForm(request.POST if request.method == "POST" else None), request)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = make_webhook(
                authority=request.user.authority, at=timezone.now(), by=request.user, **form.cleaned_data
            )
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _secret(request, made, secret, "New webhook")
    return render(request, "partnership/webhook_form.html", {
        "form": form, "heading": f"Make a webhook for {request.user.body_name}",
        "answer": "The secret with which its messages are signed is shown once, on the next page.",
    })  # fmt: skip


@allowed("webhooks", "change")
@never_cache
def rotate(request: HttpRequest, uuid: Any) -> HttpResponse:
    webhook = _live(uuid)
    form = with_proof(SecretForm(request.POST if request.method == "POST" else None), request)
    if request.method == "POST" and form.is_valid():
        secret = rotate_secret(
            webhook=webhook, days=int(form.cleaned_data["days"]), at=timezone.now(), by=request.user
        )  # fmt: skip
        return _secret(request, webhook, secret, "New secret")
    return _form(
        request, form, webhook, f"Make a new secret for {webhook.name}",
        "The new secret is shown once, on the next page. Give it to whoever runs the receiving system.",
    )  # fmt: skip


@allowed("webhooks", "change")
def again(request: HttpRequest, uuid: Any) -> HttpResponse:
    webhook = _live(uuid)
    form = AgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        since = timezone.make_aware(datetime.combine(form.cleaned_data["since"], time.min))
        try:
            count = replay_since(webhook=webhook, since=since, at=now, by=request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            return _sent_again(request, webhook, count)
    return _form(
        request, form, webhook, f"Send again to {webhook.name}",
        "Everything that happened from that day on and that it is told of is sent once more, whether or not it was "
        "delivered. Each message keeps the id that it had, so that a receiver can tell what it has seen.",
    )  # fmt: skip


@allowed("webhooks", "change")
def again_one(request: HttpRequest, uuid: Any, delivery: Any) -> HttpResponse:
    webhook = _live(uuid)
    found = WebhookDelivery.objects.select_related("event", "webhook").filter(webhook=webhook)
    row = get_object_or_404(found, uuid=delivery)
    form = SureForm(request.POST if request.method == "POST" else None, button="Send again")
    if request.method == "POST" and form.is_valid():
        try:
            return _sent_again(request, webhook, replay_delivery(delivery=row, at=timezone.now(), by=request.user))
        except ValidationError as refused:
            form.add_problems(refused)
    what = IN_SHORT.get(row.event.kind, row.event.kind)
    return _form(
        request, form, webhook, f"Send this again to {webhook.name}?",
        f"{what}. It is sent under the id that it had, so that a receiver can tell that it has seen it.",
    )  # fmt: skip


@allowed("webhooks", "change")
def change(request: HttpRequest, uuid: Any, what: str) -> HttpResponse:
    step = STEPS.get(what)
    webhook = _live(uuid)
    if step is None:
        raise Http404
    form = SureForm(request.POST if request.method == "POST" else None, button=step.button)
    if request.method == "POST" and form.is_valid():
        try:
            step.do(webhook, timezone.now(), request.user)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, step.done.format(name=webhook.name))
            return redirect("webhook", uuid=webhook.uuid)
    return _form(request, form, webhook, step.heading.format(name=webhook.name), step.says)


def _live(uuid: Any) -> Webhook:
    return get_object_or_404(Webhook, uuid=uuid, revoked_at=None)


def _sent_again(request: HttpRequest, webhook: Webhook, count: int) -> HttpResponse:
    if not count:
        messages.success(request, "There is nothing to send again, or it waits to be sent already.")
    else:
        says = "1 message is" if count == 1 else f"{count:,} messages are"
        waits = " and will go when the webhook is resumed" if webhook.paused_at is not None else ""
        messages.success(request, f"{says} to be sent again{waits}.")
    return redirect("webhook", uuid=webhook.uuid)


def _secret(request: HttpRequest, webhook: Webhook, secret: str, crumb: str) -> HttpResponse:
    return render(request, "partnership/webhook_secret.html", {
        "webhook": webhook, "secret": secret, "told": in_words(webhook.kinds), "crumb": crumb,
    })  # fmt: skip


def _form(request: HttpRequest, form: Any, webhook: Webhook, heading: str, answer: str) -> HttpResponse:
    return render(request, "partnership/webhook_form.html", {
        "form": form, "webhook": webhook, "heading": heading, "answer": answer,
    })  # fmt: skip
