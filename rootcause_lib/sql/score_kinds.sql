-- Answers to surveys about contacts: one row per metric, scale and direction, with how many there are.
-- Reads surveys and contacts.
select
    surveys.metric,
    surveys.scale_low,
    surveys.scale_high,
    surveys.direction,
    cast(count(surveys.survey_id) as bigint) as answers
from surveys
join contacts on contacts.contact_id = surveys.contact_id
where surveys.score is not null
group by surveys.metric, surveys.scale_low, surveys.scale_high, surveys.direction
