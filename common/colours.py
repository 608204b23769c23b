"""The two colours that stand outside the style sheet: what a browser and a phone paint around the studio."""

PAPER = {"light": "#f7f6f3", "dark": "#121110"}
"""The page's ground by theme, as `--paper` in `static/css/app.css`."""
