"""The application factory, `create_app()`. It connects all packages and is the only module that imports views."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, session
from flask.wrappers import Response
from flask_babel import Babel
from flask_wtf import CSRFProtect
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from app import reactions
from app.accounts import commands as account_commands
from app.accounts import passwords, sessions
from app.accounts import views as account_views
from app.articles import views as article_views
from app.comments import views as comment_views
from app.demonstration import commands as demonstration_commands
from app.follow_ups import views as follow_up_views
from app.foundation import access, database, events
from app.foundation import commands as foundation_commands
from app.foundation.web import assets, compression, error_pages, formatting, headers, request_checks, url_converters
from app.home import views as home_views
from app.moderation.appeals import views as appeals_views
from app.moderation.audit import views as audit_views
from app.moderation.decisions import views as decisions_views
from app.moderation.people import views as people_views
from app.moderation.post_moderation import views as post_moderation_views
from app.moderation.queue import views as moderation_views
from app.moderation.reports import views as reports_views
from app.moderation.rules import views as rules_views
from app.moderation.statistics import views as statistics_views
from app.moderation.threads import views as threads_views
from app.outcomes import commands as outcome_commands
from app.outcomes import views as outcome_views
from app.saved_stories import views as saved_story_views
from app.screening import help_lines
from app.search import commands as search_commands
from app.search import views as search_views
from app.search.query import analysis as search_analysis
from app.stories import views as story_views
from app.topics import commands as topic_commands
from app.topics import views as topic_views
from app.transfer import commands as transfer_commands
from config import ROOT, Default, from_environment

csrf = CSRFProtect()
babel = Babel()


class Salve(Flask):
    """Flask, with the commit or rollback of the request's transaction at the end of every response."""

    def process_response(self, response: Response) -> Response:
        """Complete the response, then commit or roll back, so that a response that reports success is true."""
        completed = super().process_response(response)
        headers.finish(completed)
        try:
            database.end_request(success=completed.status_code < 400)
        except SQLAlchemyError as error:
            refusal = self.make_response(error_pages.commit_failed(self, error))
            session.modified = False
            completed = super().process_response(refusal)
            headers.finish(completed)
        compression.compress(completed)
        return completed


def create_app(config: Default | None = None) -> Flask:
    """Create the application from `config`, or from environment variables if None. May raise ConfigurationError."""
    app = Salve(
        "app",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(ROOT / "instance"),
    )
    app.config.from_object(config or from_environment())
    if app.config["PROXIES"]:
        proxies = app.config["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    url_converters.init_app(app)
    database.init_app(app)
    passwords.init_app(app)
    sessions.init_app(app)
    babel.init_app(app)
    request_checks.init_app(app)
    csrf.init_app(app)
    headers.init_app(app)
    access.init_app(app)
    error_pages.init_app(app)
    formatting.init_app(app)
    assets.init_app(app, Path(str(app.static_folder)))
    help_lines.init_app(app)
    search_analysis.init_app(app)
    events.install(app, reactions.HANDLERS, reactions.OUTBOX_HANDLERS, reactions.PERIODIC_TASKS)
    _register(app)
    access.check_declarations(app)
    return app


def _register(app: Flask) -> None:
    for views in (
        home_views,
        account_views,
        topic_views,
        article_views,
        story_views,
        saved_story_views,
        comment_views,
        follow_up_views,
        moderation_views,
        audit_views,
        statistics_views,
        post_moderation_views,
        rules_views,
        decisions_views,
        threads_views,
        people_views,
        appeals_views,
        reports_views,
        outcome_views,
        search_views,
    ):
        app.register_blueprint(views.bp)
    for commands in (
        account_commands.accounts_cli,
        topic_commands.topics_cli,
        transfer_commands.stories_cli,
        search_commands.search_cli,
        outcome_commands.outcomes_cli,
        demonstration_commands.seed,
        foundation_commands.worker,
        foundation_commands.serve,
    ):
        app.cli.add_command(commands)
