"""Other programs' dialects: translations only, no models and no rules."""
