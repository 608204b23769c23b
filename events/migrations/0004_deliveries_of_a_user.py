from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0003_stragglers")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["user", "-created_at", "-id"], name="deliveries_of_a_user"),
        )
    ]
