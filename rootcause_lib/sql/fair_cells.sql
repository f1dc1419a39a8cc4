-- Answered inbound contacts by everything that channels are compared alike in: one row per combination, bucket of
-- customers and audited contact. Repeated on the tree for many outcomes (columns that begin with m_: how many were asked,
-- of how many it is known, how many are a yes). `failing`: something that goes wrong upstream was open for the
-- customer or had begun within $recent_seconds. `tenure`: the agent's at the contact, novice below $novice_days. An audited
-- contact is a row of its own (`audited_key`); no code and no segment are an empty one, and so
-- are all segments unless $by_segment. A contact of nobody known is a
-- customer of its own.
-- Reads agents, audits, contacts, leg_groups, normal_processes, process_events and stitched_contacts.
with failures as (
    select
        customer_key,
        started_seconds as from_seconds,
        case
            when ended_seconds is null and due_seconds is not null then $until_seconds
            when ended_seconds > started_seconds + $recent_seconds then ended_seconds
            else started_seconds + $recent_seconds
        end as until_seconds
    from process_events
    where customer_key is not null
        and not process in (select process from normal_processes where process is not null)
),
failing_contacts as (
    select stitched_contacts.contact_key
    from stitched_contacts
    join failures
        on failures.customer_key = stitched_contacts.customer_key
        and failures.from_seconds <= stitched_contacts.started_seconds
        and failures.until_seconds >= stitched_contacts.started_seconds
    where stitched_contacts.direction = 'inbound'
        and stitched_contacts.started_day between $start_day and $end_day
),
audited as (
    select distinct coalesce(leg_groups.first_key, contacts.contact_key) as contact_key
    from audits
    join contacts on contacts.contact_id = audits.contact_id
    left join leg_groups on leg_groups.contact_key = contacts.contact_key
),
hired as (
    select agent_id, max(cast(date_diff('day', cast('1970-01-01' as date), hired_on) as bigint)) as hired_day
    from agents
    where hired_on is not null
    group by agent_id
),
facts as (
    select
        coalesce(stitched_contacts.customer_key, 0 - stitched_contacts.contact_key) as cluster_key,
        stitched_contacts.channel,
        coalesce(stitched_contacts.reason, '') as reason,
        case when $by_segment then coalesce(stitched_contacts.segment, '') else '' end as segment,
        case when stitched_contacts.contact_key in (select contact_key from failing_contacts) then 1 else 0 end
            as failing,
        case
            when hired.hired_day is null then 'unknown'
            when stitched_contacts.started_day - hired.hired_day < $novice_days then 'novice'
            else 'experienced'
        end as tenure,
        audited.contact_key as audited_key,
        coalesce($asked, false) as m_asked,
        coalesce($known, false) as m_known,
        $measure as m_measure
    from stitched_contacts
    left join hired on hired.agent_id = stitched_contacts.agent_id
    left join audited on audited.contact_key = stitched_contacts.contact_key
    where stitched_contacts.direction = 'inbound'
        and not coalesce(stitched_contacts.abandoned, false)
        and stitched_contacts.started_day between $start_day and $end_day
)
select
    cluster_key - cast(floor(cluster_key / $buckets) as bigint) * $buckets as bucket,
    channel,
    reason,
    segment,
    cast(failing as bigint) as failing,
    tenure,
    audited_key,
    cast(count(cluster_key) as bigint) as contacts,
    cast(sum(case when m_asked then 1 else 0 end) as bigint) as m_asked,
    cast(sum(case when m_asked and m_known and m_measure is not null then 1 else 0 end) as bigint) as m_known,
    cast(sum(case when m_asked and m_known then m_measure end) as bigint) as m_yes
from facts
group by
    cluster_key - cast(floor(cluster_key / $buckets) as bigint) * $buckets,
    channel, reason, segment, failing, tenure, audited_key
