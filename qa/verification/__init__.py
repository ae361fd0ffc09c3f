"""Whether a sentence is said by the passages it cites: by rules over words, numbers, dates and names, with no model.

The rules err to one side. What they let through, the articles say in nearly these words; of what they do not let
through, much may be true.
"""
