"""Addresses of events, concerns, letters and alerts."""

from django.urls import path

from . import alerts, concern, concerns, escalations, event, events

urlpatterns = [
    path("concerns/", concerns.concern_list, name="concerns"),
    path("concerns/new/", concern.concern_new, name="concern-new"),
    path("concerns/events/", events.event_list, name="events"),
    path("concerns/events/new/", event.event_new, name="event-new"),
    path("concerns/events/template.xlsx", event.template, name="events-template"),
    path("concerns/events/<uuid:uuid>/", event.event, name="event"),
    path("concerns/events/<uuid:uuid>/acknowledge/", event.event_acknowledge, name="event-acknowledge"),
    path("concerns/events/<uuid:uuid>/tell/", event.event_tell, name="event-tell"),
    path("concerns/events/<uuid:uuid>/close/", event.event_close, name="event-close"),
    path("concerns/escalations/", escalations.escalation_list, name="escalations"),
    path("concerns/escalations/new/", escalations.escalation_new, name="escalation-new"),
    path("concerns/escalations/<uuid:uuid>/", escalations.escalation, name="escalation"),
    path("concerns/escalations/<uuid:uuid>/end/", escalations.escalation_end, name="escalation-end"),
    path("concerns/escalations/<uuid:uuid>/share/", escalations.escalation_share, name="escalation-share"),
    path("concerns/<uuid:uuid>/", concern.concern, name="concern"),
    path("concerns/<uuid:uuid>/note/", concern.concern_note, name="concern-note"),
    path("concerns/<uuid:uuid>/mark/", concern.concern_mark, name="concern-mark"),
    path("concerns/<uuid:uuid>/close/", concern.concern_close, name="concern-close"),
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/<uuid:uuid>/", alerts.alert, name="alert"),
]
