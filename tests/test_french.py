"""French is written, not translated: typography, plurals, numbers, and sentences as a reader sees them."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.test import Client
from django.utils import translation
from django.utils.translation import ngettext

from accounts.models import Plan, User
from accounts.services import quota
from common import sentences
from generator.backends.builtin.vocabulary import unknown_words
from generator.models import AIModel, Style
from generator.pages import PROMPTS_TO_TRY
from tests.test_architecture import CATALOGUE, entries

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")


@pytest.fixture
def in_french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@pytest.fixture
def reader(alice: User, shipped: None, client_of: Callable[[User], Client]) -> Client:
    client = client_of(alice)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    return client


def french() -> list[str]:
    return [word for source, words in entries(CATALOGUE.read_text(encoding="utf-8")) if source for word in words]


def words(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(rf"[^{NARROW}][;?!]", id="no narrow space before ; ? !"),
        pytest.param(rf"[^{WIDE}:]:(?=\s|$)|\s{{2}}:", id="no wide space before :"),
        pytest.param(rf"«[^{WIDE}]|[^{WIDE}]»", id="no space inside guillemets"),
        pytest.param("[’“”]|\\.\\.\\.|!", id="another apostrophe, quote, or an exclamation"),
        pytest.param(r"[})\d]s? (?:s|Mio|Kio|Mpx)\b", id="a number that may leave its unit"),
    ],
)
def test_the_typography_is_french(fault: str) -> None:
    code = re.compile(r"`[^`]+`|<[^>]+>|&\w+;|Authorization: Bearer|Accept: (?:application/json|\{given\})")

    assert [text for text in french() if re.search(fault, code.sub("x", text))] == []


def test_the_reader_is_never_familiar_nor_told_about_success() -> None:
    familiar = re.compile(r"\b(tu|ton|ta|tes|toi|avec succès|veuillez|merci de|email|mail)\b", re.IGNORECASE)

    assert [text for text in french() if familiar.search(PLACEHOLDER.sub("", text))] == []


def test_zero_and_one_are_singular(in_french: None) -> None:
    said = [ngettext("%(count)s picture", "%(count)s pictures", n) % {"count": n} for n in (0, 1, 2)]

    assert said == ["0 image", "1 image", "2 images"]


def test_everything_shipped_has_french_words_of_its_own(db: None, plans: None, shipped: None) -> None:
    shelves: list[Any] = [*Plan.objects.all(), *AIModel.objects.all(), *Style.objects.all()]
    for entry in shelves:
        with translation.override("en"):
            english = entry.summary
        with translation.override("fr"):
            assert entry.label
            assert entry.summary != english


def test_the_prompts_to_try_are_words_that_the_built_in_model_knows(in_french: None) -> None:
    prompts = [str(prompt) for prompt in PROMPTS_TO_TRY]

    assert prompts[0].startswith("une tasse rouge")
    assert [unknown_words(prompt) for prompt in prompts] == [[], [], []]


def test_the_refusal_of_the_eleventh_image_says_when_the_quota_returns(alice: User, in_french: None) -> None:
    with time_machine.travel("2026-11-21T18:48:00Z", tick=False):
        quota.reserve(user=alice, amount=10, reference="a")
        with pytest.raises(quota.QuotaExhausted) as refusal:
            quota.reserve(user=alice, amount=1, reference="b")

        assert f"dans 5{WIDE}heures et 12{WIDE}minutes, à 00:00 UTC" in refusal.value.message


def test_every_refusal_is_a_sentence(in_french: None) -> None:
    reasons = {"needs_token", "no_backend", "disabled", "server_spent"}

    for code in sentences.codes():
        said = sentences.template(code)
        if code.startswith("setting_"):
            assert said.islower(), code
            continue
        assert said.endswith((".", ". {reason}")), code
        assert said[0].isupper() is (code not in reasons) or said.startswith("{"), code


def test_the_studio_and_the_account_count_in_french(reader: Client, alice: User) -> None:
    quota.reserve(user=alice, amount=3, reference="a")

    assert "Il vous reste 7 images aujourd'hui" in words(reader.get("/"))
    assert "reste 7 sur 10" in words(reader.get("/account/"))


def test_a_program_reads_the_language_that_it_asks_for(reader: Client) -> None:
    refused = reader.get("/api/v1/images/nothing", headers={"accept-language": "fr-CA, en;q=0.5"})

    assert refused["Content-Language"] == "fr"
    assert refused.json()["detail"].startswith("Il n'y a rien ici.")


def test_the_back_office_names_its_tables_and_columns_in_french(
    db: None, plans: None, shipped: None, client_of: Callable[[User], Client]
) -> None:
    boss = User.objects.create_superuser("boss@example.org", "a fine pass phrase", language="fr")
    office = client_of(boss)

    assert "Modèles et générations" in words(office.get("/admin/"))
    for model in admin.site._registry:
        page = words(office.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/"))
        with translation.override("fr"):
            assert str(model._meta.verbose_name_plural) in page.lower(), model
