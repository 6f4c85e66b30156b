"""Style sheets and scripts, served under addresses that change with their content.

The style sheets are written one block per file and sent as one: a reader's first visit should cost one request. What
only staff need is a second one, which their pages load.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from app.foundation.access import public

FOREVER = "public, max-age=31536000, immutable"
bp = Blueprint("assets", __name__)

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Asset:
    """The content of an asset, as it is and compressed, and the digest of it that is part of its address."""

    content: bytes
    compressed: bytes
    digest: str

    @classmethod
    def of(cls, content: bytes) -> Asset:
        """The asset with this content."""
        # Without a time in it, so that every process makes the same bytes.
        return cls(content, gzip.compress(content, mtime=0), hashlib.sha256(content).hexdigest()[:12])


def _style_sheets(css: Path) -> dict[str, bytes]:
    parts = [css / "main.css", css / "settings.css", css / "base.css", css / "layout.css"]
    parts += sorted((css / "components").glob("*.css"))
    parts.append(css / "utilities.css")
    return {"main.css": _joined(parts), "desk.css": _joined(sorted((css / "desk").glob("*.css")))}


def _joined(parts: list[Path]) -> bytes:
    """The style sheets as one, without their comments and indents, which are for whoever reads the source."""
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(filter(None, lines)).encode()


def _load(static: Path) -> dict[str, Asset]:
    contents = _style_sheets(static / "css")
    contents |= {script.name: script.read_bytes() for script in sorted((static / "js").glob("*.js"))}
    return {name: Asset.of(content) for name, content in contents.items()}


def asset(name: str) -> str:
    """Return the address of an asset, which contains the digest of its content."""
    return url_for("assets.send", digest=_assets()[name].digest, name=name)


def _assets() -> dict[str, Asset]:
    if current_app.config["NAME"] == "development":
        # Changes show with the next request while somebody works on them.
        return _load(Path(str(current_app.static_folder)))
    assets: dict[str, Asset] = current_app.extensions["salve.assets"]
    return assets


@bp.get("/assets/<digest>/<name>")
@public
def send(digest: str, name: str) -> Response:
    """Send an asset. An old digest gets the present content, so that a page that is open keeps working."""
    found = _assets().get(name)
    if found is None:
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_compressed = bool(request.accept_encodings["gzip"])
    response = Response(found.compressed if is_compressed else found.content, mimetype=kind)
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOREVER if digest == found.digest else "no-cache"
    return response


def init_app(app: Flask, static: Path) -> None:
    """Read the assets once and make `asset()` available in templates."""
    app.extensions["salve.assets"] = _load(static)
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset
