"""The back office of models: curators see how they do, order chains, check, look up and reopen."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import ServerSpending, User
from accounts.services import curators
from generator import catalogue, health, tasks
from generator.models import AIModel, Attempt, Breaker, Generation
from tests.hf import hf as hf
from tests.hf_server import HFServer

Ask = Callable[..., Generation]
LIST = "/admin/generator/aimodel/"


@pytest.fixture
def office(shipped: None, client_of: Callable[[User], Client]) -> Client:
    return client_of(curators.make(email="curator@example.org")[0])


@pytest.fixture
def model(shipped: None) -> AIModel:
    return AIModel.objects.get(slug="flux-1-schnell")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The messages that would start a check."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.check_model, "apply_async", lambda **options: messages.append(options))
    return messages


def page_of(model: AIModel) -> str:
    return f"{LIST}{model.pk}/change/"


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def form_of(office: Client, model: AIModel, **changed: Any) -> dict[str, Any]:
    """What the page would send if nothing were touched, with some of it changed."""
    context = office.get(page_of(model)).context
    (chain,) = [inline.formset for inline in context["inline_admin_formsets"]]
    forms = [context["adminform"].form, chain.management_form, *chain.forms]
    values = {form[name].html_name: form[name].value() for form in forms for name in form.fields}
    return {**sent_of(values), "plans": [], **changed}


def sent_of(values: dict[str, Any]) -> dict[str, Any]:
    """A browser sends no box that is not ticked."""
    return {name: value for name, value in values.items() if value is not None and value is not False}


def chain_of(model: AIModel) -> list[str]:
    return [link.next.slug for link in catalogue.chain(model)]


def attempt(generation: Generation, model: AIModel, **fields: Any) -> Attempt:
    usual = {"outcome": "ok", "started_at": timezone.now(), "seconds": 2.0, "paid_by": "server"}
    return Attempt.objects.create(**{"generation": generation, "model": model, **usual, **fields})


def test_a_page_that_is_saved_as_it_is_changes_nothing(office: Client, model: AIModel) -> None:
    before = AIModel.objects.filter(pk=model.pk).values().get()

    answer = office.post(page_of(model), form_of(office, model))

    assert answer.status_code == 302
    assert AIModel.objects.filter(pk=model.pk).values().get() == before
    assert chain_of(model) == ["z-image-turbo", "flux-1-dev"]


def test_a_curator_writes_lists_with_boxes_and_commas(office: Client, model: AIModel) -> None:
    wanted = {"specialties": ["text", "portrait"], "providers": "replicate , fal-ai,", "time_limit": "45"}

    office.post(page_of(model), form_of(office, model, **wanted, parameters=""))

    model.refresh_from_db()
    assert model.specialties == ["portrait", "text"]
    assert model.providers == ["replicate", "fal-ai"]
    assert (model.time_limit, model.parameters) == (45, {})


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"providers": "fal-ai, nebius"}, "nebius is not among these: hf-inference, fal-ai"),
        ({"time_limit": "20"}, "Choose a value from 30 to 300."),
        ({"revision": "a b"}, "A revision is a commit, a branch or a tag"),
        ({"repo_id": "schnell"}, "A repository at Hugging Face is named owner/name."),
        ({"modes": ["inpaint"]}, "inpaint is not one of the available choices."),
        ({"modes": []}, "This field is required."),
        ({"specialties": ["cats"]}, "cats is not one of the available choices."),
        ({"default_width": "1000"}, "Each side must be a multiple of 16 pixels"),
        ({"parameters": '{"steps": {"min": 9}}'}, "steps: steps (1 to 150)"),
        ({"parameters": "[]"}, "Write an object with members."),
    ],
)
def test_a_curator_who_breaks_an_entry_is_told_and_nothing_is_kept(
    office: Client, model: AIModel, changed: dict[str, Any], sentence: str
) -> None:
    before = AIModel.objects.filter(pk=model.pk).values().get()

    answer = office.post(page_of(model), form_of(office, model, **changed))

    assert answer.status_code == 200
    assert sentence in text(answer)
    assert AIModel.objects.filter(pk=model.pk).values().get() == before


def test_a_check_that_ends_while_a_curator_writes_is_not_lost(office: Client, model: AIModel) -> None:
    form = form_of(office, model, name="Schnell")
    AIModel.objects.filter(pk=model.pk).update(checked={"begun_at": "2026-11-21T10:00:00Z"})

    office.post(page_of(model), form)

    model.refresh_from_db()
    assert (model.name, model.checked) == ("Schnell", {"begun_at": "2026-11-21T10:00:00Z"})


def test_the_numbers_order_a_chain(office: Client, model: AIModel) -> None:
    office.post(page_of(model), form_of(office, model, **{"links-0-position": "2", "links-1-position": "1"}))

    assert chain_of(model) == ["flux-1-dev", "z-image-turbo"]


def test_a_new_link_without_a_number_comes_last_and_a_link_can_go(office: Client, model: AIModel) -> None:
    qwen = AIModel.objects.get(slug="qwen-image")

    office.post(page_of(model), form_of(office, model, **{"links-2-next": qwen.pk, "links-0-DELETE": "on"}))

    assert chain_of(model) == ["flux-1-dev", "qwen-image"]
    assert [link.position for link in catalogue.chain(model)] == [1, 2]


def test_a_chain_leads_only_to_others_with_a_mode_in_common(office: Client, model: AIModel) -> None:
    page = office.get(page_of(model)).content.decode()
    editing = AIModel.objects.get(slug="flux-2-dev")
    gone = AIModel.objects.get(slug="stable-diffusion-1-5")

    choices = re.findall(r'<option value="([0-9a-f-]{36})"', page)
    assert str(gone.pk) in choices
    assert not {str(editing.pk), str(model.pk)} & set(choices)

    answer = office.post(page_of(model), form_of(office, model, **{"links-2-next": editing.pk}))
    assert "Select a valid choice" in text(answer)
    assert len(chain_of(model)) == 2


def test_changing_the_modes_under_a_chain_is_told(office: Client, model: AIModel) -> None:
    answer = office.post(page_of(model), form_of(office, model, modes=["image-to-image"]))

    assert answer.status_code == 200
    model.refresh_from_db()
    assert model.modes == ["text-to-image"]


def test_the_page_tells_how_the_model_does(office: Client, alice: User, ask: Ask, model: AIModel) -> None:
    generation = ask(alice, prompt="a very secret prompt")
    for seconds in (1.0, 2.0, 3.0):
        attempt(generation, model, seconds=seconds, sent={"prompt": "a very secret prompt"})
    attempt(generation, model, outcome="next_model", code="backend_failed", provider="fal-ai")

    page = text(office.get(page_of(model)))

    assert "last day 4 75 % 2.0 s 3.0 s" in page
    assert "The model could not make this picture." in page
    assert "secret" not in page


def test_a_failure_is_told_in_the_curators_language(office: Client, alice: User, ask: Ask, model: AIModel) -> None:
    User.objects.filter(email="curator@example.org").update(language="fr")
    attempt(ask(alice), model, outcome="stop", code="too_slow")

    assert "The model" not in text(office.get(page_of(model)))


def test_the_list_tells_each_models_day_in_a_fixed_number_of_queries(
    office: Client, alice: User, ask: Ask, model: AIModel, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    generation = ask(alice)
    attempt(generation, model)
    attempt(generation, model, outcome="next_model", code="backend_failed")
    AIModel.objects.filter(slug="flux-1-dev").update(
        checked={"lookup": {"at": timezone.now().isoformat(), "code": "not_served", "served": []}}
    )

    with django_assert_max_num_queries(12):
        page = text(office.get(LIST))

    assert "● answers 50 %" in page
    assert "○ unavailable" in page
    assert "ago" in page


def test_check_now_queues_a_real_call_and_the_page_waits_for_it(
    office: Client, model: AIModel, sent: list[dict[str, Any]], hf: HFServer
) -> None:
    page = office.post(f"{LIST}{model.pk}/check/", follow=True)
    assert "A check is under way." in text(page)
    assert "Check now" not in text(page)

    (message,) = sent
    assert message["queue"] == "chores"
    tasks.check_model(**message["kwargs"])

    page = office.get(page_of(model))
    assert "It made a picture." in text(page)
    assert "fal-ai, replicate, nscale, wavespeed" in text(page)
    assert "Check now" in text(page)


def test_a_second_check_waits_for_the_first(office: Client, model: AIModel, sent: list[dict[str, Any]]) -> None:
    for _ in range(2):
        page = office.post(f"{LIST}{model.pk}/check/", follow=True)

    assert len(sent) == 1
    assert [str(message) for message in page.context["messages"]] == ["A check is under way."]


def test_a_check_that_cannot_be_queued_is_told(office: Client, model: AIModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(tasks.check_model, "apply_async", refused)

    page = office.post(f"{LIST}{model.pk}/check/", follow=True)

    assert "The check could not be queued" in text(page)
    assert "Check now" in text(page)


@pytest.mark.parametrize("door", ["check/", "reopen/00000000-0000-4000-8000-000000000000/"])
def test_what_changes_something_needs_a_form_and_the_right(
    office: Client, model: AIModel, client_of: Callable[[User], Client], alice: User, door: str
) -> None:
    alice.user_permissions.add(Permission.objects.get(codename="view_aimodel"))
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice = User.objects.get(pk=alice.pk)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        User.objects.get(email="curator@example.org"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )

    assert office.get(f"{LIST}{model.pk}/{door}").status_code == 405
    assert client_of(alice).post(f"{LIST}{model.pk}/{door}").status_code == 403
    assert strict.post(f"{LIST}{model.pk}/{door}").status_code == 403
    assert client_of(alice).get(page_of(model)).status_code == 200


def test_the_hub_fills_in_a_new_entry(office: Client, hf: HFServer) -> None:
    hf.model(
        "owner/New.Model-1",
        task="text-to-image",
        licence="mit",
        gated="auto",
        providers={"fal-ai": {"providerId": "fal-ai/new"}},
    )

    page = office.get(f"{LIST}look-up/", {"repo_id": " owner/New.Model-1 "}, follow=True)

    assert "Served today by: fal-ai." in text(page)
    assert "Its licence must be accepted once" in text(page)
    form = page.context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    assert values["repo_id"] == "owner/New.Model-1"
    assert (values["name"], values["slug"], values["backend"]) == ("New.Model-1", "new-model-1", "huggingface")
    assert (values["modes"], values["licence"]) == (["text-to-image"], "mit")
    assert len(values["revision"]) == 40

    none = {"links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}
    answer = office.post(f"{LIST}add/", {**sent_of(values), **none, "plans": []})

    assert answer.status_code == 302
    assert AIModel.objects.get(repo_id="owner/New.Model-1").modes == ["text-to-image"]


def test_the_hub_says_when_nobody_serves_a_model_or_it_does_not_exist(office: Client, hf: HFServer) -> None:
    hf.model("owner/lonely", providers={})

    lonely = office.get(f"{LIST}look-up/", {"repo_id": "owner/lonely"}, follow=True)
    missing = office.get(f"{LIST}look-up/", {"repo_id": "owner/missing"}, follow=True)
    strange = office.get(f"{LIST}look-up/", {"repo_id": "../../etc\0"}, follow=True)

    assert "No provider serves this model today." in text(lonely)
    assert "There is no such model on Hugging Face" in text(missing)
    assert "There is no such model on Hugging Face" in text(strange)
    assert missing.context["adminform"].form["repo_id"].value() == "owner/missing"


def test_a_hub_that_does_not_answer_is_told(office: Client, hf: HFServer) -> None:
    hf.script(row="busy_503", kind="hub", times=9)

    page = office.get(f"{LIST}look-up/", {"repo_id": "owner/name"}, follow=True)

    assert "Hugging Face does not answer now." in text(page)


def test_a_model_of_the_catalogue_is_not_looked_up_again(office: Client, hf: HFServer, model: AIModel) -> None:
    answer = office.get(f"{LIST}look-up/", {"repo_id": model.repo_id.upper()})

    assert answer["Location"] == page_of(model)
    assert hf.calls == []


def test_what_was_spent_is_told_by_day_and_model(
    office: Client, alice: User, ask: Ask, model: AIModel, settings: Any
) -> None:
    settings.HF_DAILY_IMAGES = 50
    generation = ask(alice)
    attempt(generation, model)
    attempt(generation, model)
    attempt(generation, model, paid_by="owner")
    ServerSpending.objects.create(day=timezone.localdate(timezone=settings.QUOTA_TIME_ZONE), images=3)

    page = text(office.get(f"{LIST}spending/"))

    assert "The server's token paid 3 pictures of 50 today" in page
    assert "FLUX.1 schnell the server's token 2" in page
    assert "FLUX.1 schnell the person's own token 1" in page
    assert "What was spent" in text(office.get(LIST))


@pytest.fixture
def breaker(model: AIModel) -> Breaker:
    now = timezone.now()
    return Breaker.objects.create(
        repo_id=model.repo_id,
        provider="fal-ai",
        code="too_slow",
        failures=5,
        failed_at=now,
        open_until=now + timedelta(minutes=3),
    )


def test_a_closed_provider_is_shown_and_can_be_reopened(office: Client, model: AIModel, breaker: Breaker) -> None:
    page = text(office.get(page_of(model)))
    assert "Closed to calls fal-ai · This took longer than its time limit" in page
    assert "◐ troubled" in page

    page = text(office.post(f"{LIST}{model.pk}/reopen/{breaker.pk}/", follow=True))

    assert "It is open to calls again." in page
    assert not Breaker.objects.exists()


def test_a_breaker_of_another_model_is_not_reopened_here(office: Client, breaker: Breaker) -> None:
    other = AIModel.objects.get(slug="flux-1-dev")

    office.post(f"{LIST}{other.pk}/reopen/{breaker.pk}/")

    assert Breaker.objects.exists()


def test_all_that_is_closed_is_listed_without_accounts(office: Client, breaker: Breaker) -> None:
    Breaker.objects.create(account="c0ffee" * 4, code="no_credits", failed_at=timezone.now())

    page = office.get("/admin/generator/breaker/")

    assert "everybody" in text(page)
    assert "one account" in text(page)
    assert "c0ffee" not in page.content.decode()

    office.post("/admin/generator/breaker/", {"action": "reopen", "_selected_action": [breaker.pk]})
    assert list(Breaker.objects.values_list("code", flat=True)) == ["no_credits"]


def test_who_may_only_look_reopens_nothing(breaker: Breaker, alice: User, client_of: Callable[[User], Client]) -> None:
    alice.user_permissions.add(Permission.objects.get(codename="view_aimodel"))
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    looking = client_of(User.objects.get(pk=alice.pk))

    assert looking.get("/admin/generator/breaker/").status_code == 200
    looking.post("/admin/generator/breaker/", {"action": "reopen", "_selected_action": [breaker.pk]})

    assert Breaker.objects.exists()


def test_a_generations_attempts_are_told_in_words(office: Client, alice: User, ask: Ask, model: AIModel) -> None:
    generation = ask(alice, prompt="a very secret prompt")
    attempt(generation, model, outcome="stop", code="too_slow", sent={"prompt": "a very secret prompt"})

    page = text(office.get(f"/admin/generator/generation/{generation.pk}/change/"))

    assert "This took longer than its time limit" in page
    assert "the server's token" in page
    assert "secret" not in page


def test_of_a_model_that_nobody_called_or_checked_nothing_is_claimed(office: Client, model: AIModel) -> None:
    assert health.state(model) == "answers"
    assert "not known yet" in text(office.get(page_of(model)))

    AIModel.objects.update(checked={"lookup": {"at": "2026-11-21T10:00:00Z", "code": "", "served": ["fal-ai"]}})
    assert "● answers" in text(office.get(page_of(model)))
    assert "not known yet" not in text(office.get(LIST))
