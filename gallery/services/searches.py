"""Searches that people keep under a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from django.db import IntegrityError, transaction

from accounts.models import User
from common import texts
from common.errors import InvalidInput
from gallery import queries, terms
from gallery.finding import SORTS
from gallery.models import Image, ImageQuerySet, SavedSearch
from gallery.orders import ORDERS

SEARCHES_MAX = 100
NAME_MAX = 100


@dataclass(frozen=True)
class Smart:
    """A kept search with what it finds now, which is looked up when it is first asked."""

    search: SavedSearch
    owner: User

    @cached_property
    def count(self) -> int:
        """How many images it finds."""
        return self._found.count()

    @cached_property
    def first(self) -> Image | None:
        """The image it begins with."""
        return ORDERS[self.search.sort or SORTS[0]].sorted(self._found).first()

    @cached_property
    def _found(self) -> ImageQuerySet:
        """None where the text is no search any more."""
        try:
            looked_for = terms.parse(self.search.query)
        except terms.BadSearch:
            return Image.objects.none()
        return queries.made_by(self.owner, terms=looked_for)


def saved(user: User) -> list[SavedSearch]:
    """This person's searches by name."""
    return list(SavedSearch.objects.filter(owner=user).order_by("name", "pk"))


def smart(user: User) -> list[Smart]:
    """The same as collections that fill themselves; what they find is looked up one by one, when it is shown."""
    return [Smart(search, user) for search in saved(user)]


@transaction.atomic
def save(*, user: User, name: str, query: str, sort: str = "newest") -> SavedSearch:
    """Keep a search; its text in its shortest spelling.

    Raises `InvalidInput`: names of 1 to 100 characters, each once, 100 searches, a text that is a search.
    """
    name = name.strip()
    problems = _name_problems(name)
    if sort not in SORTS:
        problems.append(("sort", "not_a_choice", {"choices": ", ".join(SORTS)}))
    try:
        query = terms.parse(query).text()
    except terms.BadSearch as wrong:
        problems += [("query", code, arguments) for code, arguments in wrong.problems]
    if SavedSearch.objects.filter(owner=_locked(user)).count() >= SEARCHES_MAX:
        problems.append(("name", "too_many_searches", {"most": SEARCHES_MAX}))
    if problems:
        raise InvalidInput(problems)
    with _named_once():
        return SavedSearch.objects.create(owner=user, name=name, query=query, sort=sort)


@transaction.atomic
def rename(*, search: SavedSearch, name: str) -> SavedSearch:
    """Raises `InvalidInput` for a name that `save` would not take."""
    name = name.strip()
    if problems := _name_problems(name):
        raise InvalidInput(problems)
    with _named_once():
        SavedSearch.objects.filter(pk=search.pk).update(name=name)
    search.name = name
    return search


@transaction.atomic
def forget(*, search: SavedSearch) -> dict[str, str]:
    """Remove it; the arguments of `restore` that bring it back."""
    SavedSearch.objects.filter(pk=search.pk).delete()
    return {"name": search.name, "query": search.query, "sort": search.sort}


@transaction.atomic
def restore(*, user: User, name: str, query: str, sort: str) -> list[SavedSearch]:
    """What was forgotten is kept again: it, or nothing where its name or its place has been taken meanwhile."""
    kept = SavedSearch.objects.filter(owner=_locked(user))
    if kept.count() >= SEARCHES_MAX or kept.filter(name=name).exists():
        return []
    return [SavedSearch.objects.create(owner=user, name=name, query=query, sort=sort)]


def _locked(user: User) -> User:
    """Two requests of one person count one after the other."""
    return User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)


@contextmanager
def _named_once() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise InvalidInput([("name", "search_name_taken", {})]) from error


def _name_problems(name: str) -> list[texts.Problem]:
    return texts.problems("name", name, most=NAME_MAX) if name else [("name", "required", {})]
