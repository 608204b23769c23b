"""Every code that the API answers is explained: why it came, and what the author of a program does about it."""

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import resolve, reverse
from rest_framework.serializers import ListField

from common import cures, errors, openapi, sentences
from events import delivery, services, signing, switch
from generator import queries
from generator.backends.huggingface import failures
from tests import test_architecture as sources

ELSEWHERE = {
    "what only pages are told": {
        "archive_too_large", "email_taken", "handle_taken", "hourly_limit", "hub_silent", "in_the_past",
        "invitation_used", "link_gone", "not_by_email", "not_shared", "person_unknown", "search_name_taken",
        "no_such_place", "shared_with_yourself", "tags_full", "too_many_batches", "too_many_links", "too_many_members",
        "too_many_presets", "too_many_searches", "too_many_selected", "too_many_tokens", "too_many_tries",
        "tries_uncounted",
    },
    "tokens of Hugging Face, on their page": {
        "not_a_hugging_face_token", "own_token_expired", "own_token_refused", "own_token_without_credit",
        "own_token_without_scope", "own_token_works",
    },
    "the back office": {
        "check_needs_token", "check_not_sent", "failed_with", "modes_wrong", "named_twice", "no_answer", "not_among",
        "other_mode", "parameter_wrong", "repo_id_wrong", "revision_wrong", "under_way",
    },
    "lists of prompts, presets and pasted recipes": {
        "broken_csv", "column_twice", "file_or_lines", "model_off", "no_lines", "no_prompt_column", "not_utf8",
        "preset_name_taken", "preset_name_wrong", "recipe_file_too_big", "recipe_missing", "recipe_missing_in_file",
        "model_takes_no_picture", "recipe_read", "recipe_too_long", "remix_without_source", "settings_left_out",
        "settings_moved", "too_many_cells", "too_many_lines", "unknown_column",
        "unknown_columns", "unknown_words",
    },
    "parts of other sentences, of which no answer has the code": {
        "fallback", "fallback_changed", "own_unpaid", "partly", "prompt_help_failed", "prompt_help_needs_token",
        "quota_nearly_exhausted", "server_gated", "server_no_credits", "server_token", "server_unpaid",
        *(code for code in sentences.codes() if code.startswith(("setting_", "json_"))),
    },
    "answers in the dialects of others, which have no codes": {"cancelled_meanwhile", "not_ready_in_time"},
}  # fmt: skip
"""The sentences that no answer of the API has a code for."""
DOORS = re.compile(r"/(api|backends)/|/(serializers|params|export|terms|finding|runner|making|delivery|addresses)\.py")
"""Modules whose codes go out through the API."""


@pytest.fixture
def page(db: None) -> str:
    return Client().get(reverse("api_errors")).content.decode()


@pytest.fixture(scope="module")
def examples() -> set[tuple[str, int]]:
    """The code and the status of every refusal in the examples of the OpenAPI document."""
    out = StringIO()
    call_command("spectacular", stdout=out)
    return {(each["code"], each["status"]) for each in objects(yaml.safe_load(out.getvalue())) if is_problem(each)}


def objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(member)


def is_problem(node: dict[str, Any]) -> bool:
    return {"type", "title", "status", "detail", "code"} <= set(node) and isinstance(node["code"], str)


def told(group: str) -> set[str]:
    return {each.code for each in cures.of(group)}


class TestWhoReads:
    def test_a_stranger_finds_each_code_with_its_sentence_cause_and_cure(self, page: str) -> None:
        entry = page.partition('<article class="code-told" id="quota_exhausted">')[2].partition("</article>")[0]

        assert "402 Payment Required" in entry
        assert 'quota of <var lang="en">limit</var> pictures' in entry
        assert "<code>resets_at</code>" in entry

    @pytest.mark.parametrize("group", cures.GROUPS)
    def test_everything_in_it_has_an_anchor_of_its_own(self, group: str, page: str) -> None:
        names = [cures.anchor(code, group=group) for code in told(group)]

        assert names
        assert [name for name in names if page.count(f'id="{name}"') != 1] == []

    def test_somebody_french_reads_it_in_french(self, db: None) -> None:
        answer = Client().get(reverse("api_errors"), headers={"accept-language": "fr"})

        assert '<html lang="fr"' in answer.content.decode()
        assert 'Le quota de <var lang="en">limit</var> images par jour' in answer.content.decode()

    @pytest.mark.parametrize("group", cures.GROUPS)
    def test_the_address_of_a_code_leads_to_its_entry(self, group: str, page: str, db: None) -> None:
        for code in told(group):
            answer = Client().get(reverse("api_error", args=[code]))

            address, _, name = answer["Location"].partition("#")
            assert (answer.status_code, address) == (302, reverse("api_errors"))
            assert f'id="{name}"' in page

    @pytest.mark.parametrize("code", ["no_such_code", "quota-exhausted", "x" * 500])
    def test_another_word_leads_nowhere(self, code: str, db: None) -> None:
        assert Client().get(f"/api/docs/errors/{code}").status_code == 404

    def test_the_type_of_a_refusal_is_the_address_of_its_entry(self, db: None, settings: Any) -> None:
        settings.PUBLIC_URL = "https://studio.example"

        said = Client().get("/api/v1/account").json()

        assert said["type"] == "https://studio.example/api/docs/errors/not_signed_in"
        assert resolve("/api/docs/errors/not_signed_in").url_name == "api_error"

    def test_what_nobody_explains_has_no_address(self) -> None:
        assert cures.kind("no_such_code", studio="https://studio.example") == "about:blank"


class TestWhatIsExplained:
    def test_every_sentence_is_explained_or_is_no_answer_of_the_api(self) -> None:
        others = set().union(*ELSEWHERE.values())

        assert sentences.codes() - others == cures.codes()
        assert others - sentences.codes() == set()
        assert others & cures.codes() == set()

    def test_no_sentence_has_the_code_of_another(self) -> None:
        with pytest.raises(ValueError, match="not_found"):
            sentences.register({"not_found": "Something else."})

    def test_every_example_of_the_document_is_explained_and_has_its_status(
        self, examples: set[tuple[str, int]]
    ) -> None:
        statuses = errors.statuses()

        assert {code for code, _ in examples} - told(cures.REQUESTS) == set()
        assert {(code, status) for code, status in examples if status not in statuses[code]} == set()

    def test_every_refusal_is_explained_or_is_only_for_pages(self) -> None:
        pages = ELSEWHERE["what only pages are told"] | ELSEWHERE["the back office"] | {"too_many_batches"}

        assert set(errors.statuses()) - pages == told(cures.REQUESTS)

    def test_every_code_of_a_field_is_one_that_some_rule_names(self) -> None:
        written = {word for path in sources.OWN if path.stem not in {"sentences", "words", "cures", "own_cures"}
                   for word in re.findall(r'"([a-z0-9_]+)"', path.read_text())}  # fmt: skip

        assert told(cures.FIELDS) - written - set(ListField.default_error_messages) - {"null"} == set()

    def test_every_problem_that_the_api_can_name_is_explained(self) -> None:
        doors = [path for path in sources.OWN if DOORS.search(sources.name_of(path))]
        named = {code for path in doors for code, _ in sources.problems_of(path)}

        assert {"unknown_model", "bad_key", "not_in_collection"} - named - told(cures.FIELDS) == set()
        assert named - told(cures.FIELDS) == set()

    def test_every_failure_of_a_call_is_explained(self) -> None:
        rows = {row.code for row in (*failures.ROWS, *failures.SILENCES.values())}
        making = [path for path in sources.OWN if re.search(r"/backends/|/(making|runner)\.py", sources.name_of(path))]
        raised = {code for path in making for code in sources.codes_of(path)}

        assert rows | raised - ELSEWHERE["parts of other sentences, of which no answer has the code"] <= told(
            "failures"
        )

    @pytest.mark.parametrize("enabled", [True, False])
    def test_every_reason_why_a_model_is_unavailable_is_explained(self, enabled: bool) -> None:
        class Model:
            backend, in_plan = "huggingface", False

        Model.enabled = enabled  # type: ignore[attr-defined]

        reasons = {queries.unavailable_code(Model(), no_provider=each) for each in ("needs_token", "server_spent", "")}

        assert reasons <= told(cures.MODELS)

    def test_a_delivery_that_failed_is_explained(self) -> None:
        named = {*delivery.BROKEN_OFF.values(), delivery.GONE, delivery.GAVE_UP, switch.DISABLED, services.TOO_MANY}
        answered = {delivery._code_of(status) for status in (301, 410, 500)}

        assert named | answered | {"receiver_broken", signing.SecretUnreadable.code} == told(cures.DELIVERIES)

    def test_no_text_is_empty_or_left_open(self) -> None:
        texts = [str(text) for group in cures.GROUPS for each in cures.of(group) for text in (each.cause, each.cure)]

        assert [text for text in texts if not text.endswith((".", ":")) or text.count("`") % 2] == []

    def test_examples_lead_to_the_page_too(self) -> None:
        [answer] = openapi.problems({402: ["quota_exhausted"]}).values()

        assert answer.examples[0].value["type"] == "https://studio.example/api/docs/errors/quota_exhausted"
