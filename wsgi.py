"""The WSGI entry point: `gunicorn wsgi:app`, `flask --app wsgi ...`."""

import atexit
import gc
import sys
from types import TracebackType

from sqlalchemy.exc import OperationalError

from app.factory import create_app
from config import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"salve: {error}")


# Going through a hundred thousand objects for garbage is most of the work of ending a process; it is freed with it.
atexit.register(gc.freeze)


def _in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What a command says that the database stops: a full disk or an absent server is no mistake in the code."""
    if isinstance(error, OperationalError):
        sys.stderr.write(f"salve: the database cannot be used: {str(error.orig).splitlines()[0]}\n")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _in_one_line
