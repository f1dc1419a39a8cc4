-- How long customers had waited when they were answered: one mark per contact whose wait is known, `item` short (under
-- $middle_seconds), middle or long (from $long_seconds on). Weeks count from $observed_from_day.
-- Reads stitched_contacts, churn_spells and cancellation_reasons.
select
    customer_key,
    'wait' as mark,
    case
        when wait_seconds < $middle_seconds then 'short'
        when wait_seconds < $long_seconds then 'middle'
        else 'long'
    end as item,
    cast(floor((started_day - $observed_from_day) / 7.0) as bigint) as week,
    cast(null as bigint) as last_week
from stitched_contacts
where direction = 'inbound' and identified and not coalesce(abandoned, false) and wait_seconds is not null
    and customer_key in (select customer_key from churn_spells)
    and not coalesce(reason in (select reason from cancellation_reasons), false)
