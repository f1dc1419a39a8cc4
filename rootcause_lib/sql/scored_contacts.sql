-- Answers about contacts, on the scale that was chosen for each metric: one row per answer, rated items each a metric of
-- their own. `value` is what is averaged: the score, or for nps 100 of a promoter, -100 of a detractor. `problem` tells
-- whether the company had done something to the customer in the $recent_days days before, or it was still open.
-- Reads asked_contacts, score_versions and process_events.
with answers as (
    select asked_contacts.*
    from asked_contacts
    join score_versions
        on score_versions.metric = asked_contacts.metric
        and coalesce(score_versions.scale_low = asked_contacts.scale_low,
            score_versions.scale_low is null and asked_contacts.scale_low is null)
        and coalesce(score_versions.scale_high = asked_contacts.scale_high,
            score_versions.scale_high is null and asked_contacts.scale_high is null)
        and coalesce(score_versions.direction = asked_contacts.direction,
            score_versions.direction is null and asked_contacts.direction is null)
    where asked_contacts.score is not null
),
met as (
    select answers.contact_key
    from answers
    join process_events on process_events.customer_key = answers.customer_key
    where process_events.started_seconds < answers.started_seconds
        and (
            process_events.started_seconds >= answers.started_seconds - $recent_days * 86400
            or process_events.ended_seconds > answers.started_seconds
        )
    group by answers.contact_key
),
described as (
    select
        answers.contact_key,
        answers.customer_key,
        answers.cluster_key,
        answers.metric,
        answers.score,
        answers.item_1,
        answers.item_2,
        answers.item_3,
        answers.item_4,
        answers.item_5,
        answers.item_6,
        answers.channel,
        answers.reason,
        answers.segment,
        case when met.contact_key is not null then 'yes' else 'no' end as problem,
        answers.outcome,
        answers.case_key,
        answers.judged
    from answers
    left join met on met.contact_key = answers.contact_key
)
select
    contact_key, customer_key, cluster_key, metric, cast(score as double) as score,
    case when metric <> 'nps' then cast(score as double) when score >= 9 then 100 when score <= 6 then 0 - 100 else 0 end as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
union all
select
    contact_key, customer_key, cluster_key, 'item_1' as metric, cast(item_1 as double) as score,
    cast(item_1 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_1 is not null
union all
select
    contact_key, customer_key, cluster_key, 'item_2' as metric, cast(item_2 as double) as score,
    cast(item_2 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_2 is not null
union all
select
    contact_key, customer_key, cluster_key, 'item_3' as metric, cast(item_3 as double) as score,
    cast(item_3 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_3 is not null
union all
select
    contact_key, customer_key, cluster_key, 'item_4' as metric, cast(item_4 as double) as score,
    cast(item_4 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_4 is not null
union all
select
    contact_key, customer_key, cluster_key, 'item_5' as metric, cast(item_5 as double) as score,
    cast(item_5 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_5 is not null
union all
select
    contact_key, customer_key, cluster_key, 'item_6' as metric, cast(item_6 as double) as score,
    cast(item_6 as double) as value,
    channel, reason, segment,
    problem, outcome, case_key, judged
from described
where item_6 is not null
