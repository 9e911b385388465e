"""How well predicted quality agrees with ratings, and with which certainty.

Reads any table of rated faces, scores its pictures with the assessor and with the measures that
people use today, and reports agreement per head and per group with intervals over persons.
"""
