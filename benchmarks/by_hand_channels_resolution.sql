-- Resolution at the window, recontact by day, first-contact resolution, moves between channels and the usual metrics,
-- with what customer-robust intervals need, as somebody who writes DuckDB's SQL would count them for this one client:
-- repeats of any matter and of the same reason, over everything, by channel, by reason, by both. How often two ways of
-- ending meet in one customer is counted among the first 20,000 customers of a cell, as the library does.
-- Reads stitched_contacts, spells, hand_paces_any, hand_paces_reason and hand_cases. Variables: window_seconds, horizon, from_day, until_seconds.

create or replace temp macro day_after(seconds) as if(seconds = 0, 1, (seconds + 86399) // 86400);

create or replace temp macro way_of(back_day, left_day, last_day) as case
    when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
    when left_day <= last_day then 3 * left_day + 2
    else 3 * last_day
end;

create or replace temp table hand_ways_any as
select customer_key, channel, contacts - 1 as others, days,
    way_of(day_after(next_any_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))) as way,
    if(coalesce(previous_any_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true),
        way_of(day_after(next_any_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, 14)), null) as opened_way
from stitched_contacts
join hand_paces_any using (customer_key)
where judged;

create or replace temp table hand_ways_reason as
select customer_key, channel, reason, contacts - 1 as others, days,
    way_of(day_after(next_reason_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))) as way,
    if(coalesce(previous_reason_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true),
        way_of(day_after(next_reason_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, 14)), null) as opened_way
from stitched_contacts
join hand_paces_reason using (customer_key, reason)
where judged;

create or replace temp table hand_way_counts as
select 'any' as rule, channel, null as reason, way, opened_way, count(*) as contacts from hand_ways_any group by all
union all
select 'reason', channel, reason, way, opened_way, count(*) from hand_ways_reason group by all;

create or replace temp table hand_way_customers as
select 'any' as rule, '' as channel, '' as reason, count(*) as customers, count(opened) as opened
from (select customer_key, any_value(opened_way) as opened from hand_ways_any group by all)
union all
select 'any', channel::varchar, '', count(*), count(opened)
from (select customer_key, channel, any_value(opened_way) as opened from hand_ways_any group by all) group by all
union all
select 'reason', '', '', count(*), count(opened)
from (select customer_key, any_value(opened_way) as opened from hand_ways_reason group by all)
union all
select 'reason', channel::varchar, '', count(*), count(opened)
from (select customer_key, channel, any_value(opened_way) as opened from hand_ways_reason group by all) group by all
union all
select 'reason', '', reason::varchar, null, count(*)
from (select customer_key, reason from hand_ways_reason where opened_way is not null group by all) group by all
union all
select 'reason', channel::varchar, reason::varchar, null, count(*)
from (select customer_key, channel, reason from hand_ways_reason where opened_way is not null group by all) group by all;

create or replace temp table hand_way_drawn as
select rule, channel, reason,
    (20000 * (select max(customer_key) from hand_ways_any) / greatest(opened, 20000))::bigint as last_customer
from hand_way_customers;

create or replace temp table hand_way_pairs as
with most as (select max(last_customer) as last_customer from hand_way_drawn),
some_any as (from hand_ways_any where customer_key <= (select last_customer from most)),
some_reason as (from hand_ways_reason where customer_key <= (select last_customer from most)),
cells as (
    select 'opened' as among, 'any' as rule, '' as channel, '' as reason, customer_key, opened_way as way from some_any
    where opened_way is not null
    union all
    select 'opened', 'any', channel::varchar, '', customer_key, opened_way from some_any where opened_way is not null
    union all
    select 'every', 'any', '', '', customer_key, way from some_any
    union all
    select 'every', 'any', channel::varchar, '', customer_key, way from some_any
    union all
    select 'opened', 'reason', '', '', customer_key, opened_way from some_reason where opened_way is not null
    union all
    select 'opened', 'reason', channel::varchar, '', customer_key, opened_way from some_reason where opened_way is not null
    union all
    select 'opened', 'reason', '', reason::varchar, customer_key, opened_way from some_reason where opened_way is not null
    union all
    select 'opened', 'reason', channel::varchar, reason::varchar, customer_key, opened_way from some_reason
    where opened_way is not null
    union all
    select 'every', 'reason', '', '', customer_key, way from some_reason
    union all
    select 'every', 'reason', channel::varchar, '', customer_key, way from some_reason
),
counted as (
    select among, rule, channel, reason, customer_key, way, count(*)::double as n
    from cells
    join hand_way_drawn using (rule, channel, reason)
    where customer_key <= last_customer
    group by all
)
select a.among, a.rule, a.channel, a.reason, a.way, b.way as way_2, sum(a.n * b.n) as product
from counted a
join counted b using (among, rule, channel, reason, customer_key)
group by all;

-- What customers' own rates would bring by chance.
create or replace temp table hand_chance as
select 'any' as rule, channel, null as reason, others, days, count(*) as contacts, count(opened_way) as opened
from hand_ways_any
group by all
union all
select 'reason', channel, reason, others, days, count(*), count(opened_way)
from hand_ways_reason
group by all;

create or replace temp table hand_mature as
with per_customer as (
    select customer_key, channel, reason,
        count(*) filter (coalesce(next_reason_seconds > getvariable('window_seconds'), true)
            and coalesce(left_seconds > getvariable('window_seconds'), true)) as y,
        count(*) as n
    from stitched_contacts
    where judged and reason is not null
        and coalesce(previous_reason_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true)
        and follow_up_seconds >= getvariable('window_seconds')
    group by all
),
cells as (
    select customer_key, channel, reason, sum(y)::double as y, sum(n)::double as n
    from per_customer
    group by grouping sets ((customer_key), (customer_key, channel), (customer_key, reason), (customer_key, channel, reason))
)
select channel, reason, sum(y) as value, sum(n) as weight, count(*) as clusters, sum(y * y), sum(y * n), sum(n * n)
from cells group by all;

create or replace temp table hand_metrics as
with per_customer as (
    select coalesce(customer_key, -contact_key) as cluster_key, channel,
        count(*) filter (judged and reason is not null and follow_up_seconds >= getvariable('window_seconds')) as repeat_n,
        count(*) filter (judged and reason is not null and follow_up_seconds >= getvariable('window_seconds')
            and next_reason_seconds <= getvariable('window_seconds')) as repeat_y,
        count(*) filter (judged and reason is not null and follow_up_seconds >= getvariable('window_seconds')
            and coalesce(history_seconds >= getvariable('window_seconds'), true)) as alone_n,
        count(*) filter (judged and reason is not null and follow_up_seconds >= getvariable('window_seconds')
            and coalesce(history_seconds >= getvariable('window_seconds'), true)
            and coalesce(previous_reason_seconds > getvariable('window_seconds'), true)
            and coalesce(next_reason_answered_seconds > getvariable('window_seconds'), true)) as alone_y,
        count(transfers) filter (not coalesce(abandoned, false)) as transfer_n,
        count(*) filter (transfers > 0 and not coalesce(abandoned, false)) as transfer_y,
        count(reopened) filter (not coalesce(abandoned, false)) as reopen_n,
        count(*) filter (reopened and not coalesce(abandoned, false)) as reopen_y,
        count(abandoned) as abandon_n, count(*) filter (abandoned) as abandon_y,
        count(handle_seconds) filter (not coalesce(abandoned, false)) as handle_n,
        sum(handle_seconds) filter (not coalesce(abandoned, false)) as handle_y,
        count(wait_seconds) filter (not coalesce(abandoned, false)) as wait_n,
        sum(wait_seconds) filter (not coalesce(abandoned, false)) as wait_y,
        count(*) filter (not coalesce(abandoned, false)) as seen_n,
        count(*) filter (not coalesce(abandoned, false) and coalesce(next_reason_seconds > getvariable('window_seconds'), true))
            as seen_y,
        count(*) filter (judged and follow_up_seconds >= getvariable('window_seconds')) as same_n,
        count(*) filter (judged and follow_up_seconds >= getvariable('window_seconds')
            and (coalesce(next_any_seconds > getvariable('window_seconds'), true) or next_any_channel <> channel)) as same_y,
        count(resolved) filter (not coalesce(abandoned, false)) as marked_n,
        count(*) filter (resolved and not coalesce(abandoned, false)) as marked_y,
        count(full_cost) filter (not coalesce(abandoned, false)) as cost_n,
        sum(full_cost) filter (not coalesce(abandoned, false)) as cost_y
    from stitched_contacts
    where direction = 'inbound'
    group by all
),
cells as (
    select cluster_key, channel, sum(columns('_[ny]$'))
    from per_customer
    group by grouping sets ((cluster_key), (cluster_key, channel))
)
select channel, count(*) as clusters,
    sum(columns('_[ny]$')), sum(columns('_[ny]$') ** 2),
    sum(repeat_n * repeat_y), sum(alone_n * alone_y), sum(seen_n * seen_y), sum(same_n * same_y), sum(marked_n * marked_y),
    sum(transfer_n * transfer_y), sum(reopen_n * reopen_y), sum(abandon_n * abandon_y),
    sum(handle_n * handle_y), sum(wait_n * wait_y), sum(cost_n * cost_y)
from (select cluster_key, channel, columns('_[ny]$')::double from cells)
group by all;

create or replace temp table hand_contact_rate as
select channel, sum(contacts) as contacts, sum(contacts ** 2), count(*) as customers,
    (select sum(least(coalesce(left_day, last_day), last_day) - greatest(coalesce(joined_day, first_day), first_day) + 1) from spells) as days
from (
    select customer_key, channel, count(*)::double as contacts from stitched_contacts
    where direction = 'inbound' and customer_key is not null
    group by grouping sets ((customer_key), (customer_key, channel))
)
group by all;

create or replace temp table hand_flow as
with moves as (
    select customer_key, channel as from_channel, next_reason_channel as to_channel, count(*)::double as n
    from stitched_contacts
    where judged and reason is not null and follow_up_seconds >= getvariable('window_seconds')
        and next_reason_seconds <= getvariable('window_seconds')
    group by all
),
chances as (select customer_key, from_channel, sum(n) as n from moves group by all)
select from_channel, to_channel, sum(moves.n) as value, count(*) as movers, sum(moves.n * moves.n), sum(moves.n * chances.n)
from moves join chances using (customer_key, from_channel) group by all;

create or replace temp table hand_settled as
with moves as (
    select customer_key, channel as opened_in, settled_in, count(*)::double as n, sum(contacts)::double as contacts
    from hand_cases where opening_known and complete group by all
),
chances as (select customer_key, opened_in, sum(n) as n, sum(contacts) as contacts from moves group by all),
whole as (
    select opened_in, count(*) as customers, sum(n * n) as nn, sum(contacts) as contacts, sum(contacts * contacts) as cc,
        sum(contacts * n) as cn
    from chances
    group by all
)
select opened_in, settled_in, sum(moves.n) as value, count(*) as movers, sum(moves.n * moves.n), sum(moves.n * chances.n),
    max(nn), max(whole.customers), max(whole.contacts), max(cc), max(cn)
from moves join chances using (customer_key, opened_in) join whole using (opened_in) group by all;
