-- Contacts of those who left by choice, counted back by whole weeks of seven days from two days each (`clock`): notice
-- and the leaving date (known by $observed_until_day), week 0 ending on that day. One row per clock and week, less than
-- $most_weeks back, with contacts, the sum of squares of each customer's, and how many were to cancel; and one per clock
-- and furthest whole week that customers were there and seen since $observed_from_day, with how many `customers`.
-- Reads churn_spells, stitched_contacts and cancellation_reasons.
with ends as (
    select customer_key, spell, joined_day, 'notice' as clock, stop_day as end_day
    from churn_spells
    where left_by_choice
    union all
    select customer_key, spell, joined_day, 'leaving' as clock, left_day as end_day
    from churn_spells
    where left_by_choice and left_day is not null and left_day <= $observed_until_day
),
seen as (
    select
        *,
        cast(
            floor(
                (
                    end_day + 1
                    - case when joined_day > $observed_from_day then joined_day else $observed_from_day end
                ) / 7.0
            ) as bigint
        ) as whole_weeks
    from ends
),
counted as (
    select
        clock,
        seen.customer_key,
        spell,
        cast(floor((end_day - started_day) / 7.0) as bigint) as weeks_before,
        count(*) as contacts,
        sum(case when reason in (select reason from cancellation_reasons) then 1 else 0 end) as to_cancel
    from seen
    join stitched_contacts on stitched_contacts.customer_key = seen.customer_key
    where direction = 'inbound' and identified and not coalesce(abandoned, false) and started_day <= end_day
        and end_day - started_day < 7 * whole_weeks
    group by clock, seen.customer_key, spell, cast(floor((end_day - started_day) / 7.0) as bigint)
),
watched as (
    select clock, case when whole_weeks > $most_weeks then $most_weeks else whole_weeks end as weeks
    from seen
    where whole_weeks > 0
)
select
    clock,
    weeks_before,
    cast(0 as bigint) as customers,
    cast(sum(contacts) as bigint) as contacts,
    cast(sum(contacts * contacts) as double) as squares,
    cast(sum(to_cancel) as bigint) as to_cancel
from counted
where weeks_before < $most_weeks
group by clock, weeks_before
union all
select
    clock,
    weeks - 1 as weeks_before,
    count(*) as customers,
    cast(0 as bigint) as contacts,
    cast(0 as double) as squares,
    cast(0 as bigint) as to_cancel
from watched
group by clock, weeks - 1
