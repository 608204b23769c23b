"""While a picture loads, a blur of it stands in its place, wherever pictures stand beside each other."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import User
from gallery.services import collections
from tests.gallery.rows import rows
from tests.hostile import SHELF

BLUR = "data:image/webp;base64,UklGRg=="


def test_a_blur_stands_in_a_collection(alice: User, client_of: Callable[[User], Client]) -> None:
    collection = collections.create(user=alice, name=SHELF)
    collections.add(user=alice, collection=collection, images=rows(alice, 2, placeholder=BLUR))

    page = client_of(alice).get(reverse("collection", args=[collection.pk])).content.decode()

    assert page.count(f'<img class="blur" src="{BLUR}"') == 2


def test_a_blur_stands_in_the_recent_row(alice: User, client_of: Callable[[User], Client], shipped: None) -> None:
    rows(alice, 3, placeholder=BLUR)

    page = client_of(alice).get(reverse("studio")).content.decode()

    assert page.count(f'<img class="blur" src="{BLUR}"') == 2
