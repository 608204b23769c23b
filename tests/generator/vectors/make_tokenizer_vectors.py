"""Records what the CLIP tokenizer of transformers makes of some strings, for `test_builtin_tokenizer.py`.

Run like `make_scheduler_vectors.py`; writes `tokenizer.json` beside itself: pairs of a text and its tokens.
"""

import json
from pathlib import Path

from transformers import CLIPTokenizer

HERE = Path(__file__).parent
FOLDER = HERE.parents[2] / "generator/backends/builtin/weights/tokenizer"
TEXTS = [
    "",
    " ",
    "a red mug on a yellow background",
    "Un CHAT rouge, fond jaune!",
    "l'éléphant s'est caché à la plage",
    "e\u0301le\u0301phant",
    "日本語のプロンプト",
    "مرحبا بالعالم",
    "🙂🚀 emoji 👩‍👩‍👧",
    "it's 1234 don't we'll they've I'm he'd you're",
    "x" * 500,
    "½ ² Ⅷ ǅ ß İ ﬁ",
    "a_b-c.d/e\\f",
    "tab\tnew\nline\u00a0nbsp\u3000",
    "word " * 120,
    "\u0000\u0007 control \u001c separators \u001f",
    "Ω≈ç√∫",
    "naïve café — “quotes” …",
    "привет мир",
    "ไทย हिन्दी",
    "ΟΔΟΣ ΟΔΟΣ",
    "a<|endoftext|>b<|startoftext|>",
    "a<|ENDOFTEXT|>b",
    "x'stay !!'s",
]


def main():
    tokenizer = CLIPTokenizer.from_pretrained(FOLDER)
    length = tokenizer.model_max_length
    pairs = [
        [text, tokenizer(text, padding="max_length", max_length=length, truncation=True)["input_ids"]] for text in TEXTS
    ]
    (HERE / "tokenizer.json").write_text(json.dumps(pairs) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
