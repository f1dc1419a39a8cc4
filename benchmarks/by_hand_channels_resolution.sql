-- Resolution at the window, recontact by day, first-contact resolution, moves between channels and the usual metrics,
-- with what customer-robust intervals need, as somebody who writes DuckDB's SQL would count them for this one client:
-- repeats of any matter and of the same reason, over everything, by channel, by reason, by both.
-- Reads stitched_contacts and spells. Variables: window_seconds, horizon, from_day, until_seconds.

create or replace temp macro day_after(seconds) as if(seconds = 0, 1, (seconds + 86399) // 86400);

create or replace temp macro way_of(back_day, left_day, last_day) as case
    when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
    when left_day <= last_day then 3 * left_day + 2
    else 3 * last_day
end;

create or replace temp table hand_opened as
select 'any' as rule, customer_key, channel, reason,
    way_of(day_after(next_any_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, 14)) as way,
    count(*)::double as n
from stitched_contacts
where judged and coalesce(previous_any_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true)
group by all
union all
select 'reason', customer_key, channel, reason,
    way_of(day_after(next_reason_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, 14)), count(*)::double
from stitched_contacts
where judged and reason is not null
    and coalesce(previous_reason_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true)
group by all;

create or replace temp table hand_opened_counts as
select rule, channel, reason, way, sum(n) as contacts, count(distinct customer_key) as customers
from hand_opened
group by grouping sets ((rule, way), (rule, channel, way), (rule, reason, way), (rule, channel, reason, way));

create or replace temp table hand_opened_pairs as
with whole as (select rule, customer_key, way, sum(n) as n from hand_opened group by all),
by_channel as (select rule, customer_key, channel, way, sum(n) as n from hand_opened group by all),
by_reason as (select rule, customer_key, reason, way, sum(n) as n from hand_opened where rule = 'reason' group by all)
select a.rule, null as channel, null as reason, a.way, b.way as way_2, sum(a.n * b.n) as product
from whole a join whole b using (rule, customer_key) group by all
union all
select a.rule, a.channel, null, a.way, b.way, sum(a.n * b.n)
from by_channel a join by_channel b using (rule, customer_key, channel) group by all
union all
select a.rule, null, a.reason, a.way, b.way, sum(a.n * b.n)
from by_reason a join by_reason b using (rule, customer_key, reason) group by all
union all
select a.rule, a.channel, a.reason, a.way, b.way, sum(a.n * b.n)
from hand_opened a join hand_opened b using (rule, customer_key, channel, reason) where a.rule = 'reason' group by all;

create or replace temp table hand_watched as
select 'any' as rule, customer_key, channel,
    way_of(day_after(next_any_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))) as way,
    count(*)::double as n
from stitched_contacts
where judged
group by all
union all
select 'reason', customer_key, channel,
    way_of(day_after(next_reason_seconds), day_after(left_seconds), least(follow_up_seconds // 86400, getvariable('horizon'))),
    count(*)::double
from stitched_contacts
where judged and reason is not null
group by all;

create or replace temp table hand_watched_counts as
select rule, channel, way, sum(n) as contacts, count(distinct customer_key) as customers
from hand_watched
group by grouping sets ((rule, way), (rule, channel, way));

create or replace temp table hand_watched_pairs as
with whole as (select rule, customer_key, way, sum(n) as n from hand_watched group by all)
select a.rule, null as channel, a.way, b.way as way_2, sum(a.n * b.n) as product
from whole a join whole b using (rule, customer_key) group by all
union all
select a.rule, a.channel, a.way, b.way, sum(a.n * b.n)
from hand_watched a join hand_watched b using (rule, customer_key, channel) group by all;

-- What customers' own rates would bring by chance: contacts and days by customer, then by how often each came.
create or replace temp table hand_chance as
with paces as (
    select customer_key, channel, count(*) as contacts, min(started_day) as first_day
    from stitched_contacts where judged group by all
),
rates as (select customer_key, sum(contacts) as contacts from paces group by all)
select channel, rates.contacts as pace, sum(paces.contacts) as contacts, count(*) as customers
from paces join rates using (customer_key) group by all;

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
        count(transfers) filter (not coalesce(abandoned, false)) as transfer_n,
        count(*) filter (transfers > 0 and not coalesce(abandoned, false)) as transfer_y,
        count(reopened) filter (not coalesce(abandoned, false)) as reopen_n,
        count(*) filter (reopened and not coalesce(abandoned, false)) as reopen_y,
        count(abandoned) as abandon_n, count(*) filter (abandoned) as abandon_y,
        count(handle_seconds) filter (not coalesce(abandoned, false)) as handle_n,
        sum(handle_seconds) filter (not coalesce(abandoned, false)) as handle_y,
        count(wait_seconds) filter (not coalesce(abandoned, false)) as wait_n,
        sum(wait_seconds) filter (not coalesce(abandoned, false)) as wait_y,
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
    sum(repeat_n * repeat_y), sum(transfer_n * transfer_y), sum(reopen_n * reopen_y), sum(abandon_n * abandon_y),
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
with numbered as (
    select contact_key, customer_key, reason, channel, started_seconds,
        coalesce(previous_reason_seconds > getvariable('window_seconds'), true) as opens,
        coalesce(history_seconds >= getvariable('window_seconds'), true) as opening_known,
        follow_up_seconds >= getvariable('window_seconds') as complete,
        count_if(opens) over (partition by customer_key, reason order by started_seconds, contact_key) as number
    from stitched_contacts
    where judged and reason is not null
),
whole as (
    select customer_key, reason, number, count(*) as contacts, arg_min(channel, (started_seconds, contact_key)) as opened_in,
        arg_max(channel, (started_seconds, contact_key)) as settled_in,
        bool_or(opens and opening_known) as opening_known, arg_max(complete, (started_seconds, contact_key)) as complete
    from numbered
    group by customer_key, reason, number
),
moves as (
    select customer_key, opened_in, settled_in, count(*)::double as n, sum(contacts) as contacts
    from whole where opening_known and complete group by all
),
chances as (select customer_key, opened_in, sum(n) as n from moves group by all)
select opened_in, settled_in, sum(moves.n) as value, count(*) as movers, sum(moves.n * moves.n), sum(moves.n * chances.n),
    sum(contacts) as contacts
from moves join chances using (customer_key, opened_in) group by all;
