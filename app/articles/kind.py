"""Articles as a kind: see `foundation/kinds.py`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.articles.models import Article
from app.foundation.kinds import PageKind

ARTICLE = PageKind(Article, _("article"), _("Article"), _("Articles"))
