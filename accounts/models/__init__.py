"""Who people are and what they may spend."""

from accounts.models.keys import ApiToken, HuggingFaceToken, Invitation
from accounts.models.people import CURATORS, HANDLE_ALPHABET, LANGUAGES, Plan, User, in_french, new_handle
from accounts.models.quota import LedgerEntry, ServerSpending, Usage

__all__ = [
    "CURATORS",
    "HANDLE_ALPHABET",
    "LANGUAGES",
    "ApiToken",
    "HuggingFaceToken",
    "Invitation",
    "LedgerEntry",
    "Plan",
    "ServerSpending",
    "Usage",
    "User",
    "in_french",
    "new_handle",
]
