-- What the client's own system notes of answered contacts: one row with how many have its mark of resolution
-- (`resolved`), a count of transfers (`transfers`), a mark of reopening (`reopened`), and each two or all three of them;
-- and of how many inbound attempts it is known whether they were abandoned (`abandoned`).
-- Reads stitched_contacts.
select
    cast(count(case when not coalesce(abandoned, false) then resolved end) as bigint) as resolved,
    cast(count(case when not coalesce(abandoned, false) then transfers end) as bigint) as transfers,
    cast(count(case when not coalesce(abandoned, false) then reopened end) as bigint) as reopened,
    cast(count(case when not coalesce(abandoned, false) and transfers is not null then resolved end) as bigint)
        as resolved_transfers,
    cast(count(case when not coalesce(abandoned, false) and reopened is not null then resolved end) as bigint)
        as resolved_reopened,
    cast(count(case when not coalesce(abandoned, false) and transfers is not null then reopened end) as bigint)
        as transfers_reopened,
    cast(count(
        case when not coalesce(abandoned, false) and transfers is not null and reopened is not null then resolved end
    ) as bigint) as resolved_transfers_reopened,
    cast(count(abandoned) as bigint) as abandoned
from stitched_contacts
where direction = 'inbound' and started_day between $start_day and $end_day
