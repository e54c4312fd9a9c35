"""What each role may do, in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commissioning.kernel.pages.allowed import allowed

from ..rules.roles import ROLES
from ..rules.roles_in_words import roles_in_words


@allowed("roles")
def roles(request: HttpRequest) -> HttpResponse:
    words = {"roles": roles_in_words(), "own": ROLES[request.user.role], "own_key": request.user.role}
    return render(request, "partnership/roles.html", words)
