"""The API described: its OpenAPI document, its pages, its problems."""
