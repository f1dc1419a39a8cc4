-- Questions asked of customers about inbound contacts of a period: one row per question, answered or not, with the
-- contact's channel, matter and what followed it within the window (settled: nobody came back; unknown: the window is
-- not over, or nobody can say). A question that names no contact is about the customer's latest one in the $asked_days
-- days before it was asked (`named` false). A later leg stands for its contact. Rated items are empty here and are
-- filled in on the tree. A contact without a customer is its own cluster.
-- Reads surveys, contacts, leg_groups and stitched_contacts.
with questions as (
    select
        survey_id,
        metric,
        contact_id,
        customer_key,
        coalesce(asked_seconds, answered_seconds) as asked_seconds,
        score,
        scale_low,
        scale_high,
        direction,
        cast(null as double) as item_1,
        cast(null as double) as item_2,
        cast(null as double) as item_3,
        cast(null as double) as item_4,
        cast(null as double) as item_5,
        cast(null as double) as item_6
    from surveys
    where metric in ('nps', 'csat', 'ces')
),
latest as (
    select questions.survey_id, max(stitched_contacts.contact_key) as contact_key
    from questions
    join stitched_contacts on stitched_contacts.customer_key = questions.customer_key
    where questions.contact_id is null
        and stitched_contacts.direction = 'inbound'
        and stitched_contacts.started_seconds <= questions.asked_seconds
        and stitched_contacts.started_seconds > questions.asked_seconds - $asked_days * 86400
    group by questions.survey_id
),
about as (
    select questions.*, coalesce(leg_groups.first_key, contacts.contact_key) as contact_key, true as named
    from questions
    join contacts on contacts.contact_id = questions.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
    union all
    select questions.*, latest.contact_key, false as named
    from questions
    join latest on latest.survey_id = questions.survey_id
)
select
    stitched_contacts.contact_key,
    stitched_contacts.customer_key,
    coalesce(stitched_contacts.customer_key, about.customer_key, 0 - stitched_contacts.contact_key) as cluster_key,
    cast(about.metric as varchar) as metric,
    about.scale_low,
    about.scale_high,
    cast(about.direction as varchar) as direction,
    about.named,
    about.score,
    about.item_1,
    about.item_2,
    about.item_3,
    about.item_4,
    about.item_5,
    about.item_6,
    stitched_contacts.started_seconds,
    cast(stitched_contacts.channel as varchar) as channel,
    cast(stitched_contacts.reason as varchar) as reason,
    cast(stitched_contacts.segment as varchar) as segment,
    stitched_contacts.case_key,
    stitched_contacts.judged,
    case
        when not stitched_contacts.judged
            or case $matching when 'any' then false when 'reason' then stitched_contacts.reason is null
                when 'case' then stitched_contacts.case_key is null end
            or stitched_contacts.follow_up_seconds
                < case when $own_windows then coalesce(stitched_contacts.window_days, $window_days)
                    else $window_days end * 86400
        then 'unknown'
        when case $matching when 'any' then stitched_contacts.next_any_seconds
                when 'reason' then stitched_contacts.next_reason_seconds
                when 'case' then stitched_contacts.next_case_seconds end
            <= case when $own_windows then coalesce(stitched_contacts.window_days, $window_days)
                else $window_days end * 86400
        then 'came_back'
        when stitched_contacts.left_seconds
            <= case when $own_windows then coalesce(stitched_contacts.window_days, $window_days)
                else $window_days end * 86400
        then 'left'
        else 'settled'
    end as outcome
from about
join stitched_contacts on stitched_contacts.contact_key = about.contact_key
where stitched_contacts.direction = 'inbound' and stitched_contacts.started_day between $start_day and $end_day
