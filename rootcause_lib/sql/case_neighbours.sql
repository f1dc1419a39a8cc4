-- The neighbours of each judged or abandoned contact within the client's own case: one row per contact that
-- has a case id; `case_key` is the key of the case's first contact. Distances run from an end to the next
-- start and are never below zero.
-- Reads contacts, leg_groups, merged_contacts and shared_customers.
with whole as (
    select contact_key, customer_key, case_id, channel, direction, abandoned, started_seconds, ended_seconds
    from contacts
    where case_id is not null and not contact_key in (select contact_key from leg_groups)
    union all
    select contact_key, customer_key, case_id, channel, direction, abandoned, started_seconds, ended_seconds
    from merged_contacts
    where case_id is not null
),
turns as (
    select
        contact_key,
        channel,
        started_seconds,
        ended_seconds,
        min(contact_key) over (partition by customer_key, case_id) as case_key,
        max(case when not coalesce(abandoned, false) then ended_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as earlier_ended,
        lag(channel) over (partition by customer_key, case_id order by started_seconds, contact_key) as earlier_channel,
        lead(started_seconds) over (partition by customer_key, case_id order by started_seconds, contact_key)
            as later_started,
        min(case when not coalesce(abandoned, false) then started_seconds end) over (
            partition by customer_key, case_id
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as later_answered,
        lead(channel) over (partition by customer_key, case_id order by started_seconds, contact_key) as later_channel
    from whole
    where customer_key is not null
        and direction = 'inbound'
        and not customer_key in (select customer_key from shared_customers)
)
select
    contact_key,
    case_key,
    case when started_seconds > earlier_ended then started_seconds - earlier_ended
        when earlier_ended is not null then 0 end as previous_case_seconds,
    earlier_channel as previous_case_channel,
    case when later_started > ended_seconds then later_started - ended_seconds
        when later_started is not null then 0 end as next_case_seconds,
    case when later_answered > ended_seconds then later_answered - ended_seconds
        when later_answered is not null then 0 end as next_case_answered_seconds,
    later_channel as next_case_channel
from turns
