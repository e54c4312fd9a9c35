"""Calls that change something: in the name of the person who made the key, and history says both."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.request import Request

from commissioning.kernel.tenancy.viewer import acting_as

from .keys import MayAct, acts_for
from .views import ResourceView


class ActingView(ResourceView):
    """`scope` is what the key needs; `grant` what its person may do, (verb, resource). `act` opens the door."""

    scope = verb = ""
    changes_by: tuple[str, ...] = ("POST",)  # methods; others read

    @property
    def grant(self) -> tuple[str, str]:
        assert self.resource is not None
        return self.verb, self.resource

    def get_permissions(self) -> list[Any]:
        return [MayAct()] if self.request.method in self.changes_by else super().get_permissions()

    def act(self, request: Request) -> Any:
        key = request.auth.key
        return acting_as(
            request.auth.viewer, by=acts_for(request.auth), request_id=request._request.number,
            reason=f"by the API key {key.name} ({key.prefix})",
        )  # fmt: skip


def words_of(problem: ValidationError) -> str:
    """What an action refused, each field before its sentence."""
    if not hasattr(problem, "error_dict"):
        return " ".join(problem.messages)
    return " ".join(
        " ".join(f"{name}: {said}" if name != "__all__" else said for said in said_of)
        for name, said_of in problem.message_dict.items()
    )
