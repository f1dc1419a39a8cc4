-- The stitched table as somebody who writes DuckDB's SQL for a living would make it by hand for this one
-- client: in DuckDB's own dialect, with what these data do not have (messages, case ids) left out.
-- Reads contacts, customers, reason_settings and channel_costs, makes hand_stitched.
-- Variables: leg_gap, daily_cap, from_day, from_seconds, until_seconds.

create temp table shared as
select distinct customer_key
from contacts
where customer_key is not null and direction = 'inbound'
group by customer_key, started_on
having count(*) > getvariable('daily_cap');

create temp table legs as
with conversations as (
    select contact_key, first(contact_key order by started_seconds, contact_id) over (
        partition by conversation_id rows between unbounded preceding and unbounded following) as first_key
    from contacts
    where conversation_id is not null
    qualify count(*) over (partition by conversation_id) > 1
),
turns as (
    select contact_key, channel, started_seconds, conversation_id,
        lag(contact_key) over turn as earlier_key,
        lag(channel) over turn as earlier_channel,
        lag(ended_seconds) over turn as earlier_ended,
        lag(transfers) over turn as earlier_transfers,
        lag(conversation_id) over turn as earlier_conversation
    from contacts
    where customer_key is not null and direction = 'inbound' and customer_key not in (from shared)
    window turn as (partition by customer_key order by contact_key)
    qualify earlier_channel = channel and earlier_transfers > 0
        and started_seconds - earlier_ended between 0 and getvariable('leg_gap')
        and conversation_id is null and earlier_conversation is null
),
chained as (
    select contact_key, bool_or(follows) as follows
    from (select contact_key, true as follows from turns union all select earlier_key, false from turns)
    group by contact_key
)
from conversations
union all
select contact_key, max(contact_key) filter (not follows) over (order by contact_key) from chained;

create temp table merged as
with placed as (
    select contacts.*, first_key,
        row_number() over (partition by first_key order by started_seconds, contact_id) as place,
        row_number() over (partition by first_key order by started_seconds desc, contact_id desc) as place_from_end
    from contacts join legs using (contact_key)
)
select
    first_key as contact_key,
    any_value(contact_id) filter (place = 1) as contact_id,
    coalesce(any_value(customer_key) filter (place = 1), min(customer_key)) as customer_key,
    any_value(row_is) filter (place = 1) as row_is,
    min(started_seconds) as started_seconds,
    max(ended_seconds) as ended_seconds,
    any_value(started_on) filter (place = 1) as started_on,
    any_value(started_hour) filter (place = 1) as started_hour,
    any_value(channel) filter (place = 1) as channel,
    any_value(direction) filter (place = 1) as direction,
    coalesce(any_value(reason) filter (place_from_end = 1), max(reason)) as reason,
    coalesce(any_value(reason_group) filter (place_from_end = 1), max(reason_group)) as reason_group,
    coalesce(any_value(agent_id) filter (place_from_end = 1), max(agent_id)) as agent_id,
    coalesce(any_value(team) filter (place_from_end = 1), max(team)) as team,
    any_value(wait_seconds) filter (place = 1) as wait_seconds,
    case when count(handle_seconds) = count(*) then sum(handle_seconds) end as handle_seconds,
    case when count(wrap_up_seconds) = count(*) then sum(wrap_up_seconds) end as wrap_up_seconds,
    bool_and(abandoned) as abandoned,
    greatest(coalesce(sum(transfers), 0), count(*) - 1)::bigint as transfers,
    any_value(resolved) filter (place_from_end = 1) as resolved,
    bool_or(reopened) as reopened,
    any_value(case_id) filter (place = 1) as case_id,
    case when count(cost) = count(*) then sum(cost) end as cost,
    sum(revenue) as revenue,
    any_value(complained) filter (place = 1) as complained,
    bool_or(repeated_information) as repeated_information,
    count(*) as legs
from placed
group by first_key;

create temp view one_each as
select contact_key, contact_id, customer_key, row_is, started_seconds, ended_seconds, started_on, started_hour,
    channel, direction, reason, reason_group, agent_id, team, wait_seconds, handle_seconds, wrap_up_seconds,
    abandoned, transfers, resolved, reopened, case_id, cost, revenue, complained, repeated_information, 1::bigint as legs
from contacts anti join legs using (contact_key)
union all
from merged;

create temp table spell as
select customer_key, segment,
    joined_on - date '1970-01-01' as joined_day,
    if(place = 1, -1000000, coalesce(joined_day, -1000000)) as first_day,
    coalesce(next_joined_on - date '1970-01-01' - 1, 10000000) as last_day,
    if(coalesce(leave_reason, 'choice') <> 'moved_within', left_on - date '1970-01-01', null) as left_day,
    coalesce(leave_reason, 'choice') = 'choice' as by_choice
from (
    select *, row_number() over spells as place, lead(joined_on) over spells as next_joined_on
    from customers
    where customer_key is not null
    window spells as (partition by customer_key order by joined_on nulls first, left_on nulls last)
);

-- The neighbours need six columns only: sorting those and joining them back beats sorting thirty.
create temp view neighbours as
with own as (
    select contact_key, customer_key, reason, channel, started_seconds as starts, ended_seconds,
        if(abandoned, null, started_seconds) as answered_starts, if(abandoned, null, ended_seconds) as answered_ends
    from one_each
    where customer_key is not null and direction = 'inbound' and customer_key not in (from shared)
),
any_turn as (
    select *,
        max(answered_ends) over (any_turn rows between unbounded preceding and 1 preceding) as any_earlier,
        lag(channel) over any_turn as previous_any_channel,
        lead(starts) over any_turn as any_later,
        min(answered_starts) over (any_turn rows between 1 following and unbounded following) as any_answered,
        lead(channel) over any_turn as next_any_channel
    from own
    window any_turn as (partition by customer_key order by starts, contact_key)
)
select contact_key, ended_seconds, starts, any_earlier, previous_any_channel, any_later, any_answered, next_any_channel,
    max(answered_ends) over (by_reason rows between unbounded preceding and 1 preceding) as reason_earlier,
    lag(channel) over by_reason as previous_reason_channel,
    lead(starts) over by_reason as reason_later,
    min(answered_starts) over (by_reason rows between 1 following and unbounded following) as reason_answered,
    lead(channel) over by_reason as next_reason_channel
from any_turn
window by_reason as (partition by customer_key, reason order by starts, contact_key);

create temp view hand_stitched as
with placed as (
    select * replace (if(customer_key in (from shared), null, customer_key) as customer_key),
        (started_on - date '1970-01-01')::bigint as started_day
    from one_each
),
offsets as (select *, started_day * 86400 + started_hour * 3600 - started_seconds // 3600 * 3600 as offset_seconds from placed)
select
    c.* exclude (offset_seconds),
    spell.segment,
    (c.started_day + 3) // 7 * 7 - 3 as started_week,
    year(c.started_on) * 12 + month(c.started_on) - 1 as started_month,
    c.customer_key is not null as identified,
    c.customer_key is not null and c.direction = 'inbound' and not coalesce(c.abandoned, false) as judged,
    if(c.reason is not null, coalesce(settings.default_code, false), null) as default_code,
    settings.window_days,
    coalesce(c.cost, costs.per_contact, costs.per_handle_second * c.handle_seconds) as full_cost,
    if(spell.joined_day >= getvariable('from_day'), null, c.started_seconds - getvariable('from_seconds')) as history_seconds,
    (spell.left_day + 1) * 86400 - c.offset_seconds as leaves_seconds,
    case
        when not spell.by_choice and leaves_seconds < getvariable('until_seconds') and leaves_seconds > c.ended_seconds
        then leaves_seconds - c.ended_seconds
        else greatest(getvariable('until_seconds') - c.ended_seconds, 0)
    end as follow_up_seconds,
    if(spell.by_choice and leaves_seconds > c.started_seconds, greatest(leaves_seconds - c.ended_seconds, 0), null) as left_seconds,
    case when any_earlier is not null then greatest(c.started_seconds - any_earlier, 0) end as previous_any_seconds,
    previous_any_channel,
    case when any_later is not null then greatest(any_later - c.ended_seconds, 0) end as next_any_seconds,
    case when any_answered is not null then greatest(any_answered - c.ended_seconds, 0) end as next_any_answered_seconds,
    next_any_channel,
    case when c.reason is not null and reason_earlier is not null
        then greatest(c.started_seconds - reason_earlier, 0) end as previous_reason_seconds,
    if(c.reason is not null, previous_reason_channel, null) as previous_reason_channel,
    case when c.reason is not null and reason_later is not null
        then greatest(reason_later - c.ended_seconds, 0) end as next_reason_seconds,
    case when c.reason is not null and reason_answered is not null
        then greatest(reason_answered - c.ended_seconds, 0) end as next_reason_answered_seconds,
    if(c.reason is not null, next_reason_channel, null) as next_reason_channel,
    null::bigint as case_key,
    null::bigint as previous_case_seconds,
    null::varchar as previous_case_channel,
    null::bigint as next_case_seconds,
    null::bigint as next_case_answered_seconds,
    null::varchar as next_case_channel
from offsets as c
left join neighbours using (contact_key)
left join spell on spell.customer_key = c.customer_key and c.started_day between spell.first_day and spell.last_day
left join reason_settings as settings on settings.reason = c.reason
left join channel_costs as costs on costs.channel = c.channel;
