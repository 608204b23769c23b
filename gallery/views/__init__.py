"""The gallery's pages."""
