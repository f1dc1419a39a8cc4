-- The neighbours of each judged or abandoned contact, of any matter and of the same reason: one row per
-- inbound contact of a known customer. `earlier_ended` and `later_answered` look at answered contacts only.
-- Few columns are carried, so that sorting ten million contacts stays cheap.
-- Reads contacts, leg_groups, merged_contacts and shared_customers.
with whole as (
    select contact_key, customer_key, reason, channel, direction, abandoned, started_seconds, ended_seconds
    from contacts
    where not contact_key in (select contact_key from leg_groups)
    union all
    select contact_key, customer_key, reason, channel, direction, abandoned, started_seconds, ended_seconds
    from merged_contacts
),
turns as (
    select
        contact_key,
        customer_key,
        reason,
        channel,
        started_seconds,
        case when not coalesce(abandoned, false) then started_seconds end as answered_started,
        case when not coalesce(abandoned, false) then ended_seconds end as answered_ended
    from whole
    where customer_key is not null
        and direction = 'inbound'
        and not customer_key in (select customer_key from shared_customers)
),
by_any as (
    select
        turns.*,
        max(answered_ended) over (
            partition by customer_key
            order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
        ) as any_earlier_ended,
        lag(channel) over (partition by customer_key order by started_seconds, contact_key) as previous_any_channel,
        lead(started_seconds) over (partition by customer_key order by started_seconds, contact_key)
            as any_later_started,
        min(answered_started) over (
            partition by customer_key
            order by started_seconds, contact_key rows between 1 following and unbounded following
        ) as any_later_answered,
        lead(channel) over (partition by customer_key order by started_seconds, contact_key) as next_any_channel
    from turns
)
select
    contact_key,
    any_earlier_ended,
    previous_any_channel,
    any_later_started,
    any_later_answered,
    next_any_channel,
    max(answered_ended) over (
        partition by customer_key, reason
        order by started_seconds, contact_key rows between unbounded preceding and 1 preceding
    ) as reason_earlier_ended,
    lag(channel) over (partition by customer_key, reason order by started_seconds, contact_key)
        as previous_reason_channel,
    lead(started_seconds) over (partition by customer_key, reason order by started_seconds, contact_key)
        as reason_later_started,
    min(answered_started) over (
        partition by customer_key, reason
        order by started_seconds, contact_key rows between 1 following and unbounded following
    ) as reason_later_answered,
    lead(channel) over (partition by customer_key, reason order by started_seconds, contact_key)
        as next_reason_channel
from by_any
