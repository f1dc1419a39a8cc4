-- How each contact that opens a case ended being watched, and the counts a curve with customer-robust intervals
-- is made of: hand_counts and hand_pairs. Reads stitched_contacts.
-- Variables: window_seconds, horizon.

create temp table ways as
with openers as (
    select customer_key, channel,
        if(next_any_seconds = 0, 1, (next_any_seconds + 86399) // 86400) as back_day,
        if(left_seconds = 0, 1, (left_seconds + 86399) // 86400) as left_day,
        least(follow_up_seconds // 86400, getvariable('horizon')) as last_day
    from stitched_contacts
    where judged
        and coalesce(previous_any_seconds > getvariable('window_seconds'), history_seconds >= getvariable('window_seconds'), true)
)
select customer_key, channel,
    case
        when back_day <= last_day and back_day <= coalesce(left_day, back_day) then 3 * back_day + 1
        when left_day <= last_day then 3 * left_day + 2
        else 3 * last_day
    end as way,
    count(*) as contacts
from openers
group by all;

create temp table hand_counts as
select channel, way, sum(contacts)::bigint as contacts, count(*) filter (first) as customers
from (select *, way = min(way) over (partition by customer_key, channel) as first from ways)
group by all;

create temp table hand_pairs as
select one.channel, one.way, other.way as way_2, sum(one.contacts * other.contacts)::bigint as contacts
from ways as one
join ways as other using (customer_key, channel)
group by all;
