"""What a person is reminded of by e-mail, and the link of their calendar."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from commissioning.kernel.forms import PageForm
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.pages.proof import proof_first

from ..actions.calendar_links import key_of, make_link, revoke_link, settings_of
from ..models import ReminderSetting
from ..rules.reminders import KINDS, OFTEN


class RemindersForm(PageForm):
    button = "Save"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for kind, words in KINDS.items():
            self.fields[kind] = forms.ChoiceField(label=words, choices=list(OFTEN.items()))
        self.helper.layout.fields[:-1] = list(self.fields)


@allowed("visits")
def reminders(request: HttpRequest) -> HttpResponse:
    known = ReminderSetting.objects.filter(user=request.user).first() or ReminderSetting(user=request.user)
    form = RemindersForm(request.POST or None, initial={kind: getattr(known, kind) for kind in KINDS})
    if request.method == "POST" and form.is_valid():
        setting = settings_of(request.user)
        for kind in KINDS:
            setattr(setting, kind, form.cleaned_data[kind])
        setting.save(update_fields=list(KINDS))
        messages.success(request, "Your reminders are as you chose them.")
        return redirect("visit-reminders")
    key = key_of(known)
    return render(request, "quality/reminders.html", {
        "form": form, "link": f"{settings.SITE_URL}{reverse('visit-calendar')}?key={key}" if key else "",
        "off": all(getattr(known, kind) == "off" for kind in KINDS), "of_provider": bool(request.user.provider_id),
    })  # fmt: skip


@allowed("visits")
@require_POST
def calendar_link(request: HttpRequest) -> HttpResponse:
    if request.POST.get("what") == "revoke":
        revoke_link(user=request.user)
        messages.success(request, "The link is revoked: calendars that used it read nothing more.")
    elif (asks := proof_first(request, reverse("visit-reminders"))) is not None:
        return asks
    else:
        make_link(user=request.user)
        messages.success(request, "Here is a new link. One that you had before no longer works.")
    return redirect("visit-reminders")
