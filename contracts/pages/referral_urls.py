"""Addresses of the referral log."""

from django.urls import path

from . import referral, referral_change, referral_list, referral_new, referral_responses

urlpatterns = [
    path("referrals/", referral_list.referrals, name="referrals"),
    path("referrals/new/", referral_new.referral_new, name="referral-new"),
    path("referrals/responses/", referral_responses.responses, name="referral-responses"),
    path("referrals/<uuid:uuid>/", referral.referral, name="referral"),
    path("referrals/<uuid:uuid>/ask/", referral_change.referral_ask, name="referral-ask"),
    path("referrals/<uuid:uuid>/view/", referral_change.referral_view, name="referral-view"),
    path("referrals/<uuid:uuid>/choose/", referral_change.referral_choose, name="referral-choose"),
    path("referrals/<uuid:uuid>/close/", referral_change.referral_close, name="referral-close"),
    path("referrals/<uuid:uuid>/reopen/", referral_change.referral_reopen, name="referral-reopen"),
    path("referrals/<uuid:uuid>/offers/<uuid:offer>/", referral_change.referral_answer, name="referral-answer"),
]
