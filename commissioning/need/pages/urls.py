"""This room's addresses."""

from django.urls import path

from . import plan

urlpatterns = [
    path("sufficiency/plan/", plan.plan, name="plan"),
    path("sufficiency/plan/<uuid:uuid>/", plan.action, name="planned-action"),
    path("sufficiency/plan/<uuid:uuid>/progress/", plan.action_progress, name="planned-action-progress"),
    path("sufficiency/plan/<uuid:uuid>/statements/", plan.action_statements, name="planned-action-statements"),
    path("sufficiency/plan/<uuid:uuid>/milestones/<uuid:milestone>/", plan.milestone_met, name="milestone-met"),
]
