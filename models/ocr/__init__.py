"""Reading text in pictures. The way of a picture, in the order of its stages:

prepare/             what the visitor does to it first: turn, straighten, crop, black and white
ppocr, tesseract     the two engines; each reads a picture into a `boxes.Reading`, announced and timed by `stages`
lines/detection      PP-OCR: where there is text; line_ends, speckle and crop belong to it
lines/stacked        words whose letters stand one below the other
lines/upright        which way up the picture lies
lines/recognition    what each line says, letter by letter; words cuts it, unread and script report what was not read
lines/gutters        lines that were joined across two columns
layout/order         the order of reading, by columns
layout/arrange       text from the boxes by one of five rules, the fitting one by layout/suitability
codes, found         bar codes; links, dates, phone numbers and amounts in the text
files/               text, JSON, hOCR and searchable PDF out; pages of PDF in
"""
