"""From boxes to text as a person would type it: columns, paragraphs, tables, code."""
