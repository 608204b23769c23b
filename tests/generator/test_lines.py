"""Files with a prompt a line: what is read, and what is refused."""

import pytest

from common import sentences
from generator import lines
from generator.lines import LINES_MAX, Unreadable, read, read_prompts

READ = [
    (b"prompt\na red mug\n", [{"prompt": "a red mug"}]),
    (b"prompt,steps\r\na red mug,12\r\n", [{"prompt": "a red mug", "steps": 12}]),
    ("\ufeffprompt;guidance\nune tasse ; 7,5\n".encode(), [{"prompt": "une tasse", "guidance": 7.5}]),
    (b'sep=;\nprompt;images\n"a mug; red";2\n', [{"prompt": "a mug; red", "images": 2}]),
    (b"Prompt\tNegative prompt\na mug\tblur\n", [{"prompt": "a mug", "negative_prompt": "blur"}]),
    (b"prompt,seed,\na mug,,\n\n,,\n", [{"prompt": "a mug"}]),
    (b'prompt\n"two\r\nlines, ""quoted"""\n', [{"prompt": 'two\nlines, "quoted"'}]),
    (b"a red mug, studio light\na boat\n", [{"prompt": "a red mug, studio light"}, {"prompt": "a boat"}]),
    (b'"a red mug, studio light"\n', [{"prompt": "a red mug, studio light"}]),
    (b'a boat\n"Quoted", a mug\n', [{"prompt": "a boat"}, {"prompt": '"Quoted", a mug'}]),
    (b'a 7" screen\n"a mug\n', [{"prompt": 'a 7" screen'}, {"prompt": '"a mug'}]),
    (b"prompt,seed\n,7\n", [{"prompt": "", "seed": 7}]),
]


@pytest.mark.parametrize(("content", "wishes"), READ)
def test_a_file_is_read_as_spreadsheets_write_it(content: bytes, wishes: list[dict[str, object]]) -> None:
    found = read(content)

    assert [line.wish for line in found] == wishes
    assert [line.problems for line in found] == [[] for _ in wishes]


REFUSED = [
    (b"prompt,colour\na mug,red\n", "unknown_column"),
    (b"prompt,colour,,shade\na mug,red,,dark\n", "unknown_columns"),
    (b"steps,width\n5,64\n", "no_prompt_column"),
    (b"prompt,prompt\na,b\n", "column_twice"),
    (b'prompt\n"a mug\n', "broken_csv"),
    ("prompt\nune tasse bleuté\n".encode("latin-1"), "not_utf8"),
    (b"prompt\n", "no_lines"),
    (b" \n\n", "no_lines"),
    (b"", "no_lines"),
    (b"prompt\n" + b"a mug\n" * (LINES_MAX + 1), "too_many_lines"),
    (b"x" * (lines.BYTES_MAX + 1), "too_large"),
    (b"prompt\n" + b"x" * 200_000 + b"\n", "broken_csv"),
]


@pytest.mark.parametrize(("content", "code"), REFUSED)
def test_a_file_as_a_whole_is_refused_with_a_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(content)

    assert refusal.value.code == code
    assert sentences.say(code, **refusal.value.arguments)


def test_a_heap_of_unknown_columns_is_cut_to_what_can_be_read() -> None:
    names = [f"shade{number}" for number in range(40)]

    with pytest.raises(Unreadable) as refusal:
        read(f"prompt,shade0,{','.join(names)}\na mug\n".encode())

    assert refusal.value.arguments["names"] == ", ".join(f"“{name}”" for name in names[:10]) + ", …"


WRONG = [
    (b"prompt,steps\na mug,many\n", [("steps", "not_a_whole_number", {})], "many"),
    (b"prompt,steps\na mug,7.5\n", [("steps", "not_a_whole_number", {})], "7.5"),
    (b"prompt,steps\na mug,99999999999999999999\n", [("steps", "not_a_whole_number", {})], "99999999999999999999"),
    (b"prompt,guidance\na mug,nan\n", [("guidance", "not_a_number", {})], "nan"),
    (b"prompt,style\na mug,a\x00b\n", [("style", "control_characters", {})], "a\N{REPLACEMENT CHARACTER}b"),
]


@pytest.mark.parametrize(("content", "problems", "kept"), WRONG)
def test_a_cell_that_cannot_be_read_is_kept_with_its_problem(
    content: bytes, problems: list[lines.Problem], kept: str
) -> None:
    [line] = read(content)

    assert line.problems == problems
    assert line.wish[problems[0][0]] == kept
    assert {code for _, code, _ in problems} <= lines.CANNOT_BE_READ


def test_a_cell_without_a_column_is_a_problem_of_its_row() -> None:
    first, second = read(b"prompt,steps\na mug,5,red\na boat,5\n")

    assert first.problems == [("", "too_many_cells", {"columns": 2})]
    assert second.problems == []


def test_a_line_is_numbered_as_the_spreadsheet_shows_it() -> None:
    assert [line.number for line in read(b'prompt\n"two\nlines"\n\na boat\n')] == [2, 4]
    assert [line.number for line in read_prompts("a mug\r\n\r\na boat")] == [1, 3]


def test_written_lines_are_prompts_whatever_stands_in_them() -> None:
    assert [line.wish for line in read_prompts('prompt, "steps"\n  a boat ')] == [
        {"prompt": 'prompt, "steps"'},
        {"prompt": "a boat"},
    ]
    with pytest.raises(Unreadable):
        read_prompts("   ")
