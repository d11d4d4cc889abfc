"""Every table, in one place: importing this makes them known to migrations and relationships."""

from webapp import events, jobs
from webapp.core.accounts import models as accounts
from webapp.core.audit import models as audit
from webapp.core.library import models as library
from webapp.core.stories import models as stories
from webapp.core.training import models as training
from webapp.core.voting import models as voting

__all__ = ["accounts", "audit", "events", "jobs", "library", "stories", "training", "voting"]
