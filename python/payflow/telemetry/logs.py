"""Log lines: one JSON object each for machines, coloured text on a terminal, and never a flood of either.

At most ten lines of one name are written a second; what is above is counted, and every ten seconds one line
of its own, `lines_suppressed`, tells the number. A queue full of bad messages can't fill a disk that way.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Literal, TextIO

import orjson
import structlog

from payflow.telemetry.line_budget import LineBudget

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "text"]

SUMMARY = "lines_suppressed"

_budget = LineBudget()
log = structlog.get_logger(__name__)


def configure(
    level: Level, form: Format, stream: TextIO | None = None, budget: LineBudget | None = None
) -> None:
    """Set up all logging of this process, that of libraries included.

    Args:
        level: the least severity that is logged; libraries log warnings at least, unless it is debug.
        form: `json`, `text`, or `auto`: text when the stream is a terminal, else JSON.
        stream: where lines go; standard error by default.
        budget: bounds the number of lines; ten of each name a second by default.

    """
    global _budget  # noqa: PLW0603 - logging belongs to the process as a whole
    _budget = LineBudget() if budget is None else budget
    stream = sys.stderr if stream is None else stream
    as_text = form == "text" or (form == "auto" and stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    final: list[Processor] = (
        [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
        if as_text
        else [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(serializer=_json)]
    )
    handler = logging.StreamHandler(stream)
    handler.addFilter(_library_line_in_budget)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    severity = logging.getLevelNamesMapping()[level.upper()]
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(severity if level == "debug" else max(severity, logging.WARNING))
    logging.getLogger("payflow").setLevel(severity)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            _in_budget,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(severity),
        cache_logger_on_first_use=True,
    )


def tell_suppressed(*, early: bool = False) -> None:
    """Log how many lines were suppressed, by name, if it is time to; `early` tells it before that.

    Every line that is logged looks after this too. It has to be called now and then all the same, for a flood
    that nothing follows.
    """
    for name, lines in _budget.take_suppressed(early=early).items():
        log.warning(SUMMARY, of=name, suppressed=lines)


def _in_budget(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop a line of ours that is one too many, before anything is spent on it."""
    name = str(event.get("event"))
    if name == SUMMARY:
        return event
    admitted = _budget.admit(name)
    tell_suppressed()
    if not admitted:
        raise structlog.DropEvent
    return event


def _library_line_in_budget(record: logging.LogRecord) -> bool:
    """Drop a library's line that is one too many; it is named by its text before values are put in."""
    if isinstance(record.msg, dict):
        return True  # a line of ours, which has been through `_in_budget`
    admitted = _budget.admit(f"{record.name}: {record.msg}")
    tell_suppressed()
    return admitted


def _json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
