-- How many contacts matters take, what each takes, their first channels, leaks and which matter follows which, as somebody
-- who writes DuckDB's SQL for a living would count it for this one client, by reason: hand_cases, hand_lengths,
-- hand_handling, hand_steps, hand_leaks, hand_leak_hours, hand_pairs. Sums by customer where intervals need them.
-- Reads stitched_contacts, spells. Variables: window_seconds.

create or replace temp table hand_cases as
with numbered as (
    select contact_key, customer_key, reason, channel, segment, handle_seconds, full_cost, started_seconds,
        coalesce(previous_reason_seconds > getvariable('window_seconds'), true) as opens,
        coalesce(history_seconds >= getvariable('window_seconds'), true) as opening_known,
        follow_up_seconds >= getvariable('window_seconds') as complete,
        count_if(opens) over (partition by customer_key, reason order by started_seconds, contact_key) as number
    from stitched_contacts
    where judged and reason is not null
),
placed as (
    select *,
        row_number() over (partition by customer_key, reason, number order by started_seconds, contact_key) as place
    from numbered
)
select min(contact_key) as contact_key, customer_key, reason, number, count(*) as contacts,
    max(segment) filter (place = 1) as segment, arg_max(channel, place) as settled_in,
    sum(handle_seconds) as handle_seconds, sum(full_cost) as full_cost,
    max(channel) filter (place = 1) as channel, max(channel) filter (place = 2) as second_channel,
    max(channel) filter (place = 3) as third_channel, max(handle_seconds) filter (place = 1) as first_seconds,
    max(handle_seconds) filter (place = 2) as second_seconds, max(handle_seconds) filter (place = 3) as third_seconds,
    sum(handle_seconds) filter (place > 3) as later_seconds, count(handle_seconds) filter (place > 3) as later_handled,
    count_if(complete) as watched, bool_or(place = 1 and opening_known) as opening_known,
    arg_max(complete, place) as complete
from placed
group by customer_key, reason, number;

create or replace temp table hand_lengths as
select customer_key % 200 as part, opening_known, complete, least(contacts, 5) as length, least(watched, 5) as followed,
    count(*) as cases, sum(contacts) as contacts, sum(greatest(watched - 4, 0)) as late
from hand_cases
group by all;

create or replace temp table hand_customers as
select longest, count(*) as customers
from (select customer_key, max(least(contacts, 5)) as longest from hand_cases where opening_known group by customer_key)
group by longest;

create or replace temp table hand_handling as
select customer_key % 200 as part, reason, count(*) as contacts, count(first_seconds) as handled,
    sum(first_seconds) as seconds, count_if(contacts > 1) as contacts_2, count(second_seconds) as handled_2,
    sum(second_seconds) as seconds_2, count_if(contacts > 2) as contacts_3, count(third_seconds) as handled_3,
    sum(third_seconds) as seconds_3, sum(greatest(contacts - 3, 0)) as contacts_4, sum(later_handled) as handled_4,
    sum(later_seconds) as seconds_4
from hand_cases
where opening_known
group by all;

create or replace temp table hand_steps as
select customer_key % 200 as part, channel, second_channel, third_channel, least(watched, 2) as seen, count(*) as cases
from hand_cases
where opening_known
group by all;

create or replace temp table hand_leaks as
with moves as (
    select customer_key, channel as from_channel,
        if(next_reason_seconds <= getvariable('window_seconds'), next_reason_channel, null) as to_channel,
        count(*)::double as contacts, count_if(next_reason_seconds <= 3600)::double as quick
    from stitched_contacts
    where judged and reason is not null and channel in ('email', 'chat', 'messaging', 'bot', 'self_service', 'social')
        and follow_up_seconds >= getvariable('window_seconds')
    group by all
),
chances as (select *, sum(contacts) over (partition by customer_key, from_channel) as base from moves)
select from_channel, to_channel, sum(contacts) as value, count(*) as movers, sum(contacts ** 2) as value_value,
    sum(contacts * base) as value_weight, sum(quick) as quick, sum(quick ** 2) as quick_quick,
    sum(quick * contacts) as quick_value
from chances
group by all;

create or replace temp table hand_leak_hours as
select channel, next_reason_channel, if(next_reason_seconds < 86400, next_reason_seconds // 600, next_reason_seconds // 3600 * 6) as bin,
    count(*) as contacts
from stitched_contacts
where judged and reason is not null and channel in ('email', 'chat', 'messaging', 'bot', 'self_service', 'social')
    and follow_up_seconds >= getvariable('window_seconds') and next_reason_seconds <= getvariable('window_seconds')
group by all;

create or replace temp table hand_pairs as
with spoken as (
    select contact_key, customer_key, reason, started_seconds, started_day, history_seconds, follow_up_seconds
    from stitched_contacts
    where judged and reason is not null and not coalesce(default_code, false)
),
asked as (
    select spoken.*
    from spoken
    left join spells on spells.customer_key = spoken.customer_key
        and spoken.started_day between spells.first_day and spells.last_day
    where coalesce(history_seconds >= getvariable('window_seconds'), true)
        and follow_up_seconds >= getvariable('window_seconds')
        and coalesce(joined_day <= started_day - getvariable('window_seconds') // 86400, true)
        and coalesce(left_day >= started_day + getvariable('window_seconds') // 86400, true)
),
paired as (
    select asked.contact_key, asked.customer_key, asked.reason, other.reason as next_reason,
        max((other.started_seconds > asked.started_seconds)::int) as after,
        max((other.started_seconds < asked.started_seconds)::int) as before
    from asked
    join spoken as other on other.customer_key = asked.customer_key
        and other.started_seconds between asked.started_seconds - getvariable('window_seconds')
            and asked.started_seconds + getvariable('window_seconds')
    where other.reason <> asked.reason
    group by all
),
by_customer as (
    select customer_key, reason, next_reason, sum(after)::double as after, sum(before)::double as before
    from paired group by all
),
chances as (select customer_key, reason, count(*)::double as contacts from asked group by all)
select reason, next_reason, sum(after) as after, sum(before) as before, sum(after ** 2) as after_after,
    sum(after * before) as after_before, sum(before ** 2) as before_before, sum(after * contacts) as after_contacts,
    count_if(after > before) as more_after, count_if(after < before) as more_before, count(*) as customers
from by_customer join chances using (customer_key, reason)
group by all
union all by name
select reason, sum(contacts) as contacts, sum(contacts ** 2) as contacts_contacts, count(*) as customers
from chances group by reason;
