-- Segments that customers belong to: one row per segment, with how many spells. No segment is an empty one.
-- Reads spells.
select coalesce(segment, '') as segment, cast(count(customer_key) as bigint) as spells
from spells
group by coalesce(segment, '')
