"""Follow-up questions: `python -m tests.bench.conversation --data FOLDER [--own]`.

FOLDER holds `cast-2021.json`, the conversations of TREC CAsT 2021 (Dalton, Xiong & Callan, 2021). All their passages
are indexed, each as an article, and the passage that answers a turn is to be found. Of the turns before it is known
what was typed, what query we made of that, and what was answered: the canonical passage, as CAsT 2021 defines it, or,
with `--own`, what our reader cited.

The weights of `qa.subject` are fitted on the hand-written rewrites in six folds: no conversation is measured with
weights that have seen it. The last line gives those fitted on all, which are in use. The few other constants, there and
in `index.search`, are coarse, but were chosen on the same conversations. CAsT does not mark where the subject changes,
so changes are made: the first question of each conversation is asked once more behind the conversation before it.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import index.search
import qa
from qa.standalone import discussed, standalone
from qa.turn import Turn
from tests.bench.cast import Conversation, Said, Weights, fit, read

FOLDS = 6
DEPTH = 100
COLUMNS = ("first turns", "follow-ups", "after a change of subject")


@dataclass(frozen=True, slots=True)
class Place:
    """A turn to be measured: the turns before it, its column, and the weights of its fold."""

    before: Sequence[Turn]
    said: Said
    column: str
    weights: Weights


Asked = tuple[str, Collection[str]]
"""What is searched for, and the articles to favour."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with cast-2021.json")
    parser.add_argument("--own", action="store_true", help="what was answered before is what our reader cited")
    parser.add_argument("--show", action="store_true", help="print our query of each turn")
    options = parser.parse_args()
    conversations = read(options.data)
    with tempfile.TemporaryDirectory() as folder:
        texts = dict.fromkeys(said.passage for turns in conversations for said in turns)
        articles = Path(folder) / "articles.jsonl"
        articles.write_text(
            "".join(
                json.dumps({"url": f"https://cast.example/{number}", "text": text}) + "\n"
                for number, text in enumerate(texts)
            )
        )
        with qa.QA.open(Path(folder) / "cast.index", create=True) as session:
            session.add(articles)
            bench = Bench(session, list(_places(session, conversations, own=options.own)))
            if options.show:
                bench.show()
            bench.table()
    weights, constant = fit(conversations)
    print("WEIGHTS =", type(weights)(*(round(weight, 2) for weight in weights)))
    print("CONSTANT =", round(constant, 2))


def _places(session: qa.QA, conversations: Sequence[Conversation], *, own: bool) -> Iterable[Place]:
    ids = {" ".join(article.text.split()): article.id for article in session.articles()}
    folds = [
        fit([turns for number, turns in enumerate(conversations) if number % FOLDS != fold]) for fold in range(FOLDS)
    ]
    kept: list[list[Turn]] = []
    for number, conversation in enumerate(conversations):
        weights = folds[number % FOLDS]
        turns: list[Turn] = []
        for said in conversation:
            place = Place(tuple(turns), said, COLUMNS[bool(turns)], weights)
            yield place
            query, favour = ours(place)
            if own:
                turns.append(Turn.of(session.ask(said.utterance, query=query, favour=favour)))
            else:
                article = ids[" ".join(said.passage.split())]
                turns.append(Turn(said.utterance, query, None, (said.passage,), (article,)))
        kept.append(turns)
    for number, conversation in enumerate(conversations):
        yield Place(kept[number - 1], conversation[0], COLUMNS[2], folds[number % FOLDS])


def ours(place: Place) -> Asked:
    """The question as a conversation of ours would search for it."""
    weights, constant = place.weights
    query = standalone(place.said.utterance, place.before, weights=weights, constant=constant)
    return str(query), discussed(place.said.utterance, place.before)


def _behind(turns: Callable[[Sequence[Turn]], Sequence[Turn]]) -> Callable[[Place], Asked]:
    """The question behind some of those before it."""
    return lambda place: (" ".join([*(turn.question for turn in turns(place.before)), place.said.utterance]), ())


def _by_hand(place: Place) -> Asked:
    return place.said.rewritten, ()


_bare = _behind(lambda turns: ())


class Bench:
    """The turns to be measured, and the index that they are measured on."""

    def __init__(self, session: qa.QA, places: Sequence[Place]) -> None:
        self._session = session
        self._places = places

    def show(self) -> None:
        """Print what is made of each turn."""
        for place in self._places:
            print(f"{place.said.id:6} {place.said.utterance}\n       {ours(place)[0]}")

    def table(self) -> None:
        """Print all figures."""
        head = " | ".join(f"{column}: MRR | recall@10" for column in COLUMNS)
        print(f"\n| {len(self._places)} turns | {head} |\n|---|" + "---|" * 2 * len(COLUMNS))
        bare = self._row("as typed", _bare)
        self._row("behind the first question", _behind(lambda turns: turns[:1]))
        self._row("behind the one before", _behind(lambda turns: turns[-1:]))
        self._row("behind all before", _behind(lambda turns: turns))
        made = self._row("made standalone", ours)
        hand = self._row("written out by hand", _by_hand)
        shares = [(our - low) / (high - low) for our, low, high in zip(made, bare, hand, strict=True) if high > low]
        print("| share of the difference | | | " + " | ".join(f"{share:.0%}" for share in shares[-2:]) + " | | |")
        print("\nThe same with as much weight on the vectors as follow-ups get:\n")
        usual, index.search._DENSE_WEIGHT = index.search._DENSE_WEIGHT, index.search._DENSE_WEIGHT_ABOUT
        self._row("as typed", _bare)
        self._row("written out by hand", _by_hand)
        index.search._DENSE_WEIGHT = usual

    def _row(self, name: str, asked: Callable[[Place], Asked]) -> list[float]:
        ranks: dict[str, list[float]] = {column: [] for column in COLUMNS}
        for place in self._places:
            ranks[place.column].append(self._rank(*asked(place), place.said.passage))
        figures = [
            figure
            for of_column in ranks.values()
            for figure in (
                statistics.mean(1 / rank for rank in of_column),
                statistics.mean(rank <= 10 for rank in of_column),
            )
        ]
        print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |", flush=True)
        return figures

    def _rank(self, query: str, favour: Collection[str], passage: str) -> float:
        """The rank of the passage among the articles found; infinite if it is not."""
        found = self._session.index.search(query, limit=DEPTH, favour=favour)
        texts = list(dict.fromkeys(" ".join(one.article.text.split()) for one in found))
        wanted = " ".join(passage.split())
        return texts.index(wanted) + 1 if wanted in texts else float("inf")


if __name__ == "__main__":
    main()
