"""Functions from a small, already summed frame to a Plotly figure; none reads data or draws on a page."""
