"""Addresses of the room's pages: one list for each job, each beside its pages."""

from . import agreement_urls, placement_urls, referral_urls, return_urls, spend_urls, watch_urls

urlpatterns = [
    *referral_urls.urlpatterns,
    *agreement_urls.urlpatterns,
    *watch_urls.urlpatterns,
    *spend_urls.urlpatterns,
    *return_urls.urlpatterns,
    *placement_urls.urlpatterns,  # last: placements/<uuid>/ must not hide the lists above
]
