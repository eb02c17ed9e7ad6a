"""Charts: numbers to rows of characters. NumPy only; neither screens nor runs are known here.

A `series.Series` takes numbers in as they arrive; `line.draw`, `heat.heat`, `histogram.histogram` give a
`frame.Frame` of characters and style numbers; `spark.spark` and `image.image` give text. From the inside
out: `buckets` (what is kept of a stretch of rows), `rows` (where rows come from), `columns` (which steps
a column has), `series`, `smooth`, `xmap` (x other than steps), `axes` and `ticks`, `canvas` (dots),
`trace` (a curve as dots), `compose` (several), `paper` (what is not data), `marks` (legend, flags,
cursor), `view` (what is asked for).
"""
