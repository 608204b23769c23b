from accounts.models import Plan
from generator import catalogue
from generator.models import AIModel, Style


def test_the_shipped_catalogue_has_ten_styles_and_one_default_model(shipped: None) -> None:
    assert Style.objects.count() == 10
    assert AIModel.objects.get(is_default=True).slug == "builtin"
    assert AIModel.objects.filter(backend="huggingface").count() >= 5


def test_every_entry_has_words_in_both_languages(shipped: None) -> None:
    for entry in [*AIModel.objects.all(), *Style.objects.all()]:
        assert entry.description
        assert entry.description_fr


def test_bringing_it_in_again_changes_nothing(shipped: None) -> None:
    assert catalogue.sync() == 0


def test_what_a_curator_changed_stays_and_the_rest_follows_the_shipped_values(shipped: None) -> None:
    model = AIModel.objects.get(slug="builtin")
    model.name = "Our little one"
    model.shipped = {**model.shipped, "name": "Built-in", "max_side": 256}
    model.max_side = 256
    model.save()

    changed = catalogue.sync()

    model.refresh_from_db()
    assert changed == 1
    assert (model.name, model.max_side) == ("Our little one", 512)


def test_a_default_that_a_curator_chose_stays_the_default(db: None, plans: None) -> None:
    catalogue.sync()
    AIModel.objects.filter(slug="builtin").delete()
    AIModel.objects.filter(slug="flux-1-dev").update(is_default=True)

    catalogue.sync()

    assert AIModel.objects.get(is_default=True).slug == "flux-1-dev"
    assert Plan.objects.count() == 3
