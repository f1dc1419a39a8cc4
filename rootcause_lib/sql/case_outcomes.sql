-- What cases of two and more contacts took, by whether the customer's second attempt came by another channel (outcome
-- `switched`) or the same one (`stayed`): one row per case and measure (resolved: no third contact; contacts,
-- handle_seconds and cost of the whole case), and one per answer about a later contact of such a case. Channel, reason
-- and segment are those of the contact that opened it; `value` is what is averaged. Of cases seen from their opening to their end.
-- Reads cases, stitched_contacts and scored_contacts.
with opened as (
    select
        cases.contact_key,
        cases.customer_key,
        cast(cases.channel as varchar) as channel,
        cast(cases.reason as varchar) as reason,
        cast(cases.segment as varchar) as segment,
        cast(cases.contacts as double) as contacts,
        cases.handle_seconds,
        cases.full_cost,
        stitched_contacts.case_key,
        case
            when case $matching when 'any' then stitched_contacts.next_any_channel
                    when 'reason' then stitched_contacts.next_reason_channel
                    when 'case' then stitched_contacts.next_case_channel end = cases.channel
            then 'stayed'
            else 'switched'
        end as outcome
    from cases
    join stitched_contacts on stitched_contacts.contact_key = cases.contact_key
    where cases.contacts > 1
        and cases.opening_known
        and cases.complete
        and cases.started_day between $start_day and $end_day
),
answered as (
    select contact_key, customer_key, reason, case_key
    from scored_contacts
    where judged
    group by contact_key, customer_key, reason, case_key
),
belonging as (
    select answered.contact_key, max(cases.contact_key) as opening_key
    from answered
    join cases on cases.customer_key = answered.customer_key and cases.contact_key <= answered.contact_key
    where $matching <> 'case' and case when $matching = 'reason' then cases.reason = answered.reason else true end
    group by answered.contact_key
    union all
    select answered.contact_key, max(opened.contact_key) as opening_key
    from answered
    join opened on opened.case_key = answered.case_key
    where $matching = 'case'
    group by answered.contact_key
)
select contact_key, customer_key, customer_key as cluster_key, 'resolution' as metric,
    cast(null as double) as score, case when contacts = 2 then cast(1 as double) else 0 end as value,
    channel, reason, segment, cast(null as varchar) as problem, outcome, case_key, true as judged
from opened
union all
select contact_key, customer_key, customer_key as cluster_key, 'contacts' as metric,
    cast(null as double) as score, contacts as value,
    channel, reason, segment, cast(null as varchar) as problem, outcome, case_key, true as judged
from opened
union all
select contact_key, customer_key, customer_key as cluster_key, 'handle_seconds' as metric,
    cast(null as double) as score, handle_seconds as value,
    channel, reason, segment, cast(null as varchar) as problem, outcome, case_key, true as judged
from opened
where handle_seconds is not null
union all
select contact_key, customer_key, customer_key as cluster_key, 'cost' as metric,
    cast(null as double) as score, full_cost as value,
    channel, reason, segment, cast(null as varchar) as problem, outcome, case_key, true as judged
from opened
where full_cost is not null
union all
select opened.contact_key, opened.customer_key, opened.customer_key as cluster_key, scored_contacts.metric,
    cast(null as double) as score, scored_contacts.value,
    opened.channel, opened.reason, opened.segment, cast(null as varchar) as problem, opened.outcome, opened.case_key,
    true as judged
from belonging
join opened on opened.contact_key = belonging.opening_key
join scored_contacts on scored_contacts.contact_key = belonging.contact_key
where scored_contacts.contact_key > opened.contact_key and scored_contacts.metric in ('nps', 'csat', 'ces')
