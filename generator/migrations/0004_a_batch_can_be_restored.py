from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generator", "0003_presets_batches_and_remixes")]

    operations = [migrations.AddField(model_name="batch", name="deleted_at", field=models.DateTimeField(null=True))]
