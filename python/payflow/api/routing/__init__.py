"""The route table: one row an operation, and everything that follows from it.

A resource is a package `payflow.api.<resource>` with `routes.py` (ROUTES), `shapes.py` (msgspec structs),
modules that read and write, and `sql/`. `payflow.api.routes` puts the tables together.
"""

from payflow.api.routing.access import Access, Principal, Role
from payflow.api.routing.listing import Count, ListQuery, Page, Window, page, window
from payflow.api.routing.problems import Fault, Problem, ProblemError
from payflow.api.routing.route import Answer, Call, Route, Streamed

__all__ = [
    "Access",
    "Answer",
    "Call",
    "Count",
    "Fault",
    "ListQuery",
    "Page",
    "Principal",
    "Problem",
    "ProblemError",
    "Role",
    "Route",
    "Streamed",
    "Window",
    "page",
    "window",
]
