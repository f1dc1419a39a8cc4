-- What the contacts cover: one row with their number, first and last day, and the counts that decide
-- which matching rule can be used.
-- Reads contacts and reason_settings.
select
    cast(count(contact_key) as bigint) as contacts,
    cast(count(customer_key) as bigint) as identified,
    cast(count(case_id) as bigint) as with_case,
    cast(count(contacts.reason) as bigint) as coded,
    cast(sum(case when reason_settings.default_code then 1 else 0 end) as bigint) as default_coded,
    min(started_on) as first_day,
    max(started_on) as last_day
from contacts
left join reason_settings on reason_settings.reason = contacts.reason
