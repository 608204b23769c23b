"""Settings of Hugging Face: whose token, how much a day, and where it is."""

from django.core.exceptions import ImproperlyConfigured

from config.env import env_int, env_text, env_url

HF_TOKEN = env_text("HF_TOKEN")
if HF_TOKEN and not HF_TOKEN.startswith("hf_"):
    raise ImproperlyConfigured("HF_TOKEN is no Hugging Face token: it must begin with hf_.")
HF_DAILY_IMAGES = env_int("HF_DAILY_IMAGES", 0) if env_text("HF_DAILY_IMAGES") else None
HF_BILL_TO = env_text("HF_BILL_TO")
HF_HUB_URL = env_url("HF_HUB_URL", "https://huggingface.co", schemes=("http", "https")).rstrip("/")
HF_ROUTER_URL = env_url("HF_ROUTER_URL", "https://router.huggingface.co", schemes=("http", "https")).rstrip("/")
HF_CHAT_MODEL = env_text("HF_CHAT_MODEL", "openai/gpt-oss-20b")
