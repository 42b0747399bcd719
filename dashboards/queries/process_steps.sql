-- Steps of a process in their order.
select activity, label
from process_step
where process = $process
order by step_no
