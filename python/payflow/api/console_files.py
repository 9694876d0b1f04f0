"""The console's built files, read once and sent compressed; and what is said while there are none."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from payflow.api.routing.requests import has_seen
from payflow.api.routing.sending import send_bytes

if TYPE_CHECKING:
    from starlette.types import Scope, Send

FOLDER: Final = Path(str(files("payflow.api") / "console"))
COMPRESSED_FROM_BYTES: Final = 512

# Scripts and styles are files of ours alone: sizes that a component sets go through the object model.
POLICY: Final = (
    b"content-security-policy",
    (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        b"font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'"
    ),
)
_IMMUTABLE: Final = b"public, max-age=31536000, immutable"
_REVALIDATED: Final = b"no-cache"
_COMPRESSIBLE: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
# The build's own list of its files is for tools.
_PRIVATE: Final = frozenset({"/manifest.json"})

_NOT_BUILT: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>PayFlow</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}</style>
<h1>The console is not built</h1>
<p>The API runs: <a href="/api/docs">documentation</a>, <a href="/health">health</a>.
The console's files are made by <code>make console</code>, with Node 20; then start the API again.</p>
</html>
"""
_NO_FILE: Final = b"<!doctype html>\n<title>PayFlow</title>\n<p>There is no such file.\n"


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: bytes
    etag: bytes
    cache_control: bytes
    encoded: dict[bytes, bytes] = field(default_factory=dict)


class ConsoleFiles:
    """Serves the console: its files by their paths, and its page for every address that it knows itself."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._files = _read(folder) if folder.is_dir() else {}
        self._page = self._files.get("/index.html")

    async def serve(self, scope: Scope, send: Send) -> None:
        """Answer a GET or HEAD."""
        path = scope["path"]
        found = self._files.get(path)
        headers = dict(scope["headers"])
        if found is None and "." not in path.rsplit("/", 1)[-1]:
            found = self._page
        if found is None:
            body = _NOT_BUILT if self._page is None else _NO_FILE
            style = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'")
            answer = [(b"content-type", b"text/html; charset=utf-8"), style, (b"cache-control", _REVALIDATED)]
            await send_bytes(send, 404, answer, body if scope["method"] == "GET" else b"")
            return
        await _send_file(send, found, headers, head=scope["method"] == "HEAD")


async def _send_file(send: Send, found: _File, headers: dict[bytes, bytes], *, head: bool) -> None:
    answer = [
        (b"content-type", found.media_type),
        (b"etag", found.etag),
        (b"cache-control", found.cache_control),
        (b"vary", b"Accept-Encoding"),
        POLICY,
    ]
    if has_seen(headers, found.etag):
        await send_bytes(send, 304, answer, b"")
        return
    accepted = headers.get(b"accept-encoding", b"")
    body = found.body
    for name in (b"br", b"gzip"):
        if name in accepted and name in found.encoded:
            body = found.encoded[name]
            answer.append((b"content-encoding", name))
            break
    await send_bytes(send, 200, answer, b"" if head else body)


def _read(folder: Path) -> dict[str, _File]:
    found = {}
    for path in sorted(folder.rglob("*")):
        address = "/" + path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix in {".gz", ".br"} or address in _PRIVATE:
            continue
        found[address] = _file(path, immutable=address.startswith("/assets/"))
    return found


def _file(path: Path, *, immutable: bool) -> _File:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if media_type == "text/javascript":
        media_type = "text/javascript; charset=utf-8"
    elif media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    encoded = {}
    if media_type.startswith(_COMPRESSIBLE) and len(body) >= COMPRESSED_FROM_BYTES:
        ready = path.with_name(path.name + ".gz")
        encoded[b"gzip"] = ready.read_bytes() if ready.exists() else gzip.compress(body, 9, mtime=0)
    brotli = path.with_name(path.name + ".br")
    if brotli.exists():
        encoded[b"br"] = brotli.read_bytes()
    return _File(
        body=body,
        media_type=media_type.encode(),
        etag=b'"' + hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b'"',
        cache_control=_IMMUTABLE if immutable else _REVALIDATED,
        encoded=encoded,
    )
