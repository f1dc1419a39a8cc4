-- One row per case: contacts of one customer about one matter, each no further than its window after
-- the one before. `second_channel` and `third_channel` are those of its next contacts, `settled_in` is the channel of its
-- last contact, `switches` how often the customer changed channel within it. `handled` of its contacts have a handle
-- time. `opening_known` is false where an earlier contact may lie before the extract, `complete` where a later one may
-- lie after it; after `watched` of its contacts a whole window can be seen. A contact of which nobody can say what it was
-- about (no reason, or no case id, where matching asks for one) follows none: a row by itself whose opening is not known.
-- What a case has from its first contact is joined to it at the end: it would have to be carried and grouped otherwise.
-- `opening` numbers the contacts that open a case by when they began, then by key (2147483648 is more than keys there are):
-- keys alone do not follow time where legs of one contact lie around another.
-- Reads stitched_contacts.
with matched as (
    select
        contact_key,
        customer_key,
        channel,
        started_seconds,
        transfers,
        handle_seconds,
        full_cost,
        case $matching when 'reason' then cast(reason as varchar) when 'case' then cast(case_key as varchar) end as matter,
        case
            when $matching = 'case' then previous_case_seconds is null
            else coalesce(
                case $matching when 'any' then previous_any_seconds when 'reason' then previous_reason_seconds end
                > case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400,
                true
            )
        end as opens,
        follow_up_seconds
        >= case when $own_windows then coalesce(window_days, $window_days) else $window_days end * 86400 as complete
    from stitched_contacts
    where judged
),
followed as (
    select
        contact_key,
        channel,
        transfers,
        handle_seconds,
        full_cost,
        opens,
        complete,
        max(case when opens then started_seconds * 2147483648 + contact_key end) over (
            partition by customer_key, matter
            order by started_seconds, contact_key rows between unbounded preceding and current row
        ) as opening,
        lead(opens) over (partition by customer_key, matter order by started_seconds, contact_key) as next_opens,
        lead(opens, 2) over (partition by customer_key, matter order by started_seconds, contact_key) as third_opens,
        lead(channel) over (partition by customer_key, matter order by started_seconds, contact_key) as next_channel,
        lead(channel, 2) over (partition by customer_key, matter order by started_seconds, contact_key) as channel_after,
        lead(handle_seconds) over (partition by customer_key, matter order by started_seconds, contact_key) as next_handle,
        lead(handle_seconds, 2) over (partition by customer_key, matter order by started_seconds, contact_key) as handle_after
    from matched
),
together as (
    select
        min(contact_key) as contact_key,
        max(case when opens then contact_key end) as opening_key,
        max(case when opens and not coalesce(next_opens, true) then next_channel end) as second_channel,
        max(case when opens and not coalesce(next_opens, true) and not coalesce(third_opens, true) then channel_after end)
            as third_channel,
        max(case when coalesce(next_opens, true) then channel end) as settled_in,
        count(contact_key) as contacts,
        cast(sum(case when next_channel <> channel and not next_opens then 1 else 0 end) as bigint) as switches,
        cast(sum(transfers) as bigint) as transfers,
        sum(handle_seconds) as handle_seconds,
        max(case when opens and not coalesce(next_opens, true) then next_handle end) as second_handle_seconds,
        max(case when opens and not coalesce(next_opens, true) and not coalesce(third_opens, true) then handle_after end)
            as third_handle_seconds,
        count(handle_seconds) as handled,
        sum(full_cost) as full_cost,
        min(case when not coalesce(next_opens, true) then null when complete then 1 else 0 end) = 1 as complete,
        cast(sum(case when complete then 1 else 0 end) as bigint) as watched
    from followed
    group by opening
)
select
    together.contact_key,
    opened.customer_key,
    opened.channel,
    together.second_channel,
    together.third_channel,
    together.settled_in,
    opened.reason,
    opened.reason_group,
    opened.segment,
    opened.team,
    opened.started_day,
    opened.started_week,
    opened.started_month,
    opened.started_hour,
    together.contacts,
    together.switches,
    together.transfers,
    together.handle_seconds,
    opened.handle_seconds as first_handle_seconds,
    together.second_handle_seconds,
    together.third_handle_seconds,
    together.handled,
    together.full_cost,
    case
        when $matching = 'reason' and opened.reason is null or $matching = 'case' and opened.case_key is null then false
        else coalesce(
            opened.history_seconds
            >= case when $own_windows then coalesce(opened.window_days, $window_days) else $window_days end * 86400,
            true
        )
    end as opening_known,
    together.complete,
    together.watched
from together
join stitched_contacts as opened on opened.contact_key = together.opening_key
