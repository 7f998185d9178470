-- What was decided about one job, among all that happened.
create index events_decisions on jobs.events (subject_id, id) where type in ('job.ADMITTED', 'job.EVICTED', 'job.REASON_CHANGED');
