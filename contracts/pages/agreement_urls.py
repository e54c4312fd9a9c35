"""Addresses of agreements, cost lines, outcomes and benefits."""

from django.urls import path

from . import agreements, benefits, funding, outcomes, services

urlpatterns = [
    path("placements/benefits/", benefits.benefit_list, name="benefits"),
    path("placements/services/", services.service_list, name="services"),
    path("placements/services/review/", services.service_review, name="services-review"),
    path("outcomes/reviews/", outcomes.outcomes_due, name="outcomes-due"),
    path("placements/<uuid:uuid>/agreement/", agreements.agreement, name="agreement"),
    path("placements/<uuid:uuid>/agreement/new/", agreements.agreement_new, name="agreement-new"),
    path("placements/<uuid:uuid>/agreement/amend/", agreements.agreement_amend, name="agreement-amend"),
    path("placements/<uuid:uuid>/agreement/<int:number>/", agreements.agreement_version, name="agreement-version"),
    path("placements/<uuid:uuid>/agreement/<int:number>.pdf", agreements.agreement_printed, name="agreement-pdf"),
    path("placements/<uuid:uuid>/services/new/", services.service_new, name="service-new"),
    path("placements/<uuid:uuid>/lines/new/", services.line_new, name="line-new"),
    path("placements/<uuid:uuid>/lines/<uuid:line>/end/", services.line_end, name="line-end"),
    path("placements/<uuid:uuid>/funding/<uuid:line>/", funding.funding, name="funding"),
    path("placements/<uuid:uuid>/outcomes/", outcomes.outcome_list, name="outcomes"),
    path("placements/<uuid:uuid>/outcomes/<uuid:outcome>/review/", outcomes.outcome_review, name="outcome-review"),
]
