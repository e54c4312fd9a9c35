"""How many rows a list holds, and a digest of them: what a copy is held against."""

import json

from django.db import models
from django.db.models import BigIntegerField, Count, F, Func, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from django.http import HttpResponse, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from .deltas import unsettled
from .paging import watermark
from .resources import Resource
from .views import JSON, ResourceView, given_once, selected

SAYS = (
    "How many rows the list holds with these filters, and their digest: for each row the first 15 hexadecimal digits "
    "of the MD5 of its id, a colon and its version, added up as numbers, the remainder by 2^60 written as a decimal. "
    "A copy that was brought up to this watermark, while unsettled is 0, has the same rows and digest."
)
MODULUS = 2**60


class CountSerializer(serializers.Serializer):
    """What a copy is held against."""

    resource = serializers.CharField()
    rows = serializers.IntegerField()
    unsettled = serializers.IntegerField(
        help_text="changes, of rows and removals, that a walk up to this watermark leaves: as long as there are any, a "
        "copy may differ"
    )
    digest = serializers.CharField()
    watermark = serializers.CharField()


class _OfRow(Func):
    """A number from a row's id and version, in the database as any other system works it out."""

    template = "('x' || left(md5(%(expressions)s), 15))::bit(60)::bigint"
    arg_joiner = " || ':' || "
    output_field: models.Field = BigIntegerField()


class CountView(ResourceView):
    declared: Resource

    def chosen(self, request: Request) -> QuerySet:
        """The rows that the list has with these filters."""
        filters = {name: value for name, value in given_once(request, self.declared, ()).items() if value != ""}
        return selected(self.declared, self.declared.rows(), filters)

    def unsettled(self, until: int) -> int:
        return unsettled(self.declared, until)

    def answer(self, request: Request, **path: str) -> HttpResponseBase:
        until, _ = watermark()
        rows = self.chosen(request)
        counted = self.declared.model._default_manager.filter(pk__in=rows.order_by().values("pk")).aggregate(
            rows=Count("pk"),
            digest=Sum(_OfRow(Cast(F("uuid"), TextField()), Cast(F("version"), TextField())),
                       output_field=models.DecimalField(max_digits=40, decimal_places=0)),
        )  # fmt: skip
        told = {
            "resource": self.declared.name, "rows": counted["rows"], "unsettled": self.unsettled(until),
            "digest": str(int(counted["digest"] or 0) % MODULUS), "watermark": str(until),
        }  # fmt: skip
        return HttpResponse(json.dumps(told), content_type=JSON)
