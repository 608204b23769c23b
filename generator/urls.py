"""The studio's addresses."""

from django.urls import path

from generator.views import batches, composer, generations, history, presets, prompts, recipes, rows

urlpatterns = [
    path("", composer.studio, name="studio"),
    path("studio/hint", composer.hint, name="hint"),
    path("studio/history/", history.history, name="history"),
    path("studio/pictures/", history.pictures, name="picker"),
    path("studio/presets/", presets.presets, name="presets"),
    path("studio/presets/<uuid:preset_id>/rename", presets.rename, name="preset_rename"),
    path("studio/presets/<uuid:preset_id>/delete", presets.delete, name="preset_delete"),
    path("studio/presets/<uuid:preset_id>/restore", presets.restore, name="preset_restore"),
    path("studio/recipe", recipes.recipe, name="recipe"),
    path("studio/words/improve", prompts.improve, name="prompt_improve"),
    path("studio/words", prompts.choose, name="prompt_choose"),
    path("generations/", composer.make, name="generations"),
    path("generations/running", rows.running, name="running"),
    path("generations/<uuid:generation_id>/", generations.generation, name="generation"),
    path("generations/<uuid:generation_id>/cancel", rows.cancel, name="generation_cancel"),
    path("generations/<uuid:generation_id>/again", generations.again, name="generation_again"),
    path("generations/<uuid:generation_id>/put-away", rows.put_away, name="generation_put_away"),
    path("batches/", batches.batches, name="batches"),
    path("batches/example.csv", batches.example, name="batch_example"),
    path("batches/<uuid:batch_id>/", batches.batch, name="batch"),
    path("batches/<uuid:batch_id>/queue", batches.queue, name="batch_queue"),
    path("batches/<uuid:batch_id>/check", batches.check, name="batch_check"),
    path("batches/<uuid:batch_id>/cancel", batches.cancel, name="batch_cancel"),
    path("batches/<uuid:batch_id>/delete", batches.delete, name="batch_delete"),
    path("batches/<uuid:batch_id>/restore", batches.restore, name="batch_restore"),
    path("batches/<uuid:batch_id>/results.csv", batches.results, name="batch_results"),
    path("images/<uuid:image_id>/again", generations.image_again, name="image_again"),
    path("images/<uuid:image_id>/variations", generations.image_variations, name="image_variations"),
]
