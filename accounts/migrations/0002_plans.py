from django.db import migrations

MEGAPIXEL = 1024 * 1024
PLANS = [
    {
        "slug": "free",
        "name": "Free",
        "name_fr": "Gratuite",
        "description": "For trying things: 10 images a day.",
        "description_fr": "Pour essayer : 10 images par jour.",
        "price_cents": 0,
        "daily_images": 10,
        "max_pixels": MEGAPIXEL,
        "running_max": 2,
        "queued_max": 20,
        "weight": 1,
        "requests_per_minute": 120,
        "submits_per_minute": 60,
        "position": 1,
    },
    {
        "slug": "pro",
        "name": "Pro",
        "name_fr": "Pro",
        "description": "For daily work: no daily limit, pictures to 4 megapixels, a larger share of the queue.",
        "description_fr": "Pour le travail quotidien : sans limite par jour, des images jusqu'à 4 mégapixels, "
        "une plus grande part de la file d'attente.",
        "price_cents": 900,
        "daily_images": None,
        "max_pixels": 4 * MEGAPIXEL,
        "running_max": 8,
        "queued_max": 200,
        "weight": 2,
        "requests_per_minute": 600,
        "submits_per_minute": 240,
        "position": 2,
    },
    {
        "slug": "enterprise",
        "name": "Enterprise",
        "name_fr": "Entreprise",
        "description": "For whole teams and programs: many pictures at once, the largest share of the queue.",
        "description_fr": "Pour les équipes et les programmes : beaucoup d'images à la fois, "
        "la plus grande part de la file d'attente.",
        "price_cents": 0,
        "daily_images": None,
        "max_pixels": 4 * MEGAPIXEL,
        "running_max": 32,
        "queued_max": 2000,
        "weight": 4,
        "requests_per_minute": 3000,
        "submits_per_minute": 1200,
        "position": 3,
    },
]


def add_plans(apps, schema_editor):
    plan = apps.get_model("accounts", "Plan")
    for values in PLANS:
        plan.objects.get_or_create(slug=values["slug"], defaults=values)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop)]
