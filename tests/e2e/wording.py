"""What of a page in French is told in English."""

import gettext
import re
from functools import cache

from playwright.sync_api import Page

from tests.real.studio import ROOT

WORDS = """() => {
  const texts = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const ours = !parent.closest("script, style, textarea, code, pre, [lang=en], [dir=auto], td.field-slug");
    if (ours) texts.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[title], [alt], [aria-label], [placeholder]")) {
    if (element.closest("[lang=en]")) continue;
    for (const name of ["title", "alt", "aria-label", "placeholder"]) texts.push(element.getAttribute(name) || "");
  }
  return texts.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
ENGLISH = re.compile(r"\b(the|your|and|with|this|that|from|you|are|here|there|have|which|what|when)\b", re.IGNORECASE)


def in_english(page: Page) -> list[str]:
    """What this page says in English: what the catalogue translates, and whatever looks like a sentence."""
    return [text for text in page.evaluate(WORDS) if text in _translated() or len(ENGLISH.findall(text)) >= 2]


@cache
def _translated() -> set[str]:
    with (ROOT / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    english = {key for key, french in catalogue.items() if isinstance(key, str) and key != french and len(key) > 3}
    return english - {*catalogue.values(), "provider"}  # the name of a queue, as operators know it
