"""The repository polices itself: what docs/style.md promises and no linter checks."""

import ast
import gettext
import importlib
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import sentences
from common.errors import DomainError
from tests.hostile import ATTACK

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "bridges", "common", "config", "events", "gallery", "generator")
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
OWN = [path for path in MODULES if "migrations" not in path.parts] + sorted((ROOT / "bench").rglob("*.py"))
MIGRATIONS = [path for path in MODULES if "migrations" in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
CATALOGUE = ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"
STORIES = sorted({*(ROOT / "tests").rglob("*.py")} - {*(ROOT / "tests" / "hf_server").rglob("*.py")})
WITHOUT_DJANGO = {"short_of_memory.py"}
WRITTEN = {
    "prompt",
    "negative_prompt",
    "full_prompt",
    "full_negative_prompt",
    "title",
    "tags",
    "description",
    "metadata",
}
NAMING = {"create", "make", "save", "keep", "person", "create_user"}
LAST_LINES_OF_A_WORKER = {"generator/runner.py", "generator/timekeeper.py"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def nodes_of(path: Path) -> Iterator[ast.AST]:
    return ast.walk(tree_of(path))


def found(pattern: str, paths: list[Path]) -> dict[str, list[str]]:
    """What each file has of a pattern that it must not have."""
    return {name_of(path): hits for path in paths if (hits := re.findall(pattern, path.read_text()))}


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes_of(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


class TestSize:
    def test_a_function_has_at_most_40_lines(self) -> None:
        long = [
            f"{name_of(path)}:{node.lineno} {node.name}"
            for path in OWN
            for node in functions_of(path)
            if (node.end_lineno or 0) - node.lineno >= 40
        ]

        assert long == []

    @pytest.mark.parametrize(
        ("paths", "most"), [(OWN, 300), (TEMPLATES, 120), (SCRIPTS, 59)], ids=["module", "template", "script"]
    )
    def test_a_file_stays_short(self, paths: list[Path], most: int) -> None:
        assert {name_of(path): lines_of(path) for path in paths if lines_of(path) > most} == {}

    def test_all_scripts_together_have_fewer_than_800_lines(self) -> None:
        assert sum(map(lines_of, SCRIPTS)) < 800


class TestPages:
    @pytest.mark.parametrize(
        "forbidden",
        [
            r"<script(?![^>]*\bsrc=)[^>]*>",
            r"<style\b",
            r"\sstyle\s*=",
            r"\son[a-z]+\s*=\s*[\"']",
            r"javascript:",
            r"(?<!help_text)\|safe\b",
        ],
    )
    def test_a_template_has_nothing_inline(self, forbidden: str) -> None:
        assert found(forbidden, TEMPLATES) == {}

    def test_a_page_loads_nothing_from_other_hosts(self) -> None:
        loading = r"(?:src|href|action|hx-get|hx-post|import|fetch)\s*[=(]\s*[\"'](?:https?:)?//[^\"']+"

        assert found(loading, TEMPLATES + SCRIPTS) == {}

    def test_only_one_style_sheet_names_colours(self) -> None:
        others = [path for path in (ROOT / "static").rglob("*.css") if path.name != "app.css"]

        assert found(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", others) == {}


class TestCode:
    def test_only_a_workers_last_line_catches_everything(self) -> None:
        wide = [
            name_of(path)
            for path in OWN
            for node in nodes_of(path)
            if isinstance(node, ast.ExceptHandler) and catches_everything(node)
        ]

        assert sorted(wide) == sorted(LAST_LINES_OF_A_WORKER & set(wide))

    def test_a_module_says_what_it_is_unless_it_is_small_or_a_command_with_a_help(self) -> None:
        told = [path for path in OWN if "commands" not in path.parts]
        silent = [name_of(path) for path in told if lines_of(path) >= 30 and not ast.get_docstring(tree_of(path))]

        assert silent == []

    def test_a_migration_imports_no_app_code_but_the_defaults_of_its_columns(self) -> None:
        for path in MIGRATIONS:
            imported = {name.split(".")[0] for name in imports_of(path)} & set(APPS)
            defaults = set(re.findall(r"default=(\w+)\.[\w.]+", path.read_text()))
            assert imported <= defaults, name_of(path)

    def test_the_web_process_never_loads_the_model_or_its_numbers(self) -> None:
        program = (
            "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings_test';"
            "import config.asgi, config.urls;"
            "print(sorted({'numpy', 'onnxruntime', 'boto3'} & set(sys.modules)))"
        )

        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)

        assert done.stdout.strip() == "[]", done.stderr


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught)


def imports_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


class TestSentences:
    def test_every_refusal_has_a_sentence(self) -> None:
        for path in OWN:
            if "commands" not in path.parts and path.parent.name != "bench":
                importlib.import_module(dotted(path))

        assert {kind.code for kind in family(DomainError)} - {"refused"} - sentences.codes() == set()

    def test_every_code_that_a_module_names_has_a_sentence(self) -> None:
        speechless = {name_of(path): missing for path in OWN if (missing := set(codes_of(path)) - sentences.codes())}

        assert speechless == {}

    def test_every_problem_brings_the_arguments_of_its_sentence(self) -> None:
        incomplete = [
            f"{name_of(path)}: {code}"
            for path in OWN
            for code, arguments in problems_of(path)
            if code in sentences.codes() and not placeholders(code) <= arguments
        ]

        assert incomplete == []


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def family(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def codes_of(path: Path) -> Iterator[str]:
    """Codes written where they are raised: problems, backend errors, and errors kept on a row."""
    yield from (code for code, _ in problems_of(path))
    place = {"BackendError": 0}
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and (called := getattr(node.func, "id", "")) in place:
            yield from texts(node.args[place[called] : place[called] + 1])
            yield from texts(word.value for word in node.keywords if word.arg == "code")
        elif isinstance(node, ast.Dict):
            members = {getattr(key, "value", None): value for key, value in zip(node.keys, node.values, strict=True)}
            if {"code", "arguments"} <= set(members):
                yield from texts([members["code"]])


def problems_of(path: Path) -> Iterator[tuple[str, set[str]]]:
    """The code and the names of the arguments of every `(field, "code", {...})`."""
    for node in nodes_of(path):
        if isinstance(node, ast.Tuple) and len(node.elts) == 3 and isinstance(node.elts[2], ast.Dict):
            keys = set(texts(key for key in node.elts[2].keys if key))
            yield from ((code, keys) for code in texts([node.elts[1]]))


def texts(nodes: object) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))  # type: ignore[attr-defined]


def placeholders(code: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(str(sentences._SENTENCES[code])) if name}


class TestFixtures:
    def test_what_people_write_in_a_fixture_is_hostile(self) -> None:
        assert {name_of(path): tame for path in STORIES if (tame := [*tame_words(path)])} == {}

    def test_a_tame_word_is_seen(self, tmp_path: Path) -> None:
        (tmp_path / "world.py").write_text(
            "make(name='shop')\nWISH = {'prompt': f'mug {1}'}\nsave(tags=['a'])\ndef keep(title='b'): ...\n"
            "make(name=SHELF)\nsave(prompt=hostile('a mug'), title='', negative_prompt=None)\nfind(name='id')\n"
        )

        assert sorted(tame_words(tmp_path / "world.py")) == ["1: name", "2: prompt", "3: tags", "4: title"]


def tame_words(path: Path) -> Iterator[str]:
    """Lines where a fixture, or a module that helps the tests, lets somebody write what could harm nobody."""
    if path.name in WITHOUT_DJANGO:
        return
    fixtures = [each for each in functions_of(path) if any("fixture" in ast.unparse(by) for by in each.decorator_list)]
    for part in fixtures if path.name.startswith("test_") else [tree_of(path)]:
        for node in ast.walk(part):
            yield from (f"{value.lineno}: {field}" for field, value in written_in(node) if is_tame(value))


def written_in(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What this call, dictionary or signature gives for each field that a person writes."""
    if isinstance(node, ast.Call):
        is_naming = getattr(node.func, "attr", getattr(node.func, "id", "")) in NAMING
        fields = [(word.arg or "", word.value) for word in node.keywords]
        yield from ((field, value) for field, value in fields if field in WRITTEN or (field == "name" and is_naming))
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (
            (key.value, value) for key, value in pairs if isinstance(key, ast.Constant) and key.value in WRITTEN
        )
    elif isinstance(node, ast.arguments):
        named = [*zip(reversed(node.args), reversed(node.defaults), strict=False)]
        named += [(word, value) for word, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value]
        yield from ((word.arg, value) for word, value in named if word.arg in WRITTEN)


def is_tame(value: ast.expr) -> bool:
    """Whether it is a text, or a list with one, that attacks nothing."""
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        return bool(value.elts) and all(map(is_tame, value.elts))
    is_text = isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))
    return is_text and ast.unparse(value) != "''" and ATTACK not in ast.unparse(value)


class TestFrench:
    def test_the_catalogue_has_no_gap_and_no_guess(self) -> None:
        text = CATALOGUE.read_text()

        assert "#, fuzzy" not in text
        assert "#~" not in text
        assert [source for source, words in entries(text) if source and not all(words)] == []

    def test_the_compiled_catalogue_says_what_its_source_says(self) -> None:
        with CATALOGUE.with_suffix(".mo").open("rb") as file:
            compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]

        for source, words in entries(CATALOGUE.read_text()):
            if source:
                found = [
                    compiled[key] for key in ([source] if len(words) == 1 else [(source, n) for n in range(len(words))])
                ]
                assert found == words

    @pytest.mark.parametrize("mark", ["{", "%("])
    def test_a_translation_keeps_the_placeholders_of_its_source(self, mark: str) -> None:
        pattern = {"{": r"\{\w*\}", "%(": r"%\(\w+\)[sd]"}[mark]

        for source, words in entries(CATALOGUE.read_text()):
            wanted = set(re.findall(pattern, source))
            assert all(set(re.findall(pattern, word)) == wanted for word in words if source and len(words) == 1), source

    def test_every_string_of_the_code_is_in_the_catalogue(self, tmp_path: Path) -> None:
        if not shutil.which("xgettext"):
            pytest.skip("xgettext is not installed (Debian: apt-get install gettext)")
        for name in (*APPS, "templates", "locale"):
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("weights", "__pycache__"))
        shutil.copy(ROOT / "manage.py", tmp_path)
        command = ["manage.py", "makemessages", "--locale", "fr", "--no-wrap", "--no-obsolete"]

        subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, capture_output=True, timeout=120)

        made = {source for source, _ in entries((tmp_path / CATALOGUE.relative_to(ROOT)).read_text())}
        assert made - {source for source, _ in entries(CATALOGUE.read_text())} == set()


def entries(catalogue: str) -> Iterator[tuple[str, list[str]]]:
    """Each source string (with its context before EOT, as gettext keys it) and its translations."""
    for block in re.split(r"\n\s*\n", catalogue):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) "(.*)"$', line):
                name, fields[match[1]] = match[1], unquoted(match[2])
            elif line.startswith('"') and name:
                fields[name] += unquoted(line[1:-1])
        if "msgid" in fields:
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            yield (
                context + fields["msgid"],
                [text for key, text in fields.items() if key.startswith("msgstr")],
            )


def unquoted(text: str) -> str:
    return ast.literal_eval(f'"{text}"')
