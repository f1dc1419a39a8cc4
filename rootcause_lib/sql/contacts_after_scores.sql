-- Whole weeks after the first score a customer gave, until the first contact about a new matter: one row per segment,
-- kind of score (`low`: at most six tenths of its scale, a detractor on the scale from 0 to 10) and contacts that came
-- from $before_from to $before_until weeks before the answer (`contacts_before`: 0 to 3, for more too). Weeks count from
-- $from_week to before $until_week after the week of the answer, while the customer's spell lasts, and `events` how many
-- of them brought the contact. A contact is about a new matter where the customer had none in the $window_days days
-- before it. A score without the ends of its scale counts only where they are known from its metric (nps).
-- Reads surveys, contacts, churn_spells, stitched_contacts and cancellation_reasons.
with answers as (
    select
        coalesce(surveys.customer_key, contacts.customer_key) as customer_key,
        cast(
            floor(
                (coalesce(surveys.answered_seconds, surveys.asked_seconds) - 86400 * $observed_from_day) / 604800.0
            ) as bigint
        ) as week,
        surveys.direction,
        surveys.score,
        case when surveys.metric = 'nps' then coalesce(surveys.scale_low, 0) else surveys.scale_low end as scale_low,
        case when surveys.metric = 'nps' then coalesce(surveys.scale_high, 10) else surveys.scale_high end as scale_high
    from surveys
    left join contacts on contacts.contact_id = surveys.contact_id
    where surveys.metric in ('nps', 'csat', 'ces') and surveys.score is not null
),
scored as (
    select
        customer_key,
        week,
        case
            when direction = 'lower_is_better' then scale_high - score
            else score - scale_low
        end <= 0.6 * (scale_high - scale_low) as low
    from answers
    where customer_key is not null and week >= 0 and scale_high > scale_low
),
ordered as (
    select
        customer_key,
        week,
        low,
        row_number() over (partition by customer_key order by week, case when low then 0 else 1 end) as place
    from scored
),
calls as (
    select
        customer_key,
        cast(floor((started_day - $observed_from_day) / 7.0) as bigint) as week,
        coalesce(previous_any_seconds <= 86400 * $window_days, false) as repeats
    from stitched_contacts
    where direction = 'inbound' and identified and not coalesce(abandoned, false)
        and not coalesce(reason in (select reason from cancellation_reasons), false)
),
first_answers as (
    select ordered.customer_key, ordered.week, ordered.low, count(calls.week) as contacts_before
    from ordered
    left join calls on calls.customer_key = ordered.customer_key
        and calls.week >= ordered.week - $before_from
        and calls.week <= ordered.week - $before_until
    where ordered.place = 1
    group by ordered.customer_key, ordered.week, ordered.low
),
watched as (
    select
        churn_spells.customer_key,
        churn_spells.segment,
        ordered.low,
        case when contacts_before > 3 then 3 else contacts_before end as contacts_before,
        case
            when ordered.week + $from_week > entry_week then ordered.week + $from_week
            else entry_week
        end as first_week,
        case
            when ordered.week + $until_week - 1 < last_week then ordered.week + $until_week - 1
            else last_week
        end as final_week
    from first_answers as ordered
    join churn_spells on churn_spells.customer_key = ordered.customer_key
    where ordered.week <= last_week
),
followed as (
    select
        watched.customer_key,
        watched.segment,
        watched.low,
        watched.contacts_before,
        watched.first_week,
        watched.final_week,
        min(calls.week) as contact_week
    from watched
    left join calls on calls.customer_key = watched.customer_key
        and not calls.repeats
        and calls.week >= watched.first_week
        and calls.week <= watched.final_week
    where watched.final_week >= watched.first_week
    group by
        watched.customer_key,
        watched.segment,
        watched.low,
        watched.contacts_before,
        watched.first_week,
        watched.final_week
)
select
    segment,
    low,
    contacts_before,
    cast(sum(coalesce(contact_week, final_week) - first_week + 1) as bigint) as weeks,
    count(contact_week) as events,
    count(*) as customers
from followed
group by segment, low, contacts_before
