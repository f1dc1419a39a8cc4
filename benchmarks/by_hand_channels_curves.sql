-- Resolution at every window from 1 to 30 days by channel, what chance would bring, and the sums over customers that
-- intervals robust to repeated customers are made of. Reads stitched_contacts, spells.
-- Variables: matching ('any' or 'reason'), horizon, window_days, from_day, until_day.

create temp table hand_openers as
select customer_key, channel, reason,
    least(getvariable('horizon'), greatest(coalesce(
        (case getvariable('matching') when 'any' then previous_any_seconds else previous_reason_seconds end - 1) // 86400,
        history_seconds // 86400, getvariable('horizon')), 0)) as opens_days,
    case getvariable('matching') when 'any' then next_any_seconds else next_reason_seconds end as back_seconds,
    left_seconds,
    least(follow_up_seconds // 86400, getvariable('horizon')) as last_day
from stitched_contacts
where judged and (getvariable('matching') = 'any' or reason is not null);

create temp table hand_ways as
select customer_key, channel, reason, opens_days, last_day,
    if(back_day <= last_day and back_day <= coalesce(left_day, back_day), back_day, null) as back_day,
    if(left_day <= last_day and left_day < coalesce(back_day, left_day + 1), left_day, null) as left_day
from (
    select *, if(back_seconds = 0, 1, (back_seconds + 86399) // 86400) as back_day,
        if(left_seconds = 0, 1, (left_seconds + 86399) // 86400) as left_day
    from hand_openers
);

-- At risk and events by day of every window: one contact stands at each window it opens a case at.
create temp table hand_days as
select channel, window_days, least(coalesce(back_day, left_day, last_day), window_days) as day,
    count(*) as contacts,
    count(*) filter (back_day <= window_days) as back,
    count(*) filter (left_day <= window_days) as lost
from hand_ways, range(1, getvariable('horizon') + 1) as each (window_days)
where opens_days >= window_days
group by all;

create temp table hand_hazards as
select channel, window_days, day,
    sum(contacts) over (partition by channel, window_days order by day desc) as at_risk, back, lost
from hand_days;

create temp table hand_curve as
with quiet as (
    select *, exp(sum(ln(greatest(1 - (back + lost) / at_risk, 1e-300)))
        over (partition by channel, window_days order by day)) as still
    from hand_hazards
    where day > 0
)
select channel, window_days, day, at_risk, back, lost, still,
    sum((back + lost) / at_risk / greatest(at_risk - back - lost, 1)) over (partition by channel, window_days order by day) as spent
from quiet;

-- What each contact moves the share quiet by, summed within a customer and squared: every window for itself.
create temp table hand_squares as
with ended as (
    select channel, window_days, max_by(still, day) as still, max_by(spent, day) as spent
    from hand_curve
    group by all
),
moved as (
    select hand_ways.customer_key, hand_ways.channel, each.window_days,
        ended.still * (coalesce(hand_curve.spent, 0) - if(coalesce(back_day, left_day) <= each.window_days,
            1 / greatest(hand_curve.at_risk - hand_curve.back - hand_curve.lost, 1), 0)) as moves
    from hand_ways
    cross join range(1, getvariable('horizon') + 1) as each (window_days)
    join ended on ended.channel = hand_ways.channel and ended.window_days = each.window_days
    left join hand_curve on hand_curve.channel = hand_ways.channel and hand_curve.window_days = each.window_days
        and hand_curve.day = least(coalesce(back_day, left_day, last_day), each.window_days)
    where opens_days >= each.window_days
)
select channel, window_days, count(*) as customers, sum(contacts) as contacts, sum(moves * moves) as squares
from (
    select channel, window_days, customer_key, count(*) as contacts, sum(moves) as moves
    from moved
    group by all
)
group by all;

-- What the customer's own rate of contact would bring.
create temp table hand_chance as
with everyday as (
    select customer_key, if(getvariable('matching') = 'any', '', reason) as matter, count(*) as contacts
    from stitched_contacts
    where direction = 'inbound' and customer_key is not null and (getvariable('matching') = 'any' or reason is not null)
    group by all
),
watched as (
    select customer_key, sum(least(last_day, coalesce(left_day, last_day), getvariable('until_day'))
        - greatest(coalesce(joined_day, first_day), first_day, getvariable('from_day')) + 1) as days
    from spells
    group by all
),
busy as (
    select channel, opens_days, contacts - 1 as others,
        coalesce(days, getvariable('until_day') - getvariable('from_day') + 1) as days, count(*) as contacts
    from hand_ways
    join everyday on everyday.customer_key = hand_ways.customer_key
        and everyday.matter = if(getvariable('matching') = 'any', '', hand_ways.reason)
    left join watched on watched.customer_key = hand_ways.customer_key
    group by all
)
select channel, window_days,
    sum(contacts * (1 - pow(1 - window_days / (days - window_days), others))) / sum(contacts) as expected
from busy, range(1, getvariable('horizon') + 1) as each (window_days)
where opens_days >= window_days and days >= 2 * window_days
group by all;
