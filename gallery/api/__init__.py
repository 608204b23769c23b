"""The gallery over HTTP."""
