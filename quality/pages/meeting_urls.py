"""Addresses of contract meetings. The page that prepares one stands in the room of comparison, which has the
scorecard."""

from django.urls import path

from . import meeting, meeting_change, meetings, meetings_due

ONE = "providers/contract-meetings/<uuid:uuid>/"

urlpatterns = [
    path("providers/contract-meetings/", meetings.meeting_list, name="contract-meetings"),
    path("providers/contract-meetings/due/", meetings_due.due_list, name="contract-meetings-due"),
    path("providers/contract-meetings/new/", meeting_change.meeting_new, name="contract-meeting-new"),
    path(ONE, meeting.meeting, name="contract-meeting"),
    path(f"{ONE}minutes.pdf", meeting.minutes_file, name="contract-meeting-file"),
    path(f"{ONE}move/", meeting_change.meeting_move, name="contract-meeting-move"),
    path(f"{ONE}cancel/", meeting_change.meeting_cancel, name="contract-meeting-cancel"),
    path(f"{ONE}items/new/", meeting_change.item_new, name="contract-meeting-item-new"),
    path(f"{ONE}items/<uuid:item>/", meeting_change.item_change, name="contract-meeting-item"),
    path(f"{ONE}send/", meeting_change.meeting_send, name="contract-meeting-send"),
    path(f"{ONE}held/", meeting_change.meeting_held, name="contract-meeting-held"),
    path(f"{ONE}minutes/", meeting_change.meeting_minutes, name="contract-meeting-minutes"),
    path(f"{ONE}agree/", meeting_change.meeting_agree, name="contract-meeting-agree"),
    path(f"{ONE}finish/", meeting_change.meeting_finish, name="contract-meeting-finish"),
]
