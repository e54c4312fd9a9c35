"""What each role may do, in words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commissioning.kernel.pages.allowed import allowed

from ..rules.roles import ROLES
from ..rules.roles_in_words import roles_in_words


@allowed("roles")
def roles(request: HttpRequest) -> HttpResponse:
    own = request.user.role
    own_first = sorted(roles_in_words(), key=lambda words: words.key != own)
    words = {"roles": own_first, "own": ROLES[own], "own_key": own}
    return render(request, "partnership/roles.html", words)
