"""Who may do what with a comment: the rules for every kind of contribution, unchanged.

Any member who may write may comment on what is public, unless the thread is closed: `authoring.write` checks both.
"""

from __future__ import annotations

from app.foundation.contributions.authorship import is_author, may_edit, may_erase, may_withdraw, may_write

__all__ = ["is_author", "may_edit", "may_erase", "may_withdraw", "may_write"]
