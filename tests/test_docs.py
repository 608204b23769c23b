"""The documents say what the code does: no more and no less."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from events import types

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
API_DOCUMENTS = ("README.md", "docs/api.md", "docs/quickstart.md", "docs/webhooks.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
OUR_APPS = ("accounts", "bridges", "common", "events", "gallery", "generator")
OUR_FOLDERS = (*OUR_APPS, "bench", "config", "docs", "locale", "static", "templates", "tests")


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def variables_read() -> set[str]:
    """The names of the environment that config/ and the start command read."""
    names = set()
    for path in [*(ROOT / "config").glob("*.py"), *ROOT.glob("*/management/commands/*.py")]:
        if path.name == "settings_test.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and called(node).startswith("env_"):
                names |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    return {str(name) for name in names}


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "id", ""))


def api_routes() -> Iterator[str]:
    """`generations/{id}/cancel` and so on: what is served under /api/v1/."""
    for address in addresses(get_resolver()):
        if address.startswith("api/v1/"):
            yield re.sub(r"<(?:\w+:)?(\w+)>", "{}", address.removeprefix("api/v1/"))


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address
        else:
            yield from addresses(pattern, address)


@cache
def operations() -> tuple[tuple[str, str], ...]:
    """Method and path of everything that the OpenAPI document has."""
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", stdout=out)
    paths = json.loads(out.getvalue())["paths"]
    return tuple((method.upper(), path) for path, methods in paths.items() for method in methods)


def curls(text: str) -> Iterator[tuple[str, str]]:
    """Method and path of each curl in a document."""
    for command in re.findall(r"\bcurl (?:[^\n]*\\\n)*[^\n]*", text):
        if address := re.search(r"(?:\$API|http://127\.0\.0\.1:8000)(/[^\s\"?]*)", command):
            sends = re.search(r"--json|--data|-F ", command) and " -G " not in command
            told = re.search(r"-X ([A-Z]+)", command)
            yield told[1] if told else "POST" if sends else "GET", address[1]


def is_of(operation: tuple[str, str], curl: tuple[str, str]) -> bool:
    pattern = "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", operation[1])))
    return operation[0] == curl[0] and re.fullmatch(pattern, curl[1]) is not None


class TestSettings:
    def test_every_variable_is_explained(self) -> None:
        assert {name for name in variables_read() if f"`{name}`" not in text_of("docs/settings.md")} == set()

    def test_every_variable_stands_in_the_example(self) -> None:
        assert set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text_of(".env.example"), re.M)) == variables_read()

    def test_no_variable_is_explained_that_nobody_reads(self) -> None:
        explained = set(re.findall(r"^\| (.+?) \|", text_of("docs/settings.md"), re.M))

        assert set(re.findall(r"`([A-Z][A-Z0-9_]+)`", " ".join(explained))) == variables_read()


class TestEvents:
    @pytest.mark.parametrize("event", types.ALL)
    def test_every_event_is_documented(self, event: str) -> None:
        assert f"### `{event}`" in text_of("docs/events.md")

    def test_no_event_is_documented_that_never_happens(self) -> None:
        assert set(re.findall(r"^### `(.+)`$", text_of("docs/events.md"), re.M)) == set(types.ALL)


class TestApi:
    def test_every_route_is_documented(self) -> None:
        documented = re.sub(r"\{\w+\}", "{}", text_of("docs/api.md"))

        assert {route for route in api_routes() if f"/api/v1/{route}" not in documented} == set()

    def test_no_route_is_documented_that_is_not_served(self) -> None:
        documented = re.findall(r"^### `[A-Z]+ /api/v1/([^`?]+)", text_of("docs/api.md"), re.M)

        assert {re.sub(r"\{\w+\}", "{}", route) for route in documented} == set(api_routes())

    def test_every_operation_of_the_openapi_document_has_a_curl(self) -> None:
        shown = set(curls(text_of("docs/api.md")))

        assert {operation for operation in operations() if not any(is_of(operation, curl) for curl in shown)} == set()

    def test_every_curl_asks_for_an_operation_of_the_openapi_document(self) -> None:
        shown = {curl for name in API_DOCUMENTS for curl in curls(text_of(name))}

        assert {curl for curl in shown if not any(is_of(operation, curl) for operation in operations())} == set()


class TestCommands:
    def test_every_command_of_ours_is_documented(self) -> None:
        ours = {name for name, app in get_commands().items() if app in OUR_APPS}
        everything = "\n".join(path.read_text() for path in DOCUMENTS)

        assert {name for name in ours if f"manage.py {name}" not in everything} == set()

    def test_every_command_that_is_documented_exists(self) -> None:
        everything = "\n".join(path.read_text() for path in DOCUMENTS)

        assert set(re.findall(r"manage\.py ([a-z_]+)", everything)) <= set(get_commands())

    def test_every_make_target_that_is_documented_exists(self) -> None:
        targets = set(re.findall(r"^([a-z0-9]+):", text_of("Makefile"), re.M))
        documented = set(re.findall(r"`make ([a-z0-9]+)", "\n".join(path.read_text() for path in DOCUMENTS)))

        assert documented <= targets


class TestLinks:
    def test_every_link_to_a_file_leads_somewhere(self) -> None:
        broken = [
            f"{path.relative_to(ROOT)}: {target}"
            for path in DOCUMENTS
            for target in re.findall(r"\]\((?!https?:|mailto:|#|data:)([^)#\s]+)", path.read_text())
            if not (path.parent / target).exists()
        ]

        assert broken == []

    def test_every_file_that_a_document_names_exists(self) -> None:
        path_like = rf"`((?:{'|'.join(OUR_FOLDERS)})/[\w./-]+)`"
        missing = [
            f"{path.relative_to(ROOT)}: {name}"
            for path in DOCUMENTS
            if path.name != "CHANGELOG.md"
            for name in re.findall(path_like, path.read_text())
            if not (ROOT / name).exists()
        ]

        assert missing == []

    def test_every_decision_is_listed(self) -> None:
        listed = text_of("docs/architecture.md")

        assert [path.name for path in (DOCS / "decisions").glob("*.md") if path.name not in listed] == []
