"""Django's PostgreSQL, whose pool survives a restart of the server (`base.py`, where Django looks for a backend)."""
