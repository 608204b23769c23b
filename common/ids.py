"""Ids that sort by the time they were made."""

from uuid_utils.compat import uuid7

new_id = uuid7
"""A UUIDv7 (RFC 9562). An alias, so that migrations name the library and never our code."""
