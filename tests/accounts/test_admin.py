"""The back office: curators manage people and plans, and cannot raise themselves."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import CURATORS, Invitation, Plan, User
from accounts.services import curators, quota, signup
from generator.models import AIModel


@pytest.fixture
def curator(db: None) -> User:
    return curators.make(email="curator@example.org")[0]


@pytest.fixture
def office(curator: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(curator)


def page_of(user: User) -> str:
    return f"/admin/accounts/user/{user.pk}/change/"


def form_of(user: User, **changed: Any) -> dict[str, Any]:
    return {"name": user.name, "language": user.language, "plan": user.plan_id, "is_active": "on", **changed}


def test_nobody_but_staff_gets_in(alice: User, client_of: Callable[[User], Client]) -> None:
    assert client_of(alice).get("/admin/accounts/user/").status_code == 302


def test_the_back_office_has_no_door_of_its_own(db: None) -> None:
    answer = Client().post("/admin/login/?next=/admin/accounts/", {"username": "alice", "password": "guess"})

    assert answer["Location"] == "/accounts/login/?next=/admin/accounts/"


def test_who_is_no_curator_is_told_so(alice: User, office: Client, client_of: Callable[[User], Client]) -> None:
    assert client_of(alice).get("/admin/login/").status_code == 403
    assert office.get("/admin/login/")["Location"] == "/admin/"


@pytest.mark.parametrize(
    "url", ["", "accounts/user/", "accounts/plan/", "accounts/invitation/", "accounts/usage/", "accounts/ledgerentry/"]
)
def test_a_curator_sees_people_plans_and_the_books(office: Client, alice: User, url: str) -> None:
    quota.reserve(user=alice, amount=1, reference="a")
    quota.settle(reference="a", spent=1)

    assert office.get(f"/admin/{url}").status_code == 200


def test_people_are_found_by_email_and_handle(office: Client, alice: User, bob: User) -> None:
    for wanted in ("alice@exam", "alic"):
        page = office.get("/admin/accounts/user/", {"q": wanted}).content.decode()
        assert "alice@example.org" in page
        assert "bob@example.org" not in page


def test_a_curator_moves_somebody_to_another_plan_and_today_follows(office: Client, alice: User) -> None:
    quota.reserve(user=alice, amount=10, reference="a")

    office.post(page_of(alice), form_of(alice, plan=Plan.objects.get(slug="pro").pk))

    quota.reserve(user=alice, amount=1, reference="b")


def test_a_curator_closes_an_account(office: Client, alice: User) -> None:
    form = form_of(alice)
    del form["is_active"]

    office.post(page_of(alice), form)

    alice.refresh_from_db()
    assert alice.is_active is False


def test_a_curator_gives_nobody_rights(office: Client, alice: User) -> None:
    group = Group.objects.get(name=CURATORS)

    office.post(
        page_of(alice),
        form_of(alice, is_staff="on", is_superuser="on", groups=[group.pk], email="x@example.org", password="x"),
    )

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.groups.count()) == (False, False, 0)
    assert alice.email == "alice@example.org"
    assert alice.check_password("a fine pass phrase")


def test_a_curator_does_not_touch_staff_nor_themselves(office: Client, curator: User) -> None:
    boss = User.objects.create_superuser("boss@example.org", "a fine pass phrase")

    for somebody in (boss, curator):
        assert office.post(page_of(somebody), form_of(somebody, name="Changed")).status_code == 403

    boss.refresh_from_db()
    assert boss.name == ""


@pytest.mark.parametrize("url", ["auth/group/", "account/emailaddress/", "accounts/user/add/"])
def test_a_curator_has_no_other_way_up(office: Client, url: str) -> None:
    assert office.get(f"/admin/{url}").status_code == 403


def test_a_superuser_gives_rights(alice: User, client_of: Callable[[User], Client]) -> None:
    boss = User.objects.create_superuser("boss@example.org", "a fine pass phrase")

    client_of(boss).post(page_of(alice), form_of(alice, is_staff="on"))

    alice.refresh_from_db()
    assert alice.is_staff is True


def test_an_invitation_shows_its_link_once(office: Client, curator: User) -> None:
    made = office.post("/admin/accounts/invitation/add/", {"email": "Carol@example.org"}, follow=True)

    key = re.search(r"invitation=([\w-]+)", made.content.decode())
    assert key is not None
    assert signup.open_invitation(key.group(1)) == Invitation.objects.get(email="carol@example.org", created_by=curator)
    assert key.group(1) not in office.get("/admin/accounts/invitation/").content.decode()


@pytest.mark.parametrize("model", ["usage", "ledgerentry"])
def test_nobody_writes_in_the_books(alice: User, client_of: Callable[[User], Client], model: str) -> None:
    boss = client_of(User.objects.create_superuser("boss@example.org", "a fine pass phrase"))

    assert boss.get(f"/admin/accounts/{model}/add/").status_code == 403


@pytest.mark.parametrize(
    "asked",
    [
        "accounts/user/?password__startswith=p",
        "generator/generation/?request__prompt__startswith=a",
        "generator/generation/?metadata__note__startswith=a",
        "generator/generation/?model__generations__request__prompt__startswith=a",
    ],
)
def test_a_list_does_not_tell_by_its_filters_what_it_does_not_show(office: Client, asked: str) -> None:
    assert office.get(f"/admin/{asked}").status_code == 400


def test_generations_are_filtered_by_what_is_shown(office: Client, shipped: None) -> None:
    model = AIModel.objects.get(slug="builtin")

    for asked in ("status__exact=queued", f"model__id__exact={model.pk}", "mode=text-to-image"):
        assert office.get(f"/admin/generator/generation/?{asked}").status_code == 200
