-- One row per contact that was made of several rows; all others stay in contacts as they are. The merged
-- contact keeps the first row's key, channel, start and wait, the last row's end, reason and mark of
-- resolution, and the sums of handle time, wrap-up and cost (unknown where a row's is). Handing over between
-- rows is a transfer.
-- Reads contacts and leg_groups.
with placed as (
    select
        contacts.*,
        leg_groups.first_key,
        row_number() over (partition by leg_groups.first_key order by contacts.started_seconds, contacts.contact_id) as place,
        row_number() over (
            partition by leg_groups.first_key order by contacts.started_seconds desc, contacts.contact_id desc
        ) as place_from_end
    from contacts
    join leg_groups on leg_groups.contact_key = contacts.contact_key
)
select
    first_key as contact_key,
    coalesce(max(case when place = 1 then customer_key end), min(customer_key)) as customer_key,
    max(case when place = 1 then row_is end) as row_is,
    min(started_seconds) as started_seconds,
    max(ended_seconds) as ended_seconds,
    max(case when place = 1 then started_on end) as started_on,
    max(case when place = 1 then started_hour end) as started_hour,
    max(case when place = 1 then channel end) as channel,
    max(case when place = 1 then direction end) as direction,
    coalesce(max(case when place_from_end = 1 then reason end), max(reason)) as reason,
    coalesce(max(case when place_from_end = 1 then reason_group end), max(reason_group)) as reason_group,
    coalesce(max(case when place_from_end = 1 then agent_id end), max(agent_id)) as agent_id,
    coalesce(max(case when place_from_end = 1 then team end), max(team)) as team,
    max(case when place = 1 then wait_seconds end) as wait_seconds,
    case when count(handle_seconds) = count(contact_key) then sum(handle_seconds) end as handle_seconds,
    case when count(wrap_up_seconds) = count(contact_key) then sum(wrap_up_seconds) end as wrap_up_seconds,
    min(case when abandoned then 1 when not abandoned then 0 end) = 1 as abandoned,
    case
        when max(case when place = 1 then row_is end) = 'message' then cast(sum(transfers) as bigint)
        when coalesce(cast(sum(transfers) as bigint), 0) > count(contact_key) - 1 then cast(sum(transfers) as bigint)
        else cast(count(contact_key) - 1 as bigint)
    end as transfers,
    max(case when place_from_end = 1 and resolved then 1 when place_from_end = 1 and not resolved then 0 end) = 1
        as resolved,
    max(case when reopened then 1 when not reopened then 0 end) = 1 as reopened,
    max(case when place = 1 then case_id end) as case_id,
    case when count(cost) = count(contact_key) then sum(cost) end as cost,
    sum(revenue) as revenue,
    max(case when place = 1 and complained then 1 when place = 1 and not complained then 0 end) = 1 as complained,
    max(case when repeated_information then 1 when not repeated_information then 0 end) = 1
        as repeated_information,
    count(contact_key) as legs
from placed
group by first_key
