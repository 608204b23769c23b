"""What somebody looks for in the gallery, as its pages carry it: the text of the search and the order."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from common.errors import InvalidInput
from gallery import facts, finding
from gallery.finding import SORTS
from gallery.models import Collection
from gallery.terms import Filter, Terms

ENDLESS = "endless_scroll"
"""In the session of who wants the gallery to go on as they scroll."""


@dataclass(frozen=True)
class Looking:
    """A search and its order; `problems` are sentences on a `text` that is no search, whose `terms` are none."""

    text: str = ""
    sort: str = SORTS[0]
    terms: Terms = field(default_factory=Terms)
    problems: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The address's query: "" for the whole gallery, newest first."""
        sort = "" if self.sort == SORTS[0] else self.sort
        asked = {name: value for name, value in (("q", self.text), ("sort", sort)) if value}
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def address(self) -> str:
        """Where it is seen."""
        return reverse("gallery") + self.query

    @property
    def words(self) -> str:
        """What stands in the field: the words, or all of the text while it is no search."""
        return self.text if self.problems else " ".join(word.text for word in self.terms.words)

    @property
    def filters(self) -> str:
        """What stands beside it as tokens, as text."""
        return " ".join(each.text for each in self.terms.filters)

    @property
    def tokens(self) -> list[tuple[Filter, str]]:
        """The filters as the reader calls their values, each with the address of the search without it."""
        return [
            (replace(each, value=facts.named(each.name, each.value)), self.of(self.terms.without(each)).address)
            for each in self.terms.filters
        ]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders: name, address, whether it is the one that is seen."""
        return [(name, replace(self, sort=name).address, name == self.sort) for name in SORTS]

    def of(self, terms: Terms) -> "Looking":
        """Other terms in the same order."""
        return replace(self, terms=terms, text=terms.text(), problems=())


@dataclass(frozen=True)
class Within:
    """A collection that somebody walks through, as the page of a picture in it carries it."""

    collection: Collection

    @property
    def query(self) -> str:
        """The query of the addresses of its pictures."""
        return f"?in={self.collection.pk}"

    @property
    def address(self) -> str:
        """Where all of it is seen."""
        return reverse("collection", args=[self.collection.pk])


def looking(request: HttpRequest) -> Looking:
    """What the address asks for; an order that there is not is the first one."""
    sort = request.GET.get("sort", "")
    return of_text(request.GET.get("q", ""), sort if sort in SORTS else SORTS[0])


def of_text(text: str, sort: str) -> Looking:
    """A search that somebody wrote."""
    try:
        terms = finding.parsed(text)
    except InvalidInput as refusal:
        return Looking(text, sort, problems=tuple(error["message"] for error in refusal.as_members()))
    return Looking(terms.text(), sort, terms)
