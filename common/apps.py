from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from common import cures
        from common.own_cures import CURES
        from common.sentences import register
        from common.words import SENTENCES

        register(SENTENCES)
        cures.register(CURES)
