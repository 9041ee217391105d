"""Everything that says `st.`, shared by the pages."""
