"""Files in and out of OCR: PDF pages, hOCR, searchable PDF, packed readings."""
