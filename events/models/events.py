"""What happened: facts that are appended and never edited."""

from django.conf import settings
from django.db import models


class Event(models.Model):
    """One fact about `reference`, told to `user`. The id is the database's own, so that ids follow commits."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=64)
    data = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "id"], name="events_of_a_user"),
            models.Index(fields=["reference", "id"], name="events_of_a_reference"),
            models.Index(fields=["created_at"], name="events_by_age"),
        ]
