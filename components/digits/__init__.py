"""The digits' views."""
