"""The pages of topics as a kind: see `foundation/kinds.py`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.foundation.kinds import PageKind
from app.topics.models import Topic

TOPIC = PageKind(Topic, _("topic"), _("Topic"), _("Topics"))
