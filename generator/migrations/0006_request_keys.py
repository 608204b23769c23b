import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.ids


def move(apps, schema_editor):
    """Keys of the last day stay known."""
    keyed = apps.get_model("generator", "Generation").objects.exclude(idempotency_key=None)
    keys = apps.get_model("generator", "RequestKey").objects
    columns = ("pk", "owner_id", "idempotency_key", "idempotency_digest", "created_at")
    for pk, owner, key, digest, at in keyed.values_list(*columns).iterator():
        made = keys.create(owner_id=owner, key=key, digest=digest, generation_id=pk)
        keys.filter(pk=made.pk).update(created_at=at)


def move_back(apps, schema_editor):
    """A generation that was found had been made by another request: only the key of the one that made it fits."""
    generations = apps.get_model("generator", "Generation").objects
    for row in apps.get_model("generator", "RequestKey").objects.order_by("-created_at").iterator():
        generations.filter(pk=row.generation_id).update(idempotency_key=row.key, idempotency_digest=row.digest)


class Migration(migrations.Migration):
    dependencies = [
        ("generator", "0005_webhook_of_a_generation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=common.ids.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.CharField(max_length=255)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "generation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="generator.generation"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="request_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "key"), name="one_answer_per_idempotency_key")
                ],
            },
        ),
        migrations.RunPython(move, move_back),
    ]
