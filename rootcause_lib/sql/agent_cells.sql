-- Contacts of each team or agent by the matters they were given, for metrics of contacts: one row per combination of
-- `cells` (columns that begin with m_ are repeated for every metric). `follows`: the customer had been in contact within
-- $window_days before.
-- Reads stitched_contacts.
with given as (
    select
        stitched_contacts.*,
        coalesce(previous_any_seconds <= $window_days * 86400, false) as follows
    from stitched_contacts
    where started_day between $start_day and $end_day
        and direction = 'inbound'
        and team is not null
        and team <> '(small)'
),
facts as (
    select
        cells,
        case when $asked then 1 else 0 end as m_asked,
        case when $known then 1 else 0 end as m_known,
        $measure as m_measure
    from given
)
select
    cells,
    cast(sum(case when m_asked = 1 and m_known = 1 then m_measure end) as double) as m_value,
    cast(count(case when m_asked = 1 and m_known = 1 and m_measure is not null then 1 end) as double) as m_weight,
    cast(count(case when m_asked = 1 and (m_known = 0 or m_measure is null) then 1 end) as double) as m_unobserved
from facts
group by cells
