from datetime import UTC, datetime

from django.db import migrations, models

SIGNED = ("WebhookEndpoint", "SigningKey")


def keep_the_previous(apps, schema_editor):
    for name in SIGNED:
        rows = apps.get_model("events", name).objects
        for row in rows.exclude(previous_secret=None).exclude(previous_until=None).iterator():
            old = {"secret": bytes(row.previous_secret).decode(), "until": row.previous_until.timestamp()}
            rows.filter(pk=row.pk).update(replaced=[old])


def keep_the_newest(apps, schema_editor):
    for name in SIGNED:
        rows = apps.get_model("events", name).objects
        for row in rows.exclude(replaced=[]).iterator():
            newest = row.replaced[0]
            until = datetime.fromtimestamp(newest["until"], UTC)
            rows.filter(pk=row.pk).update(previous_secret=newest["secret"].encode(), previous_until=until)


class Migration(migrations.Migration):
    dependencies = [("events", "0004_deliveries_of_a_user")]

    operations = [
        migrations.AddField("signingkey", "replaced", models.JSONField(default=list)),
        migrations.AddField("webhookendpoint", "replaced", models.JSONField(default=list)),
        migrations.RunPython(keep_the_previous, keep_the_newest),
        migrations.RemoveField("signingkey", "previous_secret"),
        migrations.RemoveField("signingkey", "previous_until"),
        migrations.RemoveField("webhookendpoint", "previous_secret"),
        migrations.RemoveField("webhookendpoint", "previous_until"),
    ]
