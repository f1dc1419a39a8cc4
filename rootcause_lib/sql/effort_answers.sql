-- Sums for how many found it hard: one row, with the sums that give a customer-robust interval. Of answers of a period
-- to the question of effort on the scale from $scale_low to $scale_high; hard is beyond the middle of it, above where
-- $hard_is_high = 1, below where not. An answer of nobody known counts by itself.
-- Reads surveys and shared_customers.
with answers as (
    select
        case when not customer_key in (select customer_key from shared_customers) then customer_key end as customer_key,
        survey_id,
        case
            when $hard_is_high = 1 and 2 * score > $scale_low + $scale_high then 1
            when $hard_is_high = 0 and 2 * score < $scale_low + $scale_high then 1
            else 0
        end as hard
    from surveys
    where metric = 'ces'
        and score is not null
        and scale_low = $scale_low
        and scale_high = $scale_high
        and direction = case when $hard_is_high = 1 then 'lower_is_better' else 'higher_is_better' end
        and cast(date_diff('day', cast('1970-01-01' as date), coalesce(answered_on, asked_on)) as bigint)
            between $start_day and $end_day
),
per_customer as (
    select cast(sum(hard) as double) as hard, cast(count(survey_id) as double) as answers
    from answers
    group by customer_key, case when customer_key is null then survey_id end
)
select
    sum(hard) as value,
    sum(answers) as weight,
    cast(count(answers) as bigint) as clusters,
    sum(hard * hard) as value_value,
    sum(hard * answers) as value_weight,
    sum(answers * answers) as weight_weight
from per_customer
