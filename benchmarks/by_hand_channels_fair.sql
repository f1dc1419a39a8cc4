-- What an analyst would write by hand to compare channels over one mix of matters: contacts by channel, matter, customer
-- group, whether something had gone wrong upstream lately and the agent's tenure, for the client's own mark and for
-- first-contact resolution; and, once the weights of the mix are known, each channel's sums over customers for
-- intervals that allow for those who come again: hand_fair_cells, hand_fair_sums. Reads stitched_contacts,
-- process_events and agents.

create or replace temp table hand_fair_contacts as
with failures as (
    select customer_key, started_seconds as from_seconds,
        case when ended_seconds is null and due_seconds is not null then getvariable('until_seconds')
            else greatest(started_seconds + 14 * 86400, ended_seconds) end as until_seconds
    from process_events
    where customer_key is not null and process <> 'invoice'
),
failing as (
    select distinct s.contact_key
    from stitched_contacts s
    join failures f
        on f.customer_key = s.customer_key and s.started_seconds between f.from_seconds and f.until_seconds
    where s.direction = 'inbound'
)
select
    coalesce(s.customer_key, -s.contact_key) as cluster_key, s.channel, coalesce(s.reason, '') as reason,
    coalesce(s.segment, '') as segment, f.contact_key is not null as failing,
    case when a.hired_on is null then 'unknown'
        when s.started_day - date_diff('day', date '1970-01-01', a.hired_on) < 90 then 'novice' else 'experienced' end as tenure,
    s.resolved::int as marked,
    case when s.judged and coalesce(s.previous_any_seconds > getvariable('window_seconds'), true)
        then coalesce(
            (s.previous_any_seconds is not null or coalesce(s.history_seconds >= getvariable('window_seconds'), true))
            and s.follow_up_seconds >= getvariable('window_seconds'), false) end as told,
    case when coalesce(s.next_any_seconds > getvariable('window_seconds'), true)
        and coalesce(s.left_seconds > getvariable('window_seconds'), true) then 1 else 0 end as quiet
from stitched_contacts s
left join failing f using (contact_key)
left join agents a using (agent_id)
where s.direction = 'inbound' and not coalesce(s.abandoned, false);

create or replace temp table hand_fair_cells as
select
    channel, reason, segment, failing, tenure, count(*) as contacts,
    count(marked) as marked_known, sum(marked) as marked_yes,
    count(told) as cases, count(*) filter (told) as told_known, sum(quiet) filter (told) as told_yes
from hand_fair_contacts
group by all;

-- Standard weights by matter, and what a contact of each channel and matter weighs in its channel's mean.
create or replace temp table hand_fair_sums as
with mix as (
    select reason, sum(contacts) / sum(sum(contacts)) over () as weight from hand_fair_cells group by reason
),
weights as (
    select channel, reason, weight / nullif(sum(marked_known), 0) as marked_weight,
        sum(marked_yes) / nullif(sum(marked_known), 0) as marked_mean,
        weight / nullif(sum(told_known), 0) as told_weight, sum(told_yes) / nullif(sum(told_known), 0) as told_mean
    from hand_fair_cells
    join mix using (reason)
    group by channel, reason, weight
),
per_customer as (
    select channel, cluster_key, count(marked) as marked, count(*) filter (told) as told,
        sum(marked_weight * (marked - marked_mean)) as marked_moved,
        sum(told_weight * (quiet - told_mean)) filter (told) as told_moved
    from hand_fair_contacts
    join weights using (channel, reason)
    group by all
)
select channel, count(*) filter (marked > 0) as marked_customers, count(*) filter (told > 0) as told_customers,
    sum(marked_moved * marked_moved) as marked_squares, sum(told_moved * told_moved) as told_squares
from per_customer
group by channel;

-- How many customers stand behind each channel and matter: smaller cells are not shown.
create or replace temp table hand_fair_customers as
select channel, reason, count(distinct cluster_key) as customers from hand_fair_contacts group by all;
