"""Oneself over HTTP."""
