"""This room's addresses."""

from django.urls import include, path

from . import aliases, awards, documents, establishments, premises, provider, providers, working_names

urlpatterns = [
    path("", include("providers.pages.suspension_urls")),
    path("providers/", providers.provider_list, name="providers"),
    path("providers/aliases/confirm/", aliases.confirm, name="alias-confirm"),
    path("providers/<uuid:uuid>/", provider.overview, name="provider"),
    path("providers/<uuid:uuid>/awards/", awards.awards, name="provider-awards"),
    path("providers/<uuid:uuid>/documents/", documents.documents, name="provider-documents"),
    path("providers/<uuid:uuid>/documents/add/", documents.document_new, name="provider-document-new"),
    path("providers/<uuid:uuid>/history/", provider.history, name="provider-history"),
    path("providers/establishments/<uuid:uuid>/", establishments.establishment, name="establishment"),
    path("providers/establishments/<uuid:uuid>/premises/add/", premises.premises_new, name="premises-new"),
    path(
        "providers/establishments/<uuid:uuid>/premises/<uuid:premises>/",
        premises.premises_change,
        name="premises-change",
    ),
    path("providers/establishments/<uuid:uuid>/working-name/", working_names.working_name, name="working-name"),
]
