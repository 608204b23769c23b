from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("generator", "0006_request_keys")]

    operations = [
        migrations.RemoveConstraint(model_name="generation", name="one_generation_per_idempotency_key"),
        migrations.RemoveField(model_name="generation", name="idempotency_key"),
        migrations.RemoveField(model_name="generation", name="idempotency_digest"),
    ]
