-- The first and last local day on which a contact began: one row.
-- Reads contacts.
select min(started_on) as first_day, max(started_on) as last_day
from contacts
