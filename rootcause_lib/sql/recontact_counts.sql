-- How many contacts ended being watched in which way: one row per cell and way.
-- Reads recontact_ways.
select cells, way, cast(count(way) as bigint) as contacts
from recontact_ways
group by cells, way
