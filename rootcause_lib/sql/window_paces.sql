-- What a class of pace is made of: one row per class, number of other contacts (or other cases, as $pace says), days
-- in which those could lie and longest window at which the contacts open a case (0 for paces by cases, which are asked
-- of every contact), with the count of contacts.
-- Reads window_ways.
select
    case when $pace = 'cases' then case_pace else contact_pace end as pace,
    case when $pace = 'cases' then other_cases else other_contacts end as others,
    case when $pace = 'cases' then open_days else watched_days end as days,
    case when $pace = 'cases' then 0 else opens_days end as opens_days,
    cast(count(way) as bigint) as contacts
from window_ways
where contact_pace is not null
group by
    case when $pace = 'cases' then case_pace else contact_pace end,
    case when $pace = 'cases' then other_cases else other_contacts end,
    case when $pace = 'cases' then open_days else watched_days end,
    case when $pace = 'cases' then 0 else opens_days end
