-- What an analyst would write in plain DuckDB SQL for the effort journey and self-service: the same counts and the same
-- sums per customer, over stitched_contacts, visits, surveys and spells. 14 days, by reason. One query for each frame.
-- name: before_calls
with limits as (
    select min(started_seconds) as first_seconds, max(started_seconds) + 86400 as last_seconds from visits
),
calls as (
    select customer_key, started_seconds from stitched_contacts
    where direction = 'inbound' and not coalesce(abandoned, false) and channel = 'phone' and customer_key is not null
),
seen as (
    select customer_key, started_seconds as at_seconds,
        max(coalesce(ended_seconds, started_seconds)) over (
            partition by customer_key order by started_seconds rows unbounded preceding
        ) as until_seconds
    from visits where customer_key is not null
),
facts as (
    select calls.customer_key,
        coalesce(seen.until_seconds >= calls.started_seconds - 86400, false)::double as web,
        coalesce(seen.until_seconds >= calls.started_seconds, false)::double as site
    from calls asof left join seen
        on seen.customer_key = calls.customer_key and seen.at_seconds <= calls.started_seconds
    where calls.started_seconds between (select first_seconds + 86400 from limits) and (select last_seconds from limits)
),
per_customer as (
    select customer_key, sum(web) as web, sum(site) as site, count(*)::double as n from facts group by customer_key
)
select sum(web), sum(n), count(*), sum(web * web), sum(web * n), sum(n * n), sum(site), sum(site * site), sum(site * n)
from per_customer;
-- name: of_contacts
with facts as (
    select coalesce(customer_key, -contact_key) as k,
        case when judged and coalesce(previous_reason_seconds > 14 * 86400, true) and reason is not null
            and (previous_reason_seconds is not null or coalesce(history_seconds >= 14 * 86400, true))
            and follow_up_seconds >= 14 * 86400
            then coalesce(next_reason_seconds <= 14 * 86400, false)::double end as more,
        case when transfers is not null then (transfers > 0)::double end as transferred,
        repeated_information::double as repeated,
        case when judged and transfers is not null and reason is not null
            and (previous_reason_seconds is not null or coalesce(history_seconds >= 14 * 86400, true))
            then (transfers > 0 or coalesce(previous_reason_seconds <= 14 * 86400, false))::double end as again
    from stitched_contacts where direction = 'inbound' and not coalesce(abandoned, false)
),
per_customer as (
    select k, sum(more) as a, count(more)::double as an, sum(transferred) as b, count(transferred)::double as bn,
        sum(repeated) as c, count(repeated)::double as cn, sum(again) as d, count(again)::double as dn
    from facts group by k
)
select sum(a), sum(an), sum(a * a), sum(a * an), sum(an * an), sum(b), sum(bn), sum(b * b), sum(b * bn), sum(bn * bn),
    sum(c), sum(cn), sum(c * c), sum(c * cn), sum(cn * cn), sum(d), sum(dn), sum(d * d), sum(d * dn), sum(dn * dn)
from per_customer;
-- name: effort
with per_customer as (
    select coalesce(customer_key::varchar, survey_id) as k, sum((2 * score < 8)::int)::double as v, count(*)::double as n
    from surveys where metric = 'ces' and score is not null and scale_high = 7 group by k
)
select sum(v), sum(n), count(*), sum(v * v), sum(v * n), sum(n * n) from per_customer;
-- name: sessions
create or replace temp table sessions as
with people as (
    select customer_key, reason, started_seconds from stitched_contacts
    where direction = 'inbound' and channel not in ('self_service', 'bot') and customer_key is not null
),
own as (
    select channel, contact_key, customer_key, reason, started_seconds, ended_seconds, transfers, abandoned,
        follow_up_seconds, left_seconds
    from stitched_contacts where direction = 'inbound' and channel in ('self_service', 'bot')
),
visited as (
    select visits.customer_key, visits.started_seconds, coalesce(ended_seconds, started_seconds) as ended_seconds,
        goal_reached, spells.left_by_choice, (spells.left_day + 1) * 86400 as left_at
    from visits
    left join spells on spells.customer_key = visits.customer_key
        and date_diff('day', date '1970-01-01', visits.started_on) between spells.first_day and spells.last_day
)
select own.channel, own.customer_key, own.ended_seconds, own.follow_up_seconds, own.left_seconds,
    not coalesce(own.transfers > 0, false) as contained, own.abandoned as gave_up, null::boolean as goal,
    case when a.started_seconds > own.ended_seconds then a.started_seconds - own.ended_seconds
        when a.started_seconds is not null then 0 end as any_seconds,
    case when b.started_seconds > own.ended_seconds then b.started_seconds - own.ended_seconds
        when b.started_seconds is not null then 0 end as matched_seconds
from own
asof left join people as a on a.customer_key = own.customer_key and a.started_seconds >= own.started_seconds
asof left join people as b
    on b.customer_key = own.customer_key and b.reason = own.reason and b.started_seconds >= own.started_seconds
union all
select 'visit', visited.customer_key, visited.ended_seconds,
    (select max(ended_seconds) from stitched_contacts) - visited.ended_seconds,
    case when left_by_choice and left_at > visited.ended_seconds then left_at - visited.ended_seconds end,
    coalesce(a.started_seconds > visited.ended_seconds, true), null, goal_reached,
    case when a.started_seconds > visited.ended_seconds then a.started_seconds - visited.ended_seconds
        when a.started_seconds is not null then 0 end, case when a.started_seconds > visited.ended_seconds then a.started_seconds - visited.ended_seconds
        when a.started_seconds is not null then 0 end
from visited asof left join people as a
    on a.customer_key = visited.customer_key and a.started_seconds >= visited.started_seconds;
-- name: session_shares
with facts as (
    select channel, customer_key, contained::double as c, gave_up::double as g,
        case when follow_up_seconds >= 14 * 86400 then 1.0 end as seen,
        coalesce(any_seconds <= 14 * 86400, false) as p, coalesce(matched_seconds <= 14 * 86400, false) as m,
        coalesce(left_seconds <= 14 * 86400, false) as l, contained and not coalesce(gave_up, false)
            and coalesce(goal, true) as done
    from sessions
),
per_customer as (
    select channel, customer_key, count(*)::double as every, sum(c) as c, sum(g) as g, sum(seen) as n, sum(seen * p::int) as p,
        sum(seen * m::int) as m, sum(seen * l::int) as l, sum(seen * (done and not p and not l)::int) as ra,
        sum(seen * (done and not m and not l)::int) as rm
    from facts group by channel, customer_key
)
select channel, sum(every), sum(c), sum(g), sum(n), sum(p), sum(m), sum(l), sum(ra), sum(rm), sum(c * c), sum(c * every),
    sum(every * every), sum(g * g), sum(g * every), sum(n * n), sum(p * p), sum(p * n), sum(m * m), sum(m * n), sum(l * l),
    sum(l * n), sum(ra * ra), sum(ra * n), sum(rm * rm), sum(rm * n), count(n)
from per_customer group by channel;
-- name: hours
select channel, ceil(any_seconds / 3600), ceil(matched_seconds / 3600), least(follow_up_seconds // 3600, 336), count(*)
from sessions where customer_key is not null group by all;
-- name: next_choices
with probes as (
    select channel, customer_key, ended_seconds + 14 * 86400 as at_seconds,
        contained and not coalesce(gave_up, false) and coalesce(goal, true)
            and coalesce(matched_seconds > 14 * 86400, true) as resolved
    from sessions where customer_key is not null and follow_up_seconds >= 44 * 86400
),
turns as (
    select customer_key, started_seconds, channel::varchar as choice from stitched_contacts
    where direction = 'inbound' and customer_key is not null
    union all select customer_key, started_seconds, 'visit' from visits where customer_key is not null
),
chosen as (
    select probes.customer_key, probes.channel, probes.resolved,
        case when turns.started_seconds <= probes.at_seconds + 30 * 86400
            then case when turns.choice in ('self_service', 'bot', 'visit') then turns.choice else 'people' end
            else 'none' end as choice
    from probes asof left join turns
        on turns.customer_key = probes.customer_key and turns.started_seconds > probes.at_seconds
),
moves as (select customer_key, channel, resolved, choice, count(*)::double as n from chosen group by all),
chances as (select customer_key, channel, resolved, sum(n) as n from moves group by all)
select moves.channel, moves.resolved, choice, sum(moves.n), count(*), sum(moves.n * moves.n), sum(moves.n * chances.n)
from moves join chances using (customer_key, channel, resolved) group by all;
