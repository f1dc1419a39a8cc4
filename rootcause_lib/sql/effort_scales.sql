-- Questions of effort asked in a period, by the scale they were asked on: one row per scale and direction, with how many
-- were asked and how many answered. Versions are not one question: their scales run against each other.
-- Reads surveys.
select
    scale_low,
    scale_high,
    direction,
    cast(count(survey_id) as bigint) as asked,
    cast(count(score) as bigint) as answers
from surveys
where metric = 'ces'
    and cast(date_diff('day', cast('1970-01-01' as date), coalesce(answered_on, asked_on)) as bigint)
        between $start_day and $end_day
group by scale_low, scale_high, direction
