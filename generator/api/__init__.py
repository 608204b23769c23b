"""The REST door of the generator."""
