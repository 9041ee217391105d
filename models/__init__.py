"""Models, engine and data of Limelight. No Streamlit in here: usable from a plain Python shell."""

from models.runtime import threads

threads.limit()
