-- Sums for digital contacts that went on elsewhere: one row per digital channel of a contact and channel of the next one
-- about the matter, with the sums that give customer-robust intervals. The base are all judged contacts of the channel
-- whose window can be seen whole, followed by another or not; `unseen` is how many others there are. `quick` ones were
-- followed within an hour.
-- Reads stitched_contacts.
with watched as (
    select
        customer_key,
        channel as from_channel,
        case $matching when 'any' then next_any_seconds when 'reason' then next_reason_seconds
            when 'case' then next_case_seconds end as next_seconds,
        case $matching when 'any' then next_any_channel when 'reason' then next_reason_channel
            when 'case' then next_case_channel end as next_channel,
        case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400 as window_seconds,
        case
            when case $matching when 'any' then true when 'reason' then reason is not null
                    when 'case' then case_key is not null end
                and follow_up_seconds
                    >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400
            then 1
            else 0
        end as seen
    from stitched_contacts
    where judged
        and channel in ('email', 'chat', 'messaging', 'bot', 'self_service', 'social')
        and started_day between $start_day and $end_day
),
moves as (
    select
        customer_key,
        from_channel,
        case when seen = 1 and next_seconds <= window_seconds then next_channel end as to_channel,
        cast(sum(seen) as double) as contacts,
        cast(sum(1 - seen) as double) as unseen,
        cast(sum(case when next_seconds <= 3600 then 1 else 0 end) as double) as quick
    from watched
    group by customer_key, from_channel, case when seen = 1 and next_seconds <= window_seconds then next_channel end
),
chances as (
    select customer_key, from_channel, sum(contacts) as contacts, sum(unseen) as unseen
    from moves
    group by customer_key, from_channel
),
bases as (
    select
        from_channel,
        sum(contacts) as contacts,
        sum(unseen) as unseen,
        cast(sum(case when contacts > 0 then 1 else 0 end) as bigint) as customers,
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
    max(bases.contacts_contacts) as weight_weight,
    max(bases.unseen) as unseen,
    sum(moves.quick) as quick,
    sum(moves.quick * moves.quick) as quick_quick,
    sum(moves.quick * moves.contacts) as quick_value
from moves
join chances on chances.customer_key = moves.customer_key and chances.from_channel = moves.from_channel
join bases on bases.from_channel = moves.from_channel
group by moves.from_channel, moves.to_channel
