"""The back office of pictures: curators publish what is shared, see what was reported, and see nothing else."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import CURATORS, User
from accounts.services import curators
from gallery.models import Collection, Image, Report
from gallery.services import collections, images, members, sharing
from tests.hostile import hostile

SECRET = hostile("My secret mug", 200)
INLINE = r"""<script>|<\w+(?:\s+[\w-]+(?:="[^"]*")?)*\s+(?:style|on[a-z]+)="""

ClientOf = Callable[[User], Client]
Make = Callable[..., Image]
IMAGES = "/admin/gallery/image/"
REPORTS = "/admin/gallery/report/"


@pytest.fixture
def curator(plans: None) -> User:
    return curators.make(email="curator@example.org")[0]


@pytest.fixture
def office(curator: User, client_of: ClientOf) -> Client:
    return client_of(curator)


@pytest.fixture
def picture(alice: User, generated: Make) -> Image:
    return images.change(image=generated(alice), title=SECRET)


def words(response: Any) -> str:
    return response.content.decode()


def act(office: Client, where: str, action: str, *rows: Image | Report) -> str:
    sent = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    return words(office.post(where, sent, follow=True))


def test_a_private_picture_is_neither_seen_nor_told(office: Client, picture: Image) -> None:
    listed = words(office.get(IMAGES))
    page = words(office.get(f"{IMAGES}{picture.pk}/change/"))

    assert str(picture.pk) in listed
    assert "64\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}64" in listed
    assert "alice" in listed
    for told in (listed, page):
        assert "mug" not in told
        assert "/picture/" not in told
    assert office.get(reverse("admin:gallery_image_picture", args=[picture.pk])).status_code == 404


@pytest.mark.parametrize("because", ["of a link", "it is published", "of a report"])
def test_it_is_seen_where_it_is_shared_or_reported(office: Client, curator: User, picture: Image, because: str) -> None:
    if because == "of a report":
        sharing.report(image=picture, reporter=None, reason="other", words="")
    else:
        share = sharing.share(image=picture)
    if because == "it is published":
        sharing.publish(image=picture, by=curator)
        sharing.revoke(share=share)

    address = reverse("admin:gallery_image_picture", args=[picture.pk])
    page = words(office.get(f"{IMAGES}{picture.pk}/change/"))

    assert "My secret mug" in page
    assert f'<img src="{address}" width="64" height="64" alt="{escape(SECRET)}">' in page
    assert office.get(address)["Content-Type"] == "image/webp"


@pytest.mark.parametrize(
    ("because", "is_told"),
    [("a link hides it", False), ("a link shows it", True), ("the showcase hides it", False), ("of a report", False)],
)
def test_a_prompt_is_told_only_where_somebody_else_reads_it(
    office: Client, curator: User, alice: User, generated: Make, because: str, is_told: bool
) -> None:
    image = generated(alice)
    if because == "of a report":
        sharing.report(image=image, reporter=None, reason="other", words="")
    else:
        sharing.share(image=image, recipe_shown=because == "a link shows it")
    if because == "the showcase hides it":
        sharing.publish(image=image, by=curator)
    report = sharing.report(image=image, reporter=None, reason="other", words="")

    for address in (f"{IMAGES}{image.pk}/change/", f"{REPORTS}{report.pk}/change/"):
        page = words(office.get(address))
        assert "/picture/" in page
        assert ("a red mug" in page) is is_told
        assert ('alt="A picture"' in page) is not is_told


@pytest.mark.parametrize(
    ("because", "is_seen"),
    [
        ("a link opens it", True),
        ("it is published", True),
        ("its link has a password", False),
        ("its link was revoked", False),
        ("it is in the trash", False),
        ("its owner's account is closed", False),
        ("of a report", False),
    ],
)
def test_the_list_shows_pictures_that_everybody_may_see(
    office: Client, curator: User, alice: User, picture: Image, because: str, is_seen: bool
) -> None:
    if because == "of a report":
        sharing.report(image=picture, reporter=None, reason="other", words="")
    else:
        share = sharing.share(image=picture, password="open sesame" * (because == "its link has a password"))
    if because == "it is published":
        sharing.publish(image=picture, by=curator)
    if because == "its owner's account is closed":
        sharing.publish(image=picture, by=curator)
        User.objects.filter(pk=alice.pk).update(is_active=False)
    if because in {"it is published", "its link was revoked"}:
        sharing.revoke(share=share)
    if because == "it is in the trash":
        images.trash(image=picture)

    listed = words(office.get(IMAGES))

    address = reverse("admin:gallery_image_picture", args=[picture.pk])
    assert (f'<img src="{address}?small" width="64" height="64" alt="{escape(SECRET)}"' in listed) is is_seen
    assert ("My secret mug" in listed) is is_seen
    if is_seen:
        assert office.get(f"{address}?small")["Content-Type"] == "image/webp"


def test_the_list_is_filtered_by_who_sees_a_picture(
    office: Client, curator: User, alice: User, generated: Make
) -> None:
    private, shared, published = (generated(alice) for _ in range(3))
    sharing.share(image=shared)
    sharing.share(image=published)
    sharing.publish(image=published, by=curator)

    for value, seen in {"private": private, "unlisted": shared, "public": published}.items():
        page = words(office.get(IMAGES, {"visibility": value}))

        assert [image for image in (private, shared, published) if f"{image.pk}/change/" in page] == [seen]
    assert office.get(IMAGES, {"visibility": "<b>"}).status_code == 200


def test_the_page_of_a_picture_has_the_button_that_is_possible(
    office: Client, alice: User, generated: Make, picture: Image
) -> None:
    address, decide = (f"{IMAGES}{picture.pk}/{page}/" for page in ("change", "decide"))
    assert "showcase</button>" not in words(office.get(address))
    sharing.share(image=picture)

    assert "Publish in the showcase</button>" in words(office.get(address))
    page = words(office.post(decide, {"publish": "1"}, follow=True))
    assert "1 picture is in the showcase." in page
    assert "Withdraw from the showcase</button>" in page
    page = words(office.post(decide, {"withdraw": "1"}, follow=True))

    assert "1 picture is withdrawn." in page
    assert "Publish in the showcase</button>" in page
    assert not Image.objects.published().exists()


def test_the_button_publishes_nothing_that_is_not_shared(office: Client, picture: Image) -> None:
    page = words(office.post(f"{IMAGES}{picture.pk}/decide/", {"publish": "1"}, follow=True))

    assert "has no link that opens without a password" in page
    assert not Image.objects.published().exists()


def test_a_link_to_a_picture_in_the_trash_shows_it_to_nobody(office: Client, picture: Image) -> None:
    sharing.share(image=picture)
    images.trash(image=picture)

    assert office.get(reverse("admin:gallery_image_picture", args=[picture.pk])).status_code == 404


def test_a_curator_publishes_what_is_shared_and_withdraws_it(office: Client, curator: User, picture: Image) -> None:
    sharing.share(image=picture)

    assert "1 picture is in the showcase." in act(office, IMAGES, "publish", picture)
    assert Client().get(reverse("published", args=[picture.pk])).status_code == 200
    assert "1 picture is withdrawn." in act(office, IMAGES, "withdraw", picture)
    assert Client().get(reverse("published", args=[picture.pk])).status_code == 404

    told = LogEntry.objects.order_by("pk").values_list("user", "object_repr", "change_message")
    assert list(told) == [(curator.pk, str(picture.pk), "Published"), (curator.pk, str(picture.pk), "Withdrawn")]


def test_what_nobody_shared_and_what_was_uploaded_is_not_published(
    office: Client, alice: User, picture: Image, uploaded: Make
) -> None:
    sent = uploaded(alice)
    sharing.share(image=sent)

    page = act(office, IMAGES, "publish", picture, sent)

    assert "0 pictures are in the showcase." in page
    assert "has no link that opens without a password" in page
    assert not Image.objects.published().exists()


def test_a_link_with_a_password_shares_it_with_those_who_know_it_and_not_with_the_world(
    office: Client, picture: Image
) -> None:
    sharing.share(image=picture, password="open sesame")

    page = act(office, IMAGES, "publish", picture)

    assert "has no link that opens without a password" in page
    assert not Image.objects.published().exists()


@pytest.mark.parametrize(
    ("links", "hidden_by_owner", "is_shown"),
    [
        ([{"recipe_shown": False}], False, False),
        ([{"recipe_shown": False}, {"recipe_shown": True, "password": "open sesame"}], False, False),
        ([{"recipe_shown": False}, {"recipe_shown": True}], False, True),
        ([{"recipe_shown": True}], True, False),
    ],
)
def test_publishing_shows_the_recipe_only_where_a_link_shows_it_to_everybody(
    office: Client, alice: User, generated: Make, links: list[dict[str, Any]], hidden_by_owner: bool, is_shown: bool
) -> None:
    image = generated(alice)
    if hidden_by_owner:
        sharing.show_recipe(image=image, shown=False)
    for link in links:
        sharing.share(image=image, **link)

    act(office, IMAGES, "publish", image)
    page = words(Client().get(reverse("published", args=[image.pk])))

    assert ("a red mug" in page) is is_shown
    assert (f"remix={image.pk}" in page) is is_shown


def test_a_revoked_link_shows_no_recipe_and_its_owner_still_decides(
    office: Client, alice: User, client_of: ClientOf, generated: Make
) -> None:
    image = generated(alice)
    sharing.revoke(share=sharing.share(image=image))
    sharing.share(image=image, recipe_shown=False)
    act(office, IMAGES, "publish", image)
    address = reverse("published", args=[image.pk])
    assert "a red mug" not in words(Client().get(address))

    client_of(alice).post(reverse("image_showcase", args=[image.pk]), {"recipe_shown": "true"})
    act(office, IMAGES, "publish", image)

    assert "a red mug" in words(Client().get(address))


def test_a_curator_may_publish_their_own(office: Client, curator: User, generated: Make) -> None:
    act(office, IMAGES, "publish", generated(curator))

    assert Image.objects.published().get().recipe_shown


def test_pictures_are_found_by_id_and_by_handle_alone(
    office: Client, bob: User, picture: Image, generated: Make
) -> None:
    other = generated(bob)

    for text, seen, unseen in [(str(picture.pk), picture, other), ("bo", other, picture)]:
        page = words(office.get(IMAGES, {"q": text}))
        assert str(seen.pk) in page
        assert str(unseen.pk) not in page
    assert str(picture.pk) not in words(office.get(IMAGES, {"q": "mug"}))
    assert office.get(IMAGES, {"title__startswith": "My"}).status_code in {302, 400}


def test_the_list_costs_the_same_queries_whatever_its_length(
    office: Client, alice: User, generated: Make, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        sharing.share(image=generated(alice))

    with django_assert_max_num_queries(10):
        office.get(IMAGES)


def test_open_reports_come_first_with_picture_reason_and_words(office: Client, bob: User, picture: Image) -> None:
    first = sharing.report(image=picture, reporter=bob, reason="rights", words="<b>My logo</b>")
    last = sharing.report(image=picture, reporter=None, reason="offensive", words="")
    sharing.close(report=last)

    listed = words(office.get(REPORTS))
    page = words(office.get(f"{REPORTS}{first.pk}/change/"))

    assert listed.index(f"{REPORTS}{first.pk}/") < listed.index(f"{REPORTS}{last.pk}/")
    assert "&lt;b&gt;My logo&lt;/b&gt;" in page
    assert "uses a brand, a work or a face without right" in page
    assert reverse("admin:gallery_image_picture", args=[picture.pk]) in page


@pytest.mark.parametrize("way", ["action", "button"])
def test_taking_down_hides_the_picture_and_closes_all_its_reports(
    office: Client, curator: User, picture: Image, way: str
) -> None:
    share = sharing.share(image=picture)
    sharing.publish(image=picture, by=curator)
    reports = [sharing.report(image=picture, reporter=None, reason="other", words="") for _ in range(2)]

    if way == "action":
        act(office, REPORTS, "take_down", reports[0])
    else:
        office.post(f"{REPORTS}{reports[0].pk}/decide/", {"take_down": "1"})

    assert Client().get(reverse("shared", args=[share.key])).status_code == 404
    assert Client().get(reverse("published", args=[picture.pk])).status_code == 404
    assert not Report.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("whose", ["alice", "bob"])
def test_taking_down_takes_it_out_of_every_collection_that_somebody_else_sees(
    office: Client, alice: User, bob: User, client_of: ClientOf, picture: Image, whose: str
) -> None:
    owner, other = (alice, bob) if whose == "alice" else (bob, alice)
    shelf, kept = (collections.create(user=owner, name="Mugs"), collections.create(user=alice, name="My own"))
    members.share(collection=shelf, by=owner, handle=other.handle, role="editor")
    for each in (shelf, kept):
        collections.add(user=alice, collection=each, images=[picture])
        collections.change(collection=each, cover=picture)
    visitor, addresses = client_of(bob), [reverse("image", args=[picture.pk]), reverse("image_file", args=[picture.pk])]
    addresses += [f"/api/v1/images/{picture.pk}", f"/api/v1/images/{picture.pk}/file"]
    assert {visitor.get(address).status_code for address in addresses} == {200}

    sharing.take_down(report=sharing.report(image=picture, reporter=bob, reason="other", words=""))

    assert {visitor.get(address).status_code for address in addresses} == {404}
    assert str(picture.pk) not in words(visitor.get(reverse("collection", args=[shelf.pk])))
    covers = dict(Collection.objects.values_list("pk", "cover"))
    assert covers == {shelf.pk: None, kept.pk: picture.pk}
    assert kept.entries.get().image == picture


def test_what_was_taken_down_does_not_come_back_with_a_collection_that_was_thrown_away(
    alice: User, bob: User, client_of: ClientOf, picture: Image
) -> None:
    shelf = collections.create(user=alice, name="Mugs")
    members.share(collection=shelf, by=alice, handle="bob", role="viewer")
    collections.add(user=alice, collection=shelf, images=[picture])
    collections.delete(user=alice, collection=shelf)

    sharing.take_down(report=sharing.report(image=picture, reporter=bob, reason="other", words=""))
    collections.restore(user=alice, collection=str(shelf.pk))

    assert client_of(bob).get(reverse("image", args=[picture.pk])).status_code == 404


def test_closing_leaves_the_picture_where_it_is(office: Client, picture: Image) -> None:
    share = sharing.share(image=picture)
    report = sharing.report(image=picture, reporter=None, reason="other", words="")

    page = words(office.post(f"{REPORTS}{report.pk}/decide/", {"close": "1"}, follow=True))

    assert "1 report is closed." in page
    assert Client().get(reverse("shared", args=[share.key])).status_code == 200


def test_without_the_rights_nothing_is_seen_or_done(
    office: Client, mallory: User, client_of: ClientOf, picture: Image
) -> None:
    User.objects.filter(pk=mallory.pk).update(is_staff=True)
    sharing.share(image=picture)
    report = sharing.report(image=picture, reporter=None, reason="other", words="")
    staff = client_of(User.objects.get(pk=mallory.pk))

    for address in (IMAGES, REPORTS, f"{IMAGES}{picture.pk}/change/", f"{REPORTS}{report.pk}/change/"):
        assert staff.get(address).status_code == 403
    assert staff.get(reverse("admin:gallery_image_picture", args=[picture.pk])).status_code == 404
    assert staff.post(f"{REPORTS}{report.pk}/decide/", {"take_down": "1"}).status_code == 404
    assert staff.post(f"{IMAGES}{picture.pk}/decide/", {"publish": "1"}).status_code == 404
    assert not Image.objects.published().exists()
    assert Report.objects.filter(closed_at=None).exists()


def test_pages_obey_the_content_policy(office: Client, picture: Image) -> None:
    sharing.share(image=picture)
    report = sharing.report(image=picture, reporter=None, reason="other", words="")

    for address in (IMAGES, REPORTS, f"{IMAGES}{picture.pk}/change/", f"{REPORTS}{report.pk}/change/"):
        assert not re.search(INLINE, words(office.get(address)))


def test_a_group_of_before_gets_what_is_missing_and_keeps_what_it_was_given(curator: User) -> None:
    group = Group.objects.get(name=CURATORS)
    group.permissions.remove(*group.permissions.filter(content_type__app_label="gallery"))
    group.permissions.add(Permission.objects.get(codename="add_group"))

    curators.make(email="another@example.org")

    names = set(group.permissions.values_list("codename", flat=True))
    assert {"view_image", "change_image", "view_report", "change_report", "add_group"} <= names
