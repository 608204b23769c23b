"""The language of the search field: what is read from a text, and the text made of it again."""

from datetime import date

import pytest

from gallery.folding import fold
from gallery.terms import TERMS_MAX, BadSearch, Filter, Terms, Word, parse

PLURALS_AND_SINGULARS = """
heroes hero, echoes echo, zeroes zero, potatoes potato, buses bus, lenses lens, gases gas, viruses virus, atlases atlas,
elves elf, selves self, calves calf, hooves hoof, thieves thief, wives wife, scarves scarf, firemen fireman,
snowmen snowman, policewomen policewoman, grandchildren grandchild, humans human, specimens specimen, cacti cactus,
fungi fungus, oxen ox, dwarves dwarf, gloves glove, foxes fox, quizzes quiz, toes toe, canoes canoe, roses rose,
taxis taxi, skis ski, kiwis kiwi, bleus bleu, pneus pneu, menus menu, tissus tissu, genoux genou, travaux travail,
bocaux bocal, noyaux noyau, feux feu, festivals festival, clous clou, œufs œuf, jeux jeu
"""
PLURALS = [tuple(pair.split()) for pair in PLURALS_AND_SINGULARS.split(",")]


def problems(text: str) -> list[str]:
    with pytest.raises(BadSearch) as refusal:
        parse(text)
    return [code for code, _ in refusal.value.problems]


class TestReading:
    @pytest.mark.parametrize(
        ("text", "terms"),
        [
            ("", []),
            ("  \n ", []),
            ('"" - -- ""', []),
            ("red mug", [Word("red"), Word("mug")]),
            ("mug mug", [Word("mug")]),
            ("-cup", [Word("cup", negated=True)]),
            ('"red mug" -"tea cup"', [Word("red mug", exact=True), Word("tea cup", negated=True, exact=True)]),
            ('"red  mug', [Word("red mug", exact=True)]),
            ("“red mug” « chat roux »", [Word("red mug", exact=True), Word("chat roux", exact=True)]),
            ('5" mug', [Word('5"'), Word("mug")]),
            ('"5"" mug"', [Word('5" mug', exact=True)]),
            (
                "http://example.org 12:30 Note: 16:9",
                [Word(w) for w in ("http://example.org", "12:30", "Note:", "16:9")],
            ),
            ("風景:水彩 50% a_b", [Word("風景:水彩"), Word("50%"), Word("a_b")]),
            ("'; DROP TABLE", [Word("'"), Word("DROP"), Word("TABLE")]),
            (
                "mug, lamp; (chair) really?! 7.5 a.b",
                [Word(w) for w in ("mug", "lamp", "chair", "really", "7.5", "a.b")],
            ),
            ("(-cup) -(tea) ... ?! (", [Word("cup", negated=True), Word("tea", negated=True)]),
            ('"mug, lamp", "(what?)"', [Word("mug, lamp", exact=True), Word("(what?)", exact=True)]),
            (
                "model:flux, tag:shop; steps:20..",
                [Filter("model", "flux"), Filter("tag", "shop"), Filter("steps", "20..")],
            ),
            ('tag:"a, b," tag:wow!', [Filter("tag", "a, b,"), Filter("tag", "wow!")]),
            ("(model:flux mug", [Word("mug"), Filter("model", "flux")]),
            ("módel:flux", [Filter("model", "flux")]),
            ("\u0300:is:shared", [Word("\u0300:is:shared")]),
            ("model:flux mug", [Word("mug"), Filter("model", "flux")]),
            ("MODEL:Flux", [Filter("model", "Flux")]),
            ("-style:watercolour", [Filter("style", "watercolour", negated=True)]),
            ("mode:Picture mode:text-to-image", [Filter("mode", "picture"), Filter("mode", "text")]),
            ('tag:shop tag:"red mug"', [Filter("tag", "shop"), Filter("tag", "red mug")]),
            ("tag:«red mug»", [Filter("tag", "red mug")]),
            ("tag:a:b", [Filter("tag", "a:b")]),
            ("seed:0042", [Filter("seed", "42")]),
            ("is:favorite", [Filter("is", "favourite")]),
            ("steps:30..20", [Filter("steps", "20..30")]),
            ("steps:9..10 width:20..20", [Filter("steps", "9..10"), Filter("width", "20")]),
            ("guidance:7,50..8.0", [Filter("guidance", "7.5..8")]),
            ("height:512.. -height:..64", [Filter("height", "512.."), Filter("height", "..64", negated=True)]),
            ('steps:"20 .. 30"', [Filter("steps", "20..30")]),
            ("made:2026-11-21..2026-11-01", [Filter("made", "2026-11-01..2026-11-21")]),
            ("made:2026-11-05..2026-11", [Filter("made", "2026-11-05..2026-11")]),
        ],
    )
    def test_words_and_filters_are_read(self, text: str, terms: list[Word | Filter]) -> None:
        read = parse(text)

        assert list(read.all) == terms
        assert bool(read) is bool(terms)

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("x" * 301, ["too_long"]),
            ("mug\x00", ["control_characters"]),
            (" ".join(f"w{n}" for n in range(TERMS_MAX + 1)), ["too_many_terms"]),
            ("colour:red", ["unknown_filter"]),
            ("-colour:red size:9", ["unknown_filter", "unknown_filter"]),
            ("modèle:flux", ["unknown_filter"]),
            ("mode\u0300le:flux", ["unknown_filter"]),
            ("model:", ["filter_empty"]),
            ("model:, mug", ["filter_empty"]),
            ("model: flux", ["filter_empty"]),
            ('tag:""', ["filter_empty"]),
            ("mode:video", ["filter_choice"]),
            ("is:mine", ["filter_choice"]),
            ("has:legs", ["filter_choice"]),
            ("seed:-1", ["filter_seed"]),
            ("seed:1e9", ["filter_seed"]),
            ("seed:" + "9" * 19, ["filter_seed"]),
            ("steps:many", ["filter_range"]),
            ("steps:..", ["filter_range"]),
            ("steps:1..2..3", ["filter_range"]),
            ("steps:20.5", ["filter_range"]),
            ("steps:٤٢", ["filter_range"]),
            ("guidance:nan", ["filter_range"]),
            ("guidance:1e3", ["filter_range"]),
            ("width:9999999", ["filter_range"]),
            ("made:yesterday", ["filter_days"]),
            ("made:2026-02-30", ["filter_days"]),
            ("made:2026-13", ["filter_days"]),
            ("made:9999", ["filter_days"]),
            ("made:0000-01-01", ["filter_days"]),
            ("made:..", ["filter_days"]),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, text: str, codes: list[str]) -> None:
        assert problems(text) == codes

    def test_a_refusal_names_what_is_wrong_and_what_there_is(self) -> None:
        with pytest.raises(BadSearch) as refusal:
            parse("mug colour:red is:mine")

        (_, first), (_, second) = refusal.value.problems
        assert first["name"] == "colour"
        assert first["known"].startswith("model, mode, style, tag")
        assert second == {
            "name": "is",
            "value": "mine",
            "choices": "is:favourite, is:shared, is:public, is:remix",
        }

    @pytest.mark.parametrize(
        ("value", "days"),
        [
            ("2026-11-21", (date(2026, 11, 21), date(2026, 11, 21))),
            ("2026-02", (date(2026, 2, 1), date(2026, 2, 28))),
            ("2026-12", (date(2026, 12, 1), date(2026, 12, 31))),
            ("2999", (date(2999, 1, 1), date(2999, 12, 31))),
            ("2026-11-20..", (date(2026, 11, 20), None)),
            ("..2026-01", (None, date(2026, 1, 31))),
            ("2025..2026-02", (date(2025, 1, 1), date(2026, 2, 28))),
        ],
    )
    def test_days_months_and_years_are_whole(self, value: str, days: tuple[date | None, date | None]) -> None:
        assert parse(f"made:{value}").filters[0].days == days

    @pytest.mark.parametrize(
        ("value", "span"), [("20", (20, 20)), ("20..30", (20, 30)), ("20..", (20, None)), ("..30", (None, 30))]
    )
    def test_a_range_may_have_open_ends(self, value: str, span: tuple[float | None, float | None]) -> None:
        assert parse(f"steps:{value}").filters[0].span == span


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            'red -cup "red mug" -"x y" model:flux -tag:"red mug" made:2026-11.. is:remix',
            '"a ""b"" c" tag:"5"" mug" tag:5" style:“x',
            "tag:“x„ «a b «c",
            'collection:"/etc" http://x "model:flux" "-cup" "«" “”"',
            '"""" """',
            '"" """"a',
            '(-mug) -(model:x) -(-a) ,"b," tag:"c," (is:shared .d. (("e"))',
        ],
    )
    def test_it_reads_as_the_same_terms(self, text: str) -> None:
        terms = parse(text)

        assert parse(terms.text()) == terms
        assert parse(terms.text()).text() == terms.text()

    @pytest.mark.parametrize(
        "value", ['5" mug', "“red” mug", '"', '""', "/tmp", "«", "-x", "a  b", "..", "model:x", "a,", ";"]
    )
    def test_a_tag_of_any_letters_comes_back(self, value: str) -> None:
        made = Terms().with_filter("tag", value)

        assert parse(made.text()).value_of("tag") == " ".join(value.split())


class TestChanging:
    def test_a_term_is_taken_out(self) -> None:
        terms = parse('mug "red mug" -model:flux is:shared')

        assert terms.without(terms.words[1]).text() == "mug -model:flux is:shared"
        assert terms.without(terms.filters[0]).text() == 'mug "red mug" is:shared'

    def test_a_filter_takes_the_place_of_its_like(self) -> None:
        terms = parse("mug model:flux")

        assert terms.with_filter("model", "builtin").text() == "mug model:builtin"
        assert terms.with_filter("model", "").text() == "mug"
        assert terms.with_filter("steps", "30..20").text() == "mug model:flux steps:20..30"

    def test_tags_and_marks_gather(self) -> None:
        terms = parse("tag:shop is:shared")

        assert terms.with_filter("tag", "red mug").text() == 'tag:shop is:shared tag:"red mug"'
        assert terms.with_filter("tag", "shop") == terms
        assert terms.with_filter("is", "").text() == "tag:shop"

    def test_a_filter_with_a_bad_value_is_refused(self) -> None:
        with pytest.raises(BadSearch):
            Terms().with_filter("steps", "many")


class TestVariants:
    @pytest.mark.parametrize(
        ("searched", "written"),
        [
            ("mugs", "a red mug"),
            ("mug", "two red mugs"),
            ("Mugs", "MUG"),
            ("boxes", "a box"),
            ("box", "boxes"),
            ("berries", "one berry"),
            ("berry", "wild berries"),
            ("dishes", "a dish"),
            ("beaches", "a beach"),
            ("glasses", "a glass"),
            ("glass", "glasses"),
            ("houses", "a house"),
            ("cookies", "a cookie"),
            ("tomatoes", "a tomato"),
            ("shoes", "a shoe"),
            ("wolves", "a wolf"),
            ("leaf", "autumn leaves"),
            ("women", "a woman"),
            ("child", "children"),
            ("kites", "a kite"),
            ("chevaux", "un cheval"),
            ("cheval", "des chevaux"),
            ("bateaux", "un bateau"),
            ("bateau", "des bateaux"),
            ("vitraux", "un vitrail"),
            ("vitrail", "des vitraux"),
            ("bijoux", "un bijou"),
            ("cheveux", "un cheveu"),
            ("yeux", "un œil"),
            ("œil", "les yeux"),
            ("étés", "un été"),
            ("souris", "une souris"),
            ("tapis", "un tapis"),
            ("gas", "gas"),
            *PLURALS,
            *((one, many) for many, one in PLURALS),
        ],
    )
    def test_a_plural_is_found_both_ways(self, searched: str, written: str) -> None:
        [word] = parse(searched).words

        assert any(variant in fold(written) for variant in word.variants)

    @pytest.mark.parametrize(
        ("searched", "written"),
        [
            ("glass", "glaze"),
            ("bus", "burger"),
            ("buses", "burger"),
            ("lenses", "lemon"),
            ("lens", "silence"),
            ("heroes", "herb"),
            ("elves", "eleven"),
            ("firemen", "fire"),
            ("ramen", "ram"),
            ("bleus", "blé"),
            ("its", "italy"),
            ("is", "ink"),
            ("doux", "double"),
            ("roux", "rouge"),
            ("sky", "skating"),
            ('"mugs"', "a mug"),
        ],
    )
    def test_a_word_is_not_cut_to_nothing(self, searched: str, written: str) -> None:
        [word] = parse(searched).words

        assert not any(variant in fold(written) for variant in word.variants)

    @pytest.mark.parametrize("word", ["s", "es", "x", "ss", "aux", "ies", "y", "日本", "123", "t-s", "-"])
    def test_something_is_always_looked_for(self, word: str) -> None:
        for one in Word(word).variants:
            assert len(one) >= min(len(word), 2)
