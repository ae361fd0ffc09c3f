"""How the reader's weights were made: prepare, train, export, evaluate, one command each (`qa/models/README.md`).

Nothing here is imported at question time.
"""
