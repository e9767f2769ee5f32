"""The static page: reads marts, gate and results by the paths it is given and writes HTML, SVG and CSV.

Here: wording, figures, layout. Not here: any statistic, any join that changes a number's meaning,
anything about Dagster or about how a number was computed. ``report.site.build`` is the entrance.
"""
