-- The neighbours of each judged or abandoned contact within the client's own case: one row per
-- contact that has a case id. Distances run from an end to the next start and are never below zero.
-- Reads merged_contacts and shared_customers.
with turns as (
    select
        contact_key,
        channel,
        started_seconds,
        ended_seconds,
        max(case when not coalesce(abandoned, false) then ended_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as earlier_ended,
        lag(channel) over (partition by customer_key, case_id order by started_seconds, contact_key) as earlier_channel,
        lead(started_seconds) over (partition by customer_key, case_id order by started_seconds, contact_key) as later_started,
        min(case when not coalesce(abandoned, false) then started_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as later_answered,
        lead(channel) over (partition by customer_key, case_id order by started_seconds, contact_key) as later_channel
    from merged_contacts
    where case_id is not null
        and customer_key is not null
        and direction = 'inbound'
        and not customer_key in (select customer_key from shared_customers)
)
select
    contact_key,
    case when started_seconds > earlier_ended then started_seconds - earlier_ended
        when earlier_ended is not null then 0 end as previous_case_seconds,
    earlier_channel as previous_case_channel,
    case when later_started > ended_seconds then later_started - ended_seconds
        when later_started is not null then 0 end as next_case_seconds,
    case when later_answered > ended_seconds then later_answered - ended_seconds
        when later_answered is not null then 0 end as next_case_answered_seconds,
    later_channel as next_case_channel
from turns
