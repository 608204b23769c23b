"""The pages of errors: in the look, in the reader's language, and even when nothing else works."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from common.views import server_error

ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def test_an_address_that_does_not_exist_is_a_page_in_the_look(alice: User, client_of: ClientOf) -> None:
    response = client_of(alice).get("/nothing-here")

    assert response.status_code == 404
    assert "There is nothing here." in response.content.decode()
    assert "css/app.css" in response.content.decode()
    assert reverse("studio") in response.content.decode()


def test_a_stranger_sees_the_error_page_too(client: Client, db: None) -> None:
    response = client.get("/nothing-here")

    assert response.status_code == 404
    assert reverse("account_login") in response.content.decode()


@pytest.mark.parametrize("address", ["/api/docs/errors/no-such-code", "/api/docs/nothing", "/api/docs/?a=1"])
def test_the_pages_about_the_api_are_pages(address: str, alice: User, client_of: ClientOf) -> None:
    User.objects.filter(pk=alice.pk).update(language="fr")

    response = client_of(alice).get(address, headers={"accept-language": "en"})

    assert response.status_code in (200, 404)
    assert '<html lang="fr"' in response.content.decode()


def test_a_bug_is_told_without_asking_the_database_or_the_session(rf: RequestFactory) -> None:
    response = server_error(rf.get("/"))

    assert response.status_code == 500
    assert "Something went wrong on our side." in response.content.decode()
    assert "css/app.css" in response.content.decode()


def test_a_bug_is_a_toast_for_htmx(rf: RequestFactory) -> None:
    request: Any = rf.get("/")
    request.htmx = True

    response = server_error(request)

    assert response["HX-Retarget"] == "#toasts"
    assert "<html" not in response.content.decode()


def test_a_page_that_is_too_old_says_to_reload(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")

    response = client.post(reverse("generations"), {"prompt": "a red mug"})

    assert response.status_code == 403
    assert "Reload it and try again." in response.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["browser", "htmx"])
def test_35_megabytes_are_too_much(alice: User, shipped: None, client_of: ClientOf, headers: dict[str, str]) -> None:
    file = SimpleUploadedFile("big.png", bytes(35 * 2**20), "image/png")

    response = client_of(alice).post(
        reverse("generations"), {"mode": "image-to-image", "prompt": "a mug", "source": file}, headers=headers
    )

    assert response.status_code == 413
    assert "larger than 30 MB" in response.content.decode()
    assert ("HX-Retarget" in response) is bool(headers)


@pytest.mark.parametrize("name", ["elsewhere.example", "no_such.example", "a b", "127.0.0.1:port"])
def test_a_name_that_is_not_ours_is_said_to_be_that(name: str, client: Client, db: None) -> None:
    document = client.get("/api/v1/account", headers={"host": name})
    page = client.get("/", headers={"host": name})

    assert (document.status_code, document["Content-Type"]) == (400, "application/problem+json")
    assert document.json()["code"] == "unknown_host"
    assert page.status_code == 400
    assert "does not answer under this name" in page.content.decode()
    assert "ALLOWED_HOSTS" in page.content.decode()
