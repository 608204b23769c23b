from django.apps import AppConfig


class BridgesConfig(AppConfig):
    name = "bridges"

    def ready(self) -> None:
        from bridges.sentences import SENTENCES
        from common.sentences import register

        register(SENTENCES)
