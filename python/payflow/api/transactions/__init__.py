"""Transactions: payments as operators see, search and steer them."""
