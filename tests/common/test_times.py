"""Spans of time as pages write them."""

import pytest

from common.times import span


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, ""),
        (1, "1 s"),
        (120, "120 s"),
        (121, "3 min"),
        (7200, "120 min"),
        (7201, "3 h"),
        (86157, "24 h"),
    ],
)
def test_a_span_is_told_in_the_unit_that_a_reader_expects(seconds: int | None, words: str) -> None:
    assert span(seconds) == words.replace(" ", "\N{NO-BREAK SPACE}")
