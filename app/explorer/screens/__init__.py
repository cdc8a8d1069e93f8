"""The pages of the explorer, one file each; Streamlit runs them as scripts."""
