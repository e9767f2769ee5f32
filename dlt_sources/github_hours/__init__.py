"""Hour files of public GitHub events: what an event is, how it is read and what is counted of it.

One definition for every engine: ``definition`` says what a row is, ``generations`` reads one event of any
year, ``scan`` a file on one core, ``reduction`` makes the tables. Knows no archive and no lake.
"""
