"""Question answering over articles, every answer bound to verbatim quotes.

import qa
answer = qa.ask("Who did Lukashenko ask for help?", index="articles.index")
"""

from index.article import Article
from index.errors import (
    ArticleQAError,
    IndexBusy,
    IndexNotFound,
    IndexUnusable,
    ModelError,
    QuestionError,
    SettingsError,
)
from index.report import Problem, Progress, Report
from index.search import Passage
from qa.answer import Answer, Citation, Statement
from qa.conversation import Conversation
from qa.reader import Evidence, Reader, Reading
from qa.session import QA, ask
from qa.settings import Settings
from qa.turn import Turn

__all__ = [
    "QA",
    "Answer",
    "Article",
    "ArticleQAError",
    "Citation",
    "Conversation",
    "Evidence",
    "IndexBusy",
    "IndexNotFound",
    "IndexUnusable",
    "ModelError",
    "Passage",
    "Problem",
    "Progress",
    "QuestionError",
    "Reader",
    "Reading",
    "Report",
    "Settings",
    "SettingsError",
    "Statement",
    "Turn",
    "ask",
]
