-- Standard paths of a process.
select path_name, path
from process_path
where process = $process
