"""Somebody new for a studio that runs, with what they have. Run by `manage.py shell`, it stays and is asked by lines.

Nobody fills in a form for it; tests/e2e/test_story.py is about those who do.
"""

import json
import sys
import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User
from accounts.services import curators
from gallery.models import Image
from gallery.services import collections
from tests.e2e import seeding
from tests.hostile import hostile


def run() -> None:
    """Answer each line of wishes with a line: the key of a session, and the address of a collection."""
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(arrive(**json.loads(line)))}\n")
        sys.stdout.flush()


def arrive(*, pictures: int = 0, curator: bool = False, collection: str = "") -> dict[str, Any]:
    """Somebody with so many pictures, all of them in the collection if it has a name."""
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    person = curators.make(email=email)[0] if curator else User.objects.create_user(email, name=hostile("Camille", 80))
    seeding.run(email, pictures)
    found = {"session": session_of(person), "collection": ""}
    if collection:
        made = collections.create(user=person, name=hostile(collection, 100))
        collections.add(user=person, collection=made, images=list(Image.objects.owned_by(person).newest_first()))
        found["collection"] = f"/collections/{made.pk}/"
    return found


def session_of(person: User) -> str:
    """The key of a session in which they are signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)
