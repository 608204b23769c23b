"""What a person keeps in the studio: settings under a name, and lists of prompts from a file."""

from django.conf import settings
from django.db import models

from common.ids import new_id
from generator.models.generations import Generation


class Preset(models.Model):
    """Settings of the composer under a name: members of a request but prompt, source and seed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=100)
    settings = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="a_preset_once_by_name")]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """A file with a prompt a line, queued in one go. One with `deleted_at` can be restored for a day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="batches")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="batches_newest_first")]

    def __str__(self) -> str:
        return self.name


class BatchLine(models.Model):
    """One line of a batch: `wish` as it was read. It is queued once it has a `generation`; before that `problems` say
    why not (`[field, code, arguments]` each), and without any it still waits to be queued.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    wish = models.JSONField()
    problems = models.JSONField(default=list)
    generation = models.ForeignKey(Generation, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="a_line_once_in_a_batch")]

    def __str__(self) -> str:
        return str(self.number)
