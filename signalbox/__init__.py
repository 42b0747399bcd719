"""Signalbox, the domain: plain Python that knows retail; imports neither Dagster nor Streamlit."""
