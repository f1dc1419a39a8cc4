-- Judged contacts by reason and local day, over all that is covered: how much of one matter there is before and after a
-- day whoever makes contact. Default codes and labels of too few customers are left out.
-- Reads stitched_contacts.
select reason, started_day, count(contact_key) as contacts
from stitched_contacts
where judged and reason is not null and reason <> '(small)' and not coalesce(default_code, false)
group by reason, started_day
