-- What a usual count of survey scores by channel does: each answer is joined to its contact (or the customer's latest one of
-- two weeks before), to what happened to the customer in the four weeks before and to what followed; answers are counted by
-- channel and matter, and summed by customer for intervals: hand_response, hand_scores, hand_score_cells. Cases whose second
-- attempt came by another channel are summed beside those that stayed: hand_switches. Reads surveys, contacts, leg_groups,
-- stitched_contacts, process_events and hand_cases (one row per case, as the library's `cases`).

create or replace temp table hand_asked as
with linked as (
    select s.metric, s.scale_low, s.scale_high, s.direction, s.score, s.ease, s.friendliness, s.customer_key as asked_key,
        coalesce(g.first_key, c.contact_key) as contact_key
    from surveys s
    join contacts c using (contact_id)
    left join leg_groups g on g.contact_key = c.contact_key
    where s.metric in ('nps', 'csat', 'ces')
    union all
    select s.metric, s.scale_low, s.scale_high, s.direction, s.score, s.ease, s.friendliness, s.customer_key, t.contact_key
    from (select * from surveys where metric in ('nps', 'csat', 'ces') and contact_id is null) s
    asof join (
        select customer_key, started_seconds, contact_key
        from stitched_contacts
        where customer_key is not null and direction = 'inbound'
    ) t on t.customer_key = s.customer_key and t.started_seconds <= coalesce(s.asked_seconds, s.answered_seconds)
    where t.started_seconds > coalesce(s.asked_seconds, s.answered_seconds) - 14 * 86400
)
select l.metric, l.score, l.ease, l.friendliness, t.contact_key, t.customer_key, t.started_seconds, t.channel, t.reason,
    t.segment, coalesce(t.customer_key, l.asked_key, -t.contact_key) as cluster_key,
    case
        when not t.judged or t.reason is null or t.follow_up_seconds < 14 * 86400 then 'unknown'
        when t.next_reason_seconds <= 14 * 86400 then 'came_back'
        when t.left_seconds <= 14 * 86400 then 'left'
        else 'settled'
    end as outcome
from linked l
join stitched_contacts t on t.contact_key = l.contact_key
where t.direction = 'inbound';

create or replace temp table hand_response as
with per_customer as (
    select cluster_key, metric, channel, outcome, count(*) as n, count(score) as y, grouping_id(channel, outcome) as which
    from hand_asked
    group by grouping sets ((cluster_key, metric), (cluster_key, metric, channel), (cluster_key, metric, outcome))
)
select metric, channel, outcome, sum(y) as answers, sum(n) as asked, count(*) as customers, sum(y * y) as yy,
    sum(y * n) as yn, sum(n * n) as nn
from per_customer
group by all;

create or replace temp table hand_answers as
with troubled as (
    select distinct a.contact_key
    from hand_asked a
    join process_events e using (customer_key)
    where a.score is not null
        and e.started_seconds < a.started_seconds
        and (e.started_seconds >= a.started_seconds - 28 * 86400 or e.ended_seconds > a.started_seconds)
),
described as (
    select a.*, t.contact_key is not null as problem
    from hand_asked a
    left join troubled t using (contact_key)
    where a.score is not null
)
select metric, score, case when metric <> 'nps' then score when score >= 9 then 100 when score <= 6 then -100 else 0 end
    as value, cluster_key, contact_key, customer_key, channel, reason, segment, problem, outcome
from described
union all
select 'ease', ease, ease, cluster_key, contact_key, customer_key, channel, reason, segment, problem, outcome
from described where ease is not null
union all
select 'friendliness', friendliness, friendliness, cluster_key, contact_key, customer_key, channel, reason, segment, problem,
    outcome
from described where friendliness is not null;

create or replace temp table hand_scores as
with per_customer as (
    select cluster_key, metric, channel, outcome, sum(value) as y, count(*) as n, sum((value > 0)::int) as up,
        sum((value < 0)::int) as down, grouping_id(channel, outcome) as which
    from hand_answers
    group by grouping sets ((cluster_key, metric), (cluster_key, metric, channel), (cluster_key, metric, outcome))
)
select metric, channel, outcome, sum(y) as value, sum(n) as answers, count(*) as customers, sum(y * y) as yy, sum(y * n) as yn,
    sum(n * n) as nn, sum(up) as promoters, sum(down) as detractors
from per_customer
group by all;

create or replace temp table hand_score_cells as
select metric, channel, outcome, reason, segment, problem, score, count(*) as n, sum(value) as total,
    sum(value * value) as squares
from hand_answers
group by all;

-- Once the weights of the mix of matters are known: each group's sums over customers of what answers move its mean by.
create or replace temp table hand_score_moved as
with grouped as (
    select metric, cluster_key, value, coalesce(reason, '') as reason, 'channel' as split, channel::varchar as cell
    from hand_answers
    union all
    select metric, cluster_key, value, coalesce(reason, ''), 'outcome', outcome from hand_answers
),
cells as (
    select metric, split, cell, reason, avg(value) as mean, count(*) as n from grouped group by all
),
mix as (
    select metric, reason, sum(n) / (select sum(n) from cells c where c.metric = cells.metric and c.split = 'channel') as weight
    from cells where split = 'channel' group by metric, reason
),
weights as (
    select cells.*, weight / n as own_weight from cells join mix using (metric, reason)
),
per_customer as (
    select metric, split, cell, cluster_key, sum(own_weight * (value - mean)) as moved
    from grouped
    join weights using (metric, split, cell, reason)
    group by all
)
select metric, split, cell, count(*) as customers, sum(moved * moved) as squares from per_customer group by all;

create or replace temp table hand_pairs as
select c.contact_key, c.customer_key, c.channel, c.reason, c.segment, c.contacts, c.handle_seconds, c.full_cost,
    t.next_reason_channel <> c.channel as switched
from hand_cases c
join stitched_contacts t using (contact_key)
where c.contacts > 1 and c.opening_known and c.complete;

create or replace temp table hand_switches as
with scored as (
    select a.metric, a.value, max(c.contact_key) as opening_key, a.contact_key, a.customer_key
    from hand_answers a
    join hand_cases c on c.customer_key = a.customer_key and c.reason = a.reason and c.contact_key <= a.contact_key
    group by all
),
long as (
    select 'resolution' as measure, (contacts = 2)::double as value, * exclude (contacts, handle_seconds, full_cost) from hand_pairs
    union all
    select 'contacts', contacts, * exclude (contacts, handle_seconds, full_cost) from hand_pairs
    union all
    select 'handle_seconds', handle_seconds, * exclude (contacts, handle_seconds, full_cost) from hand_pairs
    where handle_seconds is not null
    union all
    select 'cost', full_cost, * exclude (contacts, handle_seconds, full_cost) from hand_pairs where full_cost is not null
    union all
    select s.metric, s.value, p.* exclude (contacts, handle_seconds, full_cost)
    from scored s
    join hand_pairs p on p.contact_key = s.opening_key
    where s.contact_key > p.contact_key
),
per_customer as (
    select customer_key, measure, switched, channel, reason, segment, sum(value) as y, count(*) as n
    from long
    group by all
)
select measure, switched, channel, reason, segment, sum(y) as value, sum(n) as cases, count(*) as customers, sum(y * y) as yy,
    sum(y * n) as yn, sum(n * n) as nn
from per_customer
group by all;
