"""What users of the package can rely on."""

import subprocess
import sys

import qa

HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "onnxruntime",
    "chromadb",
    "gradio",
    "langchain_core",
    "numpy",
}


def test_the_public_names_are_these() -> None:
    assert sorted(qa.__all__) == [
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
        "QA",
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
    assert all(hasattr(qa, name) for name in qa.__all__)


def imported_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_importing_qa_loads_nothing_heavy() -> None:
    assert not imported_by("import qa") & HEAVY


def test_asking_loads_no_torch(seed_index: object) -> None:
    question = f"import qa; qa.ask('Who did Lukashenko ask for help?', index={str(seed_index)!r})"
    assert not imported_by(question) & {"torch", "transformers", "sentence_transformers", "gradio"}
