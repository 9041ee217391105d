"""Language models: from counting letters to a transformer, behind one interface (language_model.py)."""
