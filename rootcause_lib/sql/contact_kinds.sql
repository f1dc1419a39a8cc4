-- Answered inbound contacts of known customers, apart from those to cancel: one row per channel, reason and group of
-- reasons.
-- Reads stitched_contacts and cancellation_reasons.
select channel, reason, reason_group, cast(count(contact_key) as bigint) as contacts
from stitched_contacts
where direction = 'inbound' and identified and not coalesce(abandoned, false)
    and not coalesce(reason in (select reason from cancellation_reasons), false)
group by channel, reason, reason_group
