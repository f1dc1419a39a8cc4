-- How long customers stay: one row per segment and whole weeks since joining (`stayed`, empty where the day of joining
-- is not known), with how many spells came into view then (`entered`) and how many were last seen then (`ended`): by
-- choice, by no choice (in the week after), or here still. `weeks` they were seen for, all weeks of those that ended.
-- Of those here still: how many have a monthly margin, its sum and the sum of its squares.
-- Reads churn_spells.
with turns as (
    select
        segment,
        entry_week - joined_week as stayed,
        1 as entered,
        0 as ended,
        0 as weeks,
        0 as left_by_choice,
        0 as left_otherwise,
        0 as here,
        cast(null as double) as margin
    from churn_spells
    union all
    select
        segment,
        last_week - joined_week as stayed,
        0 as entered,
        1 as ended,
        last_week - entry_week + 1 as weeks,
        case when left_by_choice then 1 else 0 end as left_by_choice,
        case when ending = 'not_choice' then 1 else 0 end as left_otherwise,
        case when ending = 'stayed' then 1 else 0 end as here,
        case when ending = 'stayed' then monthly_margin end as margin
    from churn_spells
)
select
    segment,
    stayed,
    cast(sum(entered) as bigint) as entered,
    cast(sum(ended) as bigint) as ended,
    cast(sum(weeks) as bigint) as weeks,
    cast(sum(left_by_choice) as bigint) as left_by_choice,
    cast(sum(left_otherwise) as bigint) as left_otherwise,
    cast(sum(here) as bigint) as here,
    cast(count(margin) as bigint) as with_margin,
    sum(margin) as margin,
    sum(margin * margin) as margin_squares
from turns
group by segment, stayed
