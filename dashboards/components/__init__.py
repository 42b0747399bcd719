"""Parts of pages: each takes values and gives HTML, or draws with Streamlit; none reads data."""
