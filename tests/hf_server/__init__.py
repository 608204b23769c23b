"""Hugging Face on loopback: the Hub, the router with its providers, and the picture host."""

from tests.hf_server.client import Control, HFProcess, HFServer

__all__ = ["Control", "HFProcess", "HFServer"]
