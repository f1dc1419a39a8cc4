-- Waiting and the bridge as an analyst would count them: hand_hours (attempts, abandoned, waits by channel, day and
-- hour), hand_waits (how long, by channel and way of ending), hand_callers (different customers by channel and hour),
-- and hand_rows, hand_steps (sums by customer for every step from the client's mark to ours).
-- Reads stitched_contacts, contacts and shared_customers. Variables: until_seconds, the end of the data; window_seconds.

create or replace temp table hand_hours as
select channel, started_day, started_hour,
    count(*) as attempts,
    count(abandoned) as offered,
    count(*) filter (abandoned) as abandoned,
    count(*) filter (abandoned and wait_seconds <= 20) as short_abandons,
    count(*) filter (not abandoned and wait_seconds <= 20) as answered_within,
    count(wait_seconds) filter (not abandoned) as answered_waits,
    count(wait_seconds) filter (abandoned is not true) as waits,
    sum(wait_seconds) filter (abandoned is not true) as waited,
    sum(wait_seconds) filter (abandoned) as gave_up_waited
from stitched_contacts
where direction = 'inbound'
group by all;

create or replace temp table hand_waits as
select channel, abandoned, floor(wait_seconds)::bigint as seconds, count(*) as contacts
from stitched_contacts
where direction = 'inbound' and wait_seconds is not null
group by all;

create or replace temp table hand_callers as
select channel, least(greatest((started_day + 3) % 7 - 4, 0), 2) as kind_of_day, started_hour,
    count(distinct coalesce(customer_key, -contact_key)) as customers,
    count(distinct if(abandoned, coalesce(customer_key, -contact_key), null)) as gave_up
from stitched_contacts
where direction = 'inbound' and (abandoned is not null or wait_seconds is not null)
group by grouping sets ((channel, kind_of_day, started_hour), (channel));

create or replace temp table hand_rows as
with turns as (
    select customer_key,
        getvariable('until_seconds') - ended_seconds >= 604800 as seen,
        coalesce(lead(started_seconds) over (partition by customer_key order by contact_key) - ended_seconds > 604800, true)
            as quiet
    from contacts
    where direction = 'inbound' and customer_key is not null
),
customers as (
    select customer_key, count(*)::double as n, count(*) filter (quiet)::double as y,
        count(*) filter (seen)::double as n_seen, count(*) filter (seen and quiet)::double as y_seen
    from turns
    group by all
)
select sum(y), sum(n), count(*), sum(y * y), sum(y * n), sum(n * n),
    sum(y_seen), sum(n_seen), sum(y_seen * y_seen), sum(y_seen * n_seen), sum(n_seen * n_seen),
    sum(y_seen) filter (known), sum(n_seen) filter (known), sum(y_seen * y_seen) filter (known),
    sum(y_seen * n_seen) filter (known), sum(n_seen * n_seen) filter (known),
    (select count(*) from contacts where direction = 'inbound' and customer_key is null) as nobody
from (select *, customer_key not in (select customer_key from shared_customers) as known from customers);

create or replace temp table hand_steps as
with facts as (
    select coalesce(customer_key, -contact_key) as who,
        abandoned is not true as answered,
        judged,
        identified and getvariable('until_seconds') - ended_seconds >= 604800 as week_over,
        identified and getvariable('until_seconds') - ended_seconds >= getvariable('window_seconds') as over,
        coalesce(next_any_seconds > 604800, true) as week_quiet,
        coalesce(next_any_seconds > getvariable('window_seconds'), true) as quiet,
        coalesce(next_reason_seconds > getvariable('window_seconds'), true) as same_quiet,
        reason is not null as coded,
        coalesce(previous_reason_seconds > getvariable('window_seconds'),
            history_seconds is null or history_seconds >= getvariable('window_seconds')) as opens,
        coalesce(left_seconds > getvariable('window_seconds'), true) as stays,
        follow_up_seconds >= getvariable('window_seconds') as followed,
        resolved, transfers
    from stitched_contacts
    where direction = 'inbound'
),
customers as (
    select who,
        count(resolved) filter (answered)::double as n1, count(*) filter (answered and resolved)::double as y1,
        count(*) filter (answered and resolved is not null and transfers is not null)::double as n2,
        count(*) filter (answered and resolved and transfers = 0)::double as y2,
        count(*) filter (week_over)::double as n3, count(*) filter (week_over and week_quiet)::double as y3,
        count(*) filter (judged and week_over)::double as n4,
        count(*) filter (judged and week_over and week_quiet)::double as y4,
        count(*) filter (judged and over)::double as n5, count(*) filter (judged and over and quiet)::double as y5,
        count(*) filter (judged and over and coded)::double as n6,
        count(*) filter (judged and over and coded and same_quiet)::double as y6,
        count(*) filter (judged and over and coded and opens)::double as n7,
        count(*) filter (judged and over and coded and opens and same_quiet)::double as y7,
        count(*) filter (judged and followed and coded and opens)::double as n8,
        count(*) filter (judged and followed and coded and opens and same_quiet and stays)::double as y8
    from facts
    group by all
)
select
    sum(y1), sum(n1), count(*) filter (n1 > 0), sum(y1 * y1), sum(y1 * n1), sum(n1 * n1),
    sum(y2), sum(n2), count(*) filter (n2 > 0), sum(y2 * y2), sum(y2 * n2), sum(n2 * n2),
    sum(y3), sum(n3), count(*) filter (n3 > 0), sum(y3 * y3), sum(y3 * n3), sum(n3 * n3),
    sum(y4), sum(n4), count(*) filter (n4 > 0), sum(y4 * y4), sum(y4 * n4), sum(n4 * n4),
    sum(y5), sum(n5), count(*) filter (n5 > 0), sum(y5 * y5), sum(y5 * n5), sum(n5 * n5),
    sum(y6), sum(n6), count(*) filter (n6 > 0), sum(y6 * y6), sum(y6 * n6), sum(n6 * n6),
    sum(y7), sum(n7), count(*) filter (n7 > 0), sum(y7 * y7), sum(y7 * n7), sum(n7 * n7),
    sum(y8), sum(n8), count(*) filter (n8 > 0), sum(y8 * y8), sum(y8 * n8), sum(n8 * n8)
from customers;
