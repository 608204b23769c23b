from django.apps import AppConfig


class GeneratorConfig(AppConfig):
    name = "generator"

    def ready(self) -> None:
        from common.sentences import register
        from generator.sentences import SENTENCES

        register(SENTENCES)
