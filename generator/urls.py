"""The studio's addresses."""

from django.urls import path

from generator.views import composer, generations, prompts, rows

urlpatterns = [
    path("", composer.studio, name="studio"),
    path("studio/hint", composer.hint, name="hint"),
    path("studio/words/improve", prompts.improve, name="prompt_improve"),
    path("studio/words", prompts.choose, name="prompt_choose"),
    path("generations/", composer.make, name="generations"),
    path("generations/running", rows.running, name="running"),
    path("generations/<uuid:generation_id>/", generations.generation, name="generation"),
    path("generations/<uuid:generation_id>/cancel", rows.cancel, name="generation_cancel"),
    path("generations/<uuid:generation_id>/again", generations.again, name="generation_again"),
    path("generations/<uuid:generation_id>/put-away", rows.put_away, name="generation_put_away"),
    path("images/<uuid:image_id>/again", generations.image_again, name="image_again"),
]
