-- What an analyst would write by hand to compare teams: contacts by the matters each was given, for first-contact
-- resolution and for the client's own mark, and each team's sums over customers, for intervals that allow for
-- customers who come again; repeats by reason. Reads stitched_contacts. Variables: window_seconds.
create or replace temp table hand_agents_contacts as
select
    coalesce(customer_key, -contact_key) as cluster_key,
    team, channel, reason, segment,
    coalesce(previous_any_seconds <= getvariable('window_seconds'), false) as follows,
    resolved::int as marked,
    case when judged and coalesce(previous_reason_seconds > getvariable('window_seconds'), true)
        then reason is not null and coalesce(
            (previous_reason_seconds is not null or coalesce(history_seconds >= getvariable('window_seconds'), true))
            and follow_up_seconds >= getvariable('window_seconds'), false) end as told,
    case when coalesce(next_reason_seconds > getvariable('window_seconds'), true)
        and coalesce(left_seconds > getvariable('window_seconds'), true) then 1 else 0 end as quiet
from stitched_contacts
where direction = 'inbound' and not coalesce(abandoned, false) and team is not null and team <> '(small)';

create or replace temp table hand_agents_cells as
select
    team, channel, reason, segment, follows,
    sum(quiet) filter (told) as m0_value, count(*) filter (told) as m0_weight, count(*) filter (not told) as m0_unobserved,
    sum(marked) as m1_value, count(marked) as m1_weight, count(*) - count(marked) as m1_unobserved
from hand_agents_contacts
group by all;

create or replace temp table hand_agents_sums as
with per_customer as (
    select
        team, cluster_key,
        sum(quiet) filter (told) as y0, count(*) filter (told) as n0, sum(marked) as y1, count(marked) as n1
    from hand_agents_contacts
    group by all
)
select
    team,
    sum(y0) as m0_value, sum(n0) as m0_weight, count(*) filter (n0 > 0) as m0_clusters,
    sum(y0 * y0) as m0_value_value, sum(y0 * n0) as m0_value_weight, sum(n0 * n0) as m0_weight_weight,
    sum(y1) as m1_value, sum(n1) as m1_weight, count(*) filter (n1 > 0) as m1_clusters,
    sum(y1 * y1) as m1_value_value, sum(y1 * n1) as m1_value_weight, sum(n1 * n1) as m1_weight_weight
from per_customer
group by team;
