-- Sums for where customers go next: one row per channel of a contact and channel of the next one
-- about the matter, with the sums that give a customer-robust interval. Of judged contacts that were
-- followed by another within the window and whose window can be seen whole.
-- Reads stitched_contacts.
with followed as (
    select
        customer_key,
        channel as from_channel,
        case $matching when 'any' then next_any_channel when 'reason' then next_reason_channel
            when 'case' then next_case_channel end as to_channel
    from stitched_contacts
    where judged
        and started_day between $start_day and $end_day
        and case $matching when 'any' then true when 'reason' then reason is not null
            when 'case' then case_key is not null end
        and follow_up_seconds
            >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400
        and case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end
            <= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400
),
moves as (
    select customer_key, from_channel, to_channel, cast(count(from_channel) as double) as contacts
    from followed
    group by customer_key, from_channel, to_channel
),
chances as (
    select customer_key, from_channel, sum(contacts) as contacts from moves group by customer_key, from_channel
),
bases as (
    select
        from_channel,
        sum(contacts) as contacts,
        cast(count(contacts) as bigint) as customers,
        sum(contacts * contacts) as contacts_contacts
    from chances
    group by from_channel
)
select
    moves.from_channel,
    moves.to_channel,
    sum(moves.contacts) as value,
    cast(count(moves.contacts) as bigint) as movers,
    max(bases.contacts) as weight,
    max(bases.customers) as clusters,
    sum(moves.contacts * moves.contacts) as value_value,
    sum(moves.contacts * chances.contacts) as value_weight,
    max(bases.contacts_contacts) as weight_weight
from moves
join chances on chances.customer_key = moves.customer_key and chances.from_channel = moves.from_channel
join bases on bases.from_channel = moves.from_channel
group by moves.from_channel, moves.to_channel
