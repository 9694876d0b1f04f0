"""Accounts: oneself, one's preferences, and the administration of everybody's."""
