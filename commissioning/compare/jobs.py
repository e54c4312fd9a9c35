"""Building a release in the background. The job carries the release's id and nothing else."""

from django.utils import timezone
from procrastinate.contrib.django import app

from .actions.build_release import build_release
from .models import Release


def hand_over(release: Release) -> None:
    """Puts the release in the queue, in the caller's transaction: worker sees both or neither."""
    build_release_job.defer(release=release.pk)


@app.task(name="compare.build_release", queue="releases")
def build_release_job(*, release: int) -> None:
    build_release(release_id=release, now=timezone.now)
