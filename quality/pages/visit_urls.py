"""Addresses of visits, from the plan to the verified action."""

from django.urls import path

from . import (
    actions,
    calendar,
    reminders,
    templates,
    visit,
    visit_change,
    visit_files,
    visit_list,
    visit_new,
    visit_plan,
    visit_rely,
    visit_reply,
)

urlpatterns = [
    path("visits/", visit_list.visit_list, name="visits"),
    path("visits/new/", visit_new.visit_new, name="visit-new"),
    path("visits/workbook/", visit_files.workbook, name="visits-workbook"),
    path("visits/reminders/", reminders.reminders, name="visit-reminders"),
    path("visits/reminders/calendar/", reminders.calendar_link, name="visit-calendar-link"),
    path("visits/calendar.ics", calendar.calendar, name="visit-calendar"),
    path("visits/templates/", templates.templates, name="visit-templates"),
    path("visits/templates/<uuid:uuid>/", templates.template, name="visit-template"),
    path("visits/templates/<uuid:uuid>/next/", templates.template_version, name="visit-template-version"),
    path("visits/actions/", actions.actions, name="improvement-actions"),
    path("visits/actions/<uuid:uuid>/", actions.action, name="improvement-action"),
    path("visits/actions/<uuid:uuid>/agree/", actions.action_agree, name="action-agree"),
    path("visits/actions/<uuid:uuid>/send-back/", actions.action_send_back, name="action-send-back"),
    path("visits/actions/<uuid:uuid>/verify/", actions.action_verify, name="action-verify"),
    path("visits/actions/<uuid:uuid>/done/", actions.action_done, name="action-done"),
    path("visits/actions/<uuid:uuid>/change/", actions.action_change, name="action-change"),
    path("visits/<uuid:uuid>/", visit.visit, name="visit"),
    path("visits/<uuid:uuid>/report.pdf", visit_files.report, name="visit-report"),
    path("visits/<uuid:uuid>/move/", visit_change.visit_move, name="visit-move"),
    path("visits/<uuid:uuid>/cancel/", visit_change.visit_cancel, name="visit-cancel"),
    path("visits/<uuid:uuid>/rating/", visit_change.visit_rate, name="visit-rate"),
    path("visits/<uuid:uuid>/send/", visit_change.visit_send, name="visit-send"),
    path("visits/<uuid:uuid>/publish/", visit_change.visit_publish, name="visit-publish"),
    path("visits/<uuid:uuid>/disputes/<uuid:reply>/", visit_change.visit_dispute, name="visit-dispute"),
    path("visits/<uuid:uuid>/reply/", visit_reply.visit_reply, name="visit-reply"),
    path("visits/<uuid:uuid>/plan/", visit_plan.visit_plan, name="visit-plan"),
    path("visits/<uuid:uuid>/rely/", visit_rely.visit_rely, name="visit-rely"),
    path("visits/<uuid:uuid>/rely/stop/", visit_rely.visit_stop_relying, name="visit-stop-relying"),
]
