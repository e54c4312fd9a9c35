"""This room's addresses."""

urlpatterns = []
