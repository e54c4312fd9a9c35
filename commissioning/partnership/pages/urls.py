"""This room's addresses."""

from django.urls import include, path

from . import framework_forms, framework_list, frameworks, glossary, lot_statements, lots, participants, price_lines

urlpatterns = [
    path("frameworks/", framework_list.framework_list, name="frameworks"),
    path("frameworks/new/", framework_forms.framework_new, name="framework-new"),
    path("frameworks/new/<slug:step>/", framework_forms.framework_new, name="framework-new-step"),
    path("frameworks/<uuid:uuid>/", frameworks.framework, name="framework"),
    path("frameworks/<uuid:uuid>/history/", frameworks.framework_history, name="framework-history"),
    path("frameworks/<uuid:uuid>/change/", framework_forms.framework_change, name="framework-change"),
    path("frameworks/<uuid:uuid>/term/", framework_forms.framework_term, name="framework-term"),
    path("frameworks/<uuid:uuid>/participants/add/", participants.join, name="framework-join"),
    path("frameworks/<uuid:uuid>/participants/<uuid:part>/", participants.leave, name="framework-leave"),
    path("frameworks/<uuid:uuid>/extensions/<uuid:option>/", participants.extend, name="framework-extend"),
    path("frameworks/<uuid:uuid>/events/add/", participants.event, name="framework-event"),
    path("frameworks/<uuid:uuid>/lots/add/", lots.lot_new, name="lot-new"),
    path("lots/<uuid:uuid>/change/", lots.lot_change, name="lot-change"),
    path("lots/<uuid:uuid>/price-lines/", price_lines.price_lines, name="lot-price-lines"),
    path("lots/<uuid:uuid>/statements/", lot_statements.lot_statements, name="lot-statements"),
    path("glossary/", glossary.glossary, name="glossary"),
    path("", include("commissioning.partnership.pages.people_urls")),
]
