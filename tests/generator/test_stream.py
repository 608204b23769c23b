"""Live streams: who hears what, in which order, and until when."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.services import tokens
from events.models import Event
from events.tail import Fact
from generator import listening, services, stream
from generator.models import Generation
from generator.stream import listeners
from tests.generator import live
from tests.generator.live import Studio, tell
from tests.hostile import hostile
from tests.real.servers import until

HOSTILE = "line one\nline two\r\n\ndata: {}\u2028event: forged 🦊"


@pytest.fixture
def studio(transactional_db: None) -> Iterator[Studio]:
    with live.serving() as studio:
        yield studio


@pytest.fixture
def secret_of() -> Callable[..., str]:
    """A new token of somebody."""

    def make(user: User, *scopes: str) -> str:
        return tokens.make(user=user, name=hostile("test", 50), scopes=scopes or ("read",))[1]

    return make


def names(heard: list[live.Heard]) -> list[str]:
    return [each.name for each in heard]


def places_of(user: User) -> int:
    return sum(cache.get(f"stream:{user.pk}:{number}") is not None for number in range(listening.STREAMS_MAX))


class TestAllOfMine:
    def test_a_stream_starts_now(self, studio: Studio, alice: User, secret_of: Any) -> None:
        tell(alice, number=1)
        stream = studio.listen(secret_of(alice))
        known = tell(alice, number=2)

        (heard,) = stream.take(1)

        assert heard == live.Heard("queued", known, {"number": 2})
        assert stream.answer.headers["Content-Type"] == "text/event-stream"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        assert stream.answer.headers["X-Accel-Buffering"] == "no"
        assert "Content-Length" not in stream.answer.headers
        assert stream.answer.headers["RateLimit-Limit"] == "120"

    def test_every_event_has_its_word(self, studio: Studio, alice: User, secret_of: Any) -> None:
        stream = studio.listen(secret_of(alice))
        for name in listeners.WORDS:
            tell(alice, name)

        heard = names(stream.take(len(listeners.WORDS)))

        assert heard == ["queued", "started", "fallback", "image", "succeeded", "failed", "cancelled"]

    def test_hostile_words_stay_inside_their_event(self, studio: Studio, alice: User, secret_of: Any) -> None:
        stream = studio.listen(secret_of(alice))
        tell(alice, prompt=HOSTILE)
        tell(alice, number=2)

        heard = stream.take(2)

        assert [each.body for each in heard] == [{"prompt": HOSTILE}, {"number": 2}]

    def test_two_people_hear_their_own(self, studio: Studio, alice: User, bob: User, secret_of: Any) -> None:
        of_alice, of_bob = studio.listen(secret_of(alice)), studio.listen(secret_of(bob))
        for number in range(5):
            tell(alice, whose="alice", number=number)
            tell(bob, whose="bob", number=number)

        heard = {"alice": of_alice.take(5), "bob": of_bob.take(5)}

        for whose, events in heard.items():
            assert [each.body for each in events] == [{"whose": whose, "number": number} for number in range(5)]

    def test_a_real_generation_is_heard_from_the_queue_to_its_end(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any
    ) -> None:
        stream = studio.listen(secret_of(alice))
        one = ask(alice)
        services.cancel(generation=one)

        heard = stream.take(2)

        assert names(heard) == ["queued", "cancelled"]
        assert [each.body["id"] for each in heard] == [str(one.pk)] * 2
        assert heard[1].body["urls"]["events"].endswith(f"/api/v1/generations/{one.pk}/events")


class TestResuming:
    def test_nothing_is_lost_or_told_twice_while_much_is_written(
        self, studio: Studio, alice: User, secret_of: Any
    ) -> None:
        """Whoever breaks off again and again hears everything once, in order."""
        secret, written, known = secret_of(alice), 400, 0
        writer = threading.Thread(target=lambda: [tell(alice, number=number) for number in range(written)])
        stream = studio.listen(secret, last=0)
        writer.start()
        heard = []

        for length in [1, 3, 120, 7, 50, 2, 150, 1]:
            heard += stream.take(length)
            known = heard[-1].id or 0
            stream.close()
            stream = studio.listen(secret, last=known)
        heard += stream.take(written - len(heard))

        writer.join()
        assert [each.body["number"] for each in heard] == list(range(written))
        assert [each.id for each in heard] == sorted({each.id for each in heard if each.id})

    def test_a_second_listener_of_the_same_person_misses_nothing(
        self, studio: Studio, alice: User, secret_of: Any
    ) -> None:
        secret = secret_of(alice)
        first = studio.listen(secret)
        ids = [tell(alice, number=number) for number in range(3)]
        first.take(3)

        second = studio.listen(secret, last=ids[0])
        ids.append(tell(alice, number=3))

        assert [each.id for each in second.take(3)] == ids[1:]

    def test_an_id_that_is_not_there_yet_means_now(self, studio: Studio, alice: User, secret_of: Any) -> None:
        tell(alice, number=1)
        stream = studio.listen(secret_of(alice), last=9_000_000_000_000_000_000)
        known = tell(alice, number=2)

        assert [each.id for each in stream.take(1)] == [known]

    @pytest.mark.parametrize("last", ["-1", "1.5", "x", "٣", "1" * 20, "1, 2"])
    def test_what_is_no_id_is_refused(self, last: str, api: Any, alice: User) -> None:
        answer = api(alice).get("/api/v1/events", headers={"last-event-id": last})

        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == ["Last-Event-ID"]


class TestOneGeneration:
    def test_its_stream_tells_only_of_it_and_ends_with_it(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any
    ) -> None:
        one, other = ask(alice), ask(alice)
        stream = studio.listen(secret_of(alice), f"generations/{one.pk}/events")
        services.cancel(generation=other)
        services.cancel(generation=one)

        heard = [each for each in stream if each.id]

        assert names(heard) == ["cancelled"]
        assert heard[0].body["id"] == str(one.pk)
        until(lambda: places_of(alice) == 0, what="its place being free")

    def test_who_comes_late_hears_the_end_and_then_that_there_is_no_more(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any
    ) -> None:
        one, secret = ask(alice), secret_of(alice)
        services.cancel(generation=one)
        tell(alice, reference="another")

        late = list(studio.listen(secret, f"generations/{one.pk}/events"))
        after = studio.listen(secret, f"generations/{one.pk}/events", last=late[0].id)
        whole = list(studio.listen(secret, f"generations/{one.pk}/events", last=0))

        assert names(late) == ["cancelled"]
        assert (after.status, after.answer.content) == (204, b"")
        assert names(whole) == ["queued", "cancelled"]

    def test_a_finished_one_whose_events_are_forgotten_has_nothing_to_tell(
        self, alice: User, api: Any, ask: Any
    ) -> None:
        one = ask(alice)
        live.end(one)
        Event.objects.all().delete()

        assert api(alice).get(f"/api/v1/generations/{one.pk}/events").status_code == 204

    @pytest.mark.parametrize("which", ["of somebody else", "nowhere", "no id"])
    def test_what_is_not_mine_is_not_there(self, which: str, api: Any, alice: User, mallory: User, ask: Any) -> None:
        wanted = {"of somebody else": str(ask(alice).pk), "nowhere": str(uuid4()), "no id": "%00'"}[which]

        answer = api(mallory).get(f"/api/v1/generations/{wanted}/events")

        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_the_stream_of_one_that_is_removed_ends(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "LOOK_AGAIN", 0.2)
        one = ask(alice)
        heard = studio.listen(secret_of(alice), f"generations/{one.pk}/events")
        Event.objects.all().delete()
        Generation.objects.all().delete()

        assert [each for each in heard if each.id] == []


class TestProgress:
    def test_steps_are_told_as_they_change(self, studio: Studio, alice: User, secret_of: Any, ask: Any) -> None:
        one = ask(alice)
        runs = {"status": "running", "started_at": one.created_at, "attempt": 1}
        Generation.objects.filter(pk=one.pk).update(**runs, step=1, steps=5)
        heard = iter(studio.listen(secret_of(alice)))

        first = next(heard)
        Generation.objects.filter(pk=one.pk).update(step=4)
        second = next(heard)

        assert (first.name, first.id, second.name) == ("progress", None, "progress")
        assert [first.body, second.body] == [{"id": str(one.pk), "step": step, "steps": 5} for step in (1, 4)]

    def test_seconds_are_told_where_there_are_no_steps(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any
    ) -> None:
        one = ask(alice)
        Generation.objects.filter(pk=one.pk).update(status="running", started_at=one.created_at, attempt=1)

        told = [heard for heard, _ in zip(studio.listen(secret_of(alice)), range(2), strict=False)]

        assert all(each.body["id"] == str(one.pk) and each.id is None for each in told)
        assert all(set(each.body) == {"id", "elapsed", "expected"} for each in told)
        assert told[0].body["elapsed"] < told[1].body["elapsed"]

    def test_one_that_starts_later_is_looked_at_again(
        self, studio: Studio, alice: User, secret_of: Any, ask: Any
    ) -> None:
        heard = iter(studio.listen(secret_of(alice)))
        one = ask(alice)
        assert next(heard).name == "queued"
        until(lambda: not studio.app.progress._expected, what="nothing being looked at")

        Generation.objects.filter(pk=one.pk).update(status="running", started_at=one.created_at, step=2, steps=5)
        tell(alice, "generation.started", str(one.pk))

        assert next(heard).name == "started"
        assert next(heard).body == {"id": str(one.pk), "step": 2, "steps": 5}


class TestTheGate:
    def test_a_bad_token_is_told_so(self, studio: Studio) -> None:
        answer = studio.listen("tea_nobody").answer

        assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_without_credentials_nothing_is_looked_up(self, studio: Studio) -> None:
        assert studio.listen().status == 401
        assert studio.listen(at=f"generations/{uuid4()}/events").status == 401

    def test_a_token_without_the_scope_is_refused(self, studio: Studio, alice: User, secret_of: Any) -> None:
        answer = studio.listen(secret_of(alice, "generate")).answer

        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")

    def test_a_browser_listens_with_its_session(self, studio: Studio, alice: User, client_of: Any) -> None:
        cookies = {"sessionid": client_of(alice).cookies["sessionid"].value}
        stream = studio.listen(cookies=cookies, headers={"Accept": "text/event-stream"})
        known = tell(alice)

        assert [each.id for each in stream.take(1)] == [known]

    def test_another_host_is_refused(self, studio: Studio, alice: User, secret_of: Any) -> None:
        assert studio.listen(secret_of(alice), headers={"Host": "evil.example"}).status == 400

    def test_an_allowed_origin_may_read_it_and_another_may_not(
        self, studio: Studio, alice: User, secret_of: Any, settings: Any
    ) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
        secret = secret_of(alice)

        allowed = studio.listen(secret, headers={"Origin": "https://shop.example"}).answer.headers
        other = studio.listen(secret, headers={"Origin": "https://evil.example"}).answer.headers

        assert allowed["Access-Control-Allow-Origin"] == "https://shop.example"
        assert "Access-Control-Allow-Credentials" not in allowed
        assert "Access-Control-Allow-Origin" not in other

    def test_a_page_elsewhere_may_send_the_id_it_resumes_after(self, settings: Any) -> None:
        settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
        asked = {"origin": "https://shop.example", "access-control-request-method": "GET"}

        answer = Client().options("/api/v1/events", headers=asked)

        assert "last-event-id" in answer["Access-Control-Allow-Headers"]

    @pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
    def test_it_is_only_read(self, method: str, api: Any, alice: User) -> None:
        assert getattr(api(alice), method)("/api/v1/events").status_code == 405

    def test_head_says_what_it_would_be_and_takes_no_place(self, studio: Studio, alice: User, secret_of: Any) -> None:
        headers = {"Authorization": f"Bearer {secret_of(alice)}"}
        answer = requests.head(f"{studio.address}/api/v1/events", headers=headers, timeout=10)

        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
        assert places_of(alice) == 0

    def test_a_query_is_refused(self, api: Any, alice: User) -> None:
        assert api(alice).get("/api/v1/events?last=1").status_code == 422

    def test_an_answer_that_is_no_stream_is_not_acceptable_as_json(self, api: Any, alice: User) -> None:
        assert api(alice).get("/api/v1/events", headers={"accept": "application/json"}).status_code == 406


class TestPlaces:
    def test_an_eleventh_stream_is_refused_until_one_is_closed(
        self, studio: Studio, alice: User, bob: User, secret_of: Any
    ) -> None:
        secret = secret_of(alice)
        streams = [studio.listen(secret) for _ in range(listening.STREAMS_MAX)]

        refused = studio.listen(secret).answer
        of_bob = studio.listen(secret_of(bob))
        streams[3].close()
        until(lambda: places_of(alice) == listening.STREAMS_MAX - 1, what="a place being free")

        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_streams")
        assert refused.headers["Retry-After"] == "30"
        assert of_bob.status == 200
        assert studio.listen(secret).status == 200

    def test_a_cache_that_is_down_refuses_nobody(
        self, studio: Studio, alice: User, secret_of: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(type(cache._connections["default"]), "add", lambda *_, **__: None)
        secret = secret_of(alice)

        assert [studio.listen(secret).status for _ in range(listening.STREAMS_MAX + 2)] == [200] * 12

    def test_a_place_that_somebody_else_has_by_now_is_left_alone(self, alice: User) -> None:
        place = listening.take_place(alice)
        cache.set(place[0], "another mark")

        listening.leave_place(place)

        assert cache.get(place[0]) == "another mark"


class TestTheEnd:
    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stream, "LOOK_AGAIN", 0.2)

    def test_a_revoked_token_ends_it(self, studio: Studio, alice: User, secret_of: Any) -> None:
        heard = studio.listen(secret_of(alice))
        tokens.revoke(user=alice, token_id=alice.tokens.get().pk)

        assert [each for each in heard if each.id] == []

    def test_a_closed_account_ends_it(self, studio: Studio, alice: User, secret_of: Any) -> None:
        heard = studio.listen(secret_of(alice))
        User.objects.filter(pk=alice.pk).update(is_active=False)

        assert [each for each in heard if each.id] == []

    def test_signing_out_ends_it(self, studio: Studio, alice: User, client_of: Any) -> None:
        client = client_of(alice)
        heard = studio.listen(cookies={"sessionid": client.cookies["sessionid"].value})
        client.logout()

        assert [each for each in heard if each.id] == []

    def test_another_password_ends_it(self, studio: Studio, alice: User, client_of: Any) -> None:
        heard = studio.listen(cookies={"sessionid": client_of(alice).cookies["sessionid"].value})
        alice.set_password("another fine pass phrase")
        alice.save(update_fields=["password"])

        assert [each for each in heard if each.id] == []

    def test_while_the_right_holds_it_stays_and_keeps_its_place(
        self, studio: Studio, alice: User, secret_of: Any
    ) -> None:
        heard = studio.listen(secret_of(alice))
        cache.clear()
        until(lambda: places_of(alice) == 1, what="the place being taken again")
        known = tell(alice)

        assert [each.id for each in heard.take(1)] == [known]


class TestQuietAndSlowClients:
    def test_a_quiet_stream_is_kept_alive(
        self, studio: Studio, alice: User, secret_of: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listeners, "HEARTBEAT_AFTER", 0.1)

        heard = next(iter(studio.listen(secret_of(alice))))

        assert heard == live.Heard("", None, {})

    def test_who_does_not_read_is_let_go_and_holds_up_nobody(self, studio: Studio, alice: User, secret_of: Any) -> None:
        secret = secret_of(alice)
        deaf, other = studio.listen(secret), studio.listen(secret)
        count, big = listeners.MOST_WAITING + 150, "x" * 60_000
        threading.Thread(target=lambda: [tell(alice, number=number, big=big) for number in range(count)]).start()

        heard = other.take(count)
        late = [each for each in deaf if each.id]
        rest = studio.listen(secret, last=late[-1].id if late else 0).take(count - len(late))

        assert [each.body["number"] for each in heard] == list(range(count))
        assert len(late) < count
        assert [each.body["number"] for each in late + rest] == list(range(count))

    def test_what_waits_is_told_before_a_stream_ends(self) -> None:
        wanted = listening.Listening(uuid4(), listening.Right(None), 0, 0)
        listener = listeners.Listener(wanted, None)  # type: ignore[arg-type]
        for number in range(listeners.MOST_WAITING + 5):
            listener.hear(Fact(number + 1, listener.user, "generation.queued", "one", "{}"))

        told = [listener._waiting.get_nowait() for _ in range(listener._waiting.qsize())]

        assert [each.id for each in told[:-1] if isinstance(each, Fact)] == list(range(1, listeners.MOST_WAITING + 1))
        assert told[-1] is None

    def test_nobody_asks_when_nobody_listens(self, studio: Studio, alice: User, secret_of: Any) -> None:
        stream = studio.listen(secret_of(alice))
        assert studio.app.tail._task is not None

        stream.close()

        until(lambda: studio.app.tail._task is None and studio.app.progress._task is None, what="the end of asking")
        assert studio.app.tail._listeners == {}
