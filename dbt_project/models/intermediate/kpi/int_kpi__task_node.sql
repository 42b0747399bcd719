-- One row a location that tells of its picks: of others it cannot be said that a pick is late.
select distinct location_id
from {{ ref('stg_wms__wms_task') }}
where task_type = 'pick'
