"""Addresses of asking young people: officers' pages, and the one page that they answer on."""

from django.urls import path

from . import answers, asking, asking_home, asking_paper, asking_visits, my_home, not_safe

urlpatterns = [
    path("my-home/<str:code>/", my_home.start, name="my-home"),
    path("my-home/<str:code>/questions/", my_home.questions, name="my-home-questions"),
    path("outcomes/asking/", asking.asking, name="asking"),
    path("outcomes/asking/rates/", asking.asking_rates, name="asking-rates"),
    path("outcomes/asking/answers/", answers.answer_list, name="asking-answers"),
    path("outcomes/asking/answers/<uuid:uuid>/", answers.response, name="asking-response"),
    path("outcomes/asking/template.xlsx", asking_paper.paper_template, name="asking-template"),
    path("outcomes/asking/visits/", asking_visits.visit_list, name="asking-visits"),
    path("outcomes/asking/visits/<uuid:uuid>/", asking_visits.enter_visit, name="asking-visit"),
    path("outcomes/asking/links/<uuid:uuid>/slip/", asking_home.slip, name="asking-slip"),
    path("outcomes/asking/links/<uuid:uuid>/withdraw/", asking_home.withdraw_link, name="asking-withdraw"),
    path("outcomes/asking/<uuid:uuid>/", asking_home.home, name="asking-home"),
    path("outcomes/asking/<uuid:uuid>/invite/", asking_home.invite_home, name="asking-invite"),
    path("outcomes/asking/<uuid:uuid>/enter/", asking_home.enter_home, name="asking-enter"),
    path("outcomes/not-safe/", not_safe.not_safe_list, name="not-safe"),
    path("outcomes/not-safe/<uuid:uuid>/", not_safe.not_safe_answer, name="not-safe-answer"),
    path("outcomes/not-safe/<uuid:uuid>/close/", not_safe.not_safe_close, name="not-safe-close"),
]
