import tomllib
from pathlib import Path

import pytest
from django.utils import translation

from accounts.models import Plan, User
from generator import catalogue, services
from generator.models import AIModel, Style
from generator.params import Params


def test_the_shipped_catalogue_has_twenty_nine_styles_and_one_default_model(shipped: None) -> None:
    assert Style.objects.count() == 29
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


def chain_of(slug: str) -> list[str]:
    return [link.next.slug for link in catalogue.chain(AIModel.objects.get(slug=slug))]


def test_every_text_to_image_model_of_a_provider_has_a_chain_of_two_others(shipped: None) -> None:
    for model in AIModel.objects.filter(backend="huggingface"):
        links = catalogue.chain(model)

        assert len(links) == 2, model.slug
        assert all(set(link.next.modes) & set(model.modes) and link.next.enabled for link in links), model.slug
        assert "builtin" not in chain_of(model.slug)

    assert chain_of("flux-1-schnell") == ["z-image-turbo", "flux-1-dev"]


def test_what_we_ship_names_only_entries_that_exist(shipped: None, caplog: pytest.LogCaptureFixture) -> None:
    entries = tomllib.loads(catalogue.SHIPPED.read_text())["models"]
    slugs = {entry["slug"] for entry in entries}

    assert {slug for entry in entries for slug in entry.get("fallbacks", [])} <= slugs
    assert caplog.records == []


def test_models_that_are_gone_are_kept_with_the_reason_in_both_languages(shipped: None) -> None:
    gone = AIModel.objects.filter(enabled=False)

    assert {model.repo_id for model in gone} == {"runwayml/stable-diffusion-v1-5", "CompVis/stable-diffusion-v1-4"}
    assert all(model.disabled_reason and model.disabled_reason_fr for model in gone)


@pytest.mark.parametrize(("language", "words"), [("en", "deleted the repository"), ("fr", "supprimé le dépôt")])
def test_who_asks_for_a_model_that_is_gone_hears_why(shipped: None, alice: User, language: str, words: str) -> None:
    with translation.override(language), pytest.raises(services.ModelUnavailable) as refused:
        services.submit(user=alice, params=Params("a cat", model="runwayml/stable-diffusion-v1-5"))

    assert words in refused.value.message


def test_a_free_account_can_use_every_model_with_its_usual_size(shipped: None, plans: None) -> None:
    most = Plan.objects.get(slug="free").max_pixels

    assert all(model.default_width * model.default_height <= most for model in AIModel.objects.all())


def test_a_chain_that_a_curator_changed_stays_and_the_others_follow(
    shipped: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    AIModel.objects.get(slug="flux-1-dev").links.all()[0].delete()
    of_a_curator = chain_of("flux-1-dev")
    next_release = tmp_path / "catalogue.toml"
    next_release.write_text(
        catalogue.SHIPPED.read_text()
        .replace('["flux-1-krea-dev", "qwen-image"]', '["qwen-image"]')
        .replace('["z-image-turbo", "flux-1-dev"]', '["flux-1-dev", "qwen-image", "nowhere"]')
    )
    monkeypatch.setattr(catalogue, "SHIPPED", next_release)

    catalogue.sync()
    catalogue.sync()

    assert chain_of("flux-1-dev") == of_a_curator
    assert len(of_a_curator) == 1
    assert chain_of("flux-1-schnell") == ["flux-1-dev", "qwen-image"]


def test_a_chain_to_a_model_that_does_not_exist_is_logged(
    shipped: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = tmp_path / "catalogue.toml"
    broken.write_text(catalogue.SHIPPED.read_text().replace('["z-image-turbo", "flux-1-dev"]', '["nowhere"]'))
    monkeypatch.setattr(catalogue, "SHIPPED", broken)

    catalogue.sync()

    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "The chain of flux-1-schnell names nowhere, which is not in the catalogue"
    ]


def test_a_curators_own_entry_of_a_repository_that_we_ship_later_stands_for_ours(shipped: None) -> None:
    AIModel.objects.filter(slug="z-image-turbo").update(slug="our-z-image", shipped={})

    catalogue.sync()

    assert AIModel.objects.filter(repo_id="Tongyi-MAI/Z-Image-Turbo").get().slug == "our-z-image"
    assert "our-z-image" in chain_of("flux-1-schnell")


def test_the_numbers_of_a_chain_begin_with_one_and_what_has_none_comes_last(shipped: None) -> None:
    model = AIModel.objects.get(slug="flux-1-schnell")
    model.links.filter(next__slug="z-image-turbo").update(position=0)
    model.links.filter(next__slug="flux-1-dev").update(position=7)

    catalogue.number_chain(model)

    assert [(link.next.slug, link.position) for link in catalogue.chain(model)] == [
        ("flux-1-dev", 1),
        ("z-image-turbo", 2),
    ]
