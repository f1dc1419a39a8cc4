-- How busy the customers behind the watched contacts are by themselves: one row per cell, number of their
-- other contacts, days in which those could lie and the window of the contact's matter, with the count of such
-- contacts.
-- Reads recontact_ways.
select
    cells,
    other_contacts,
    own_days,
    open_days as observed_days,
    cast(count(own_days) as bigint) as contacts
from recontact_ways
where open_days is not null
group by cells, other_contacts, own_days, open_days
