"""Measures answers on questions whose answers are known. The modules in reading order:

questions, scores, outcome, corpus, run, calibration, figures, table, curves
"""
