from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        from common import cures
        from common.sentences import register
        from events.cures import CURES
        from events.sentences import SENTENCES

        register(SENTENCES)
        cures.register(CURES)
