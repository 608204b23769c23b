"""Settings of the REST door and of its OpenAPI document, a part of settings.py."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "accounts.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.ApiBudget"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.drf.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.drf.Negotiation",
    "DEFAULT_PAGINATION_CLASS": "common.drf.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.drf.problem",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
TAGS = [
    "generations",
    "images",
    "collections",
    "catalogue",
    "prompts",
    "events",
    "webhooks",
    "account",
    "health",
    "original",
]
SPECTACULAR_SETTINGS = {
    "TITLE": "Training Edge AI",
    "VERSION": "1",
    "TAGS": [{"name": name} for name in TAGS],
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {"Mode": "generator.params.MODES", "DeliveryStatus": "events.models.Delivery.Status"},
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "common.schema.complete"],
}
CORS_ALLOW_HEADERS = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "prefer",
]
CORS_EXPOSE_HEADERS = [
    *["Content-Disposition", "ETag", "Location", "Preference-Applied", "Retry-After", "WWW-Authenticate"],
    *["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
]
