"""What must hold on every site, checked against its database and its storage as they are.

Each check asks one question at a time of what was committed together, so that a site that is running meanwhile gives
no false alarm.
"""

from __future__ import annotations

from webapp.upkeep.checks import files, records, relay, votes, work
from webapp.upkeep.checks.finding import Check

CHECKS: tuple[Check, ...] = (
    relay.turns_have_passages,
    relay.passages_in_sequence,
    relay.passages_are_what_was_chosen,
    votes.polls_recount,
    votes.ballots_in_time,
    records.audit_unbroken,
    records.events_in_line,
    files.checkpoints_whole,
    files.texts_whole,
    work.passages_come_out_the_same,
    work.jobs_left_what_they_say,
    work.one_training_at_a_time,
    work.working_turns_have_jobs,
    work.leases_hold,
    relay.stories_go_on,
    relay.phases_end,
    votes.polls_are_waited_for,
)
