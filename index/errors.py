"""Everything that can go wrong, as one small tree. Every message names the cause and the remedy.

ArticleQAError
├── LoadError          a file or record could not be read; the rest of the batch goes on
├── IndexNotFound      there is no index where one was expected
├── IndexUnusable      a foreign, damaged or newer index folder
│   └── VectorsUnusable    only Chroma's part of it, which the ledger can make anew
├── IndexBusy          another process is writing to the index
├── ModelError         an embedding model is missing, altered or not the index's own
├── SettingsError      a setting has a value that makes no sense
└── QuestionError      a question that cannot be asked: empty, or far too long
"""


class ArticleQAError(Exception):
    """Base of all errors this project raises on purpose."""


class LoadError(ArticleQAError):
    """A file or a record in it could not be read as an article."""


class IndexNotFound(ArticleQAError):
    """No index exists at the given folder."""


class IndexUnusable(ArticleQAError):
    """The folder holds something else, or an index this version cannot use."""


class VectorsUnusable(IndexUnusable):
    """Chroma's files are damaged; the next change to the index makes them anew from the ledger."""


class IndexBusy(ArticleQAError):
    """Another process holds the index's write lock."""


class ModelError(ArticleQAError):
    """The embedding model is missing, altered, or not the one the index was built with."""


class SettingsError(ArticleQAError):
    """A setting has a value that makes no sense."""


class QuestionError(ArticleQAError):
    """The question is empty or too long to be one."""
