"""The Streamlit adapter: pages that read the serving snapshot and the cases database only."""
