"""How much of what articles say the verifier lets through, and how much of what they do not say.

    python -m tests.bench.verifying [--articles JSONL[.gz]] [--limit N] [--show N]

Sentences of articles, whole, shortened and reworded by rule, should be verified against the passage they stand in; the
same with a name, a number or a date exchanged, negated, turned round or held against another article should not.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from index.article import Article
from index.intake import article_of
from index.loaders import article_files, read_articles
from index.loaders.record import Record
from index.search import Passage
from index.sentences import sentence_spans
from qa.verification.claim import Claim
from qa.verification.verify import Verifier
from qa.verification.words import words_of

_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|will|would|can|could)\b(?! not)")
_IN_WORDS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}
_PASSAGE = 1200

Change = Callable[[str, Article, random.Random], str | None]


def whole(sentence: str, article: Article, rng: random.Random) -> str | None:
    """The sentence as it is."""
    return sentence


def shortened(sentence: str, article: Article, rng: random.Random) -> str | None:
    """What stands before its first comma, if that is enough to be a sentence."""
    first = re.split(r", |; | – ", sentence)[0]
    return f"{first}." if first != sentence and len(first.split()) >= 6 else None


def attributed(sentence: str, article: Article, rng: random.Random) -> str | None:
    """In the words of somebody who reports it."""
    return f"According to the article, {sentence}"


def respelled(sentence: str, article: Article, rng: random.Random) -> str | None:
    """Numbers in figures, percent as a sign."""
    other = re.sub(r"\b(" + "|".join(_IN_WORDS) + r")\b", lambda match: _IN_WORDS[match[1]], sentence)
    other = re.sub(r" per ?cent\b", "%", other)
    return other if other != sentence else None


def other_number(sentence: str, article: Article, rng: random.Random) -> str | None:
    """A number exchanged for another one of the article, or the next."""
    figures = [
        match for match in re.finditer(r"(?<![\w.,])\d[\d,.]*(?![\w])", sentence) if match[0].strip(".,").isdecimal()
    ]
    if not figures:
        return None
    match = rng.choice(figures)
    there = set(re.findall(r"(?<![\w.,])\d+(?![\w,.])", article.text))
    mine = set(re.findall(r"\d+", sentence))
    other = rng.choice(sorted(there - mine) or [str(int(match[0].strip(".,")) + 1)])
    return sentence[: match.start()] + other + sentence[match.start() + len(match[0].strip(".,")) :]


def other_name(sentence: str, article: Article, rng: random.Random) -> str | None:
    """A name exchanged for another one of the same article."""
    mine = Claim(sentence).names
    theirs = {name[-1].text for name in Claim(article.text).names if len(name[-1].text) > 3}
    spoken = {word.key for word in words_of(sentence)}
    others = sorted(one for one in theirs if not {word.key for word in words_of(one)} & spoken)
    if not mine or not others:
        return None
    word = rng.choice(mine)[-1]
    return sentence[: word.start] + rng.choice(others) + sentence[word.end :]


def negated(sentence: str, article: Article, rng: random.Random) -> str | None:
    """With a "not" behind its first auxiliary verb."""
    other = _AUXILIARY.sub(r"\1 not", sentence, count=1)
    return other if other != sentence else None


def turned_round(sentence: str, article: Article, rng: random.Random) -> str | None:
    """Its first two names, one before and one behind a verb, exchanged."""
    names = Claim(sentence).names
    if len(names) < 2 or not re.search(
        r"\b\w+(?:ed|s|t|ew)\b (?:\w+ ){0,2}$", sentence[names[0][-1].end : names[1][0].start]
    ):
        return None
    (a, b), (c, d) = ((name[0].start, name[-1].end) for name in names[:2])
    return sentence[:a] + sentence[c:d] + sentence[b:c] + sentence[a:b] + sentence[d:]


def elsewhere(sentence: str, article: Article, rng: random.Random) -> str | None:
    """As it is, but held against another article."""
    return sentence


SAID: tuple[Change, ...] = (whole, shortened, attributed, respelled)
NOT_SAID: tuple[Change, ...] = (other_number, other_name, negated, turned_round, elsewhere)


def sentences(articles: list[Article], rng: random.Random, limit: int) -> Iterator[tuple[str, Article, Passage]]:
    """Sentences, and the passages they stand in."""
    places = [(article, span) for article in articles for span in sentence_spans(article.text)]
    rng.shuffle(places)
    for article, (start, end) in places[:limit]:
        sentence = article.text[start:end]
        if 6 <= len(sentence.split()) <= 40 and sentence[0].isupper() and sentence[-1] == ".":
            yield sentence, article, _around(article, start, end)


def _around(article: Article, start: int, end: int) -> Passage:
    spans = sentence_spans(article.text)
    begin = next(s for s, _ in spans if s >= start - _PASSAGE // 2)
    stop = max(e for _, e in spans if e <= max(end, start + _PASSAGE // 2))
    return Passage(article, begin, stop, 1.0, 1.0, 1.0, 1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=Path, help="JSONL with url, title, date and text; the seeds without it")
    parser.add_argument("--limit", type=int, default=2000, help="sentences to try")
    parser.add_argument("--show", type=int, default=0, help="examples of each kind that went wrong")
    options = parser.parse_args()
    articles, rng = _articles(options.articles), random.Random(0)
    tried, verified, shown = Counter[str](), Counter[str](), Counter[str]()
    for sentence, article, passage in sentences(articles, rng, options.limit):
        for change in (*SAID, *NOT_SAID):
            made = change(sentence, article, rng)
            if made is None:
                continue
            other = rng.choice(articles)
            against = Passage(other, 0, len(other.text), 1.0, 1.0, 1.0, 1) if change is elsewhere else passage
            if change is elsewhere and sentence in other.text:
                continue
            name = change.__name__
            holds = Verifier().check(made, [against]).verified
            tried[name] += 1
            verified[name] += holds
            if holds == (change in NOT_SAID) and shown[name] < options.show:
                shown[name] += 1
                print(f"{name}: {made}\n    of: {sentence}")
    print("| | sentences | verified |\n|---|---|---|")
    for change in (*SAID, *NOT_SAID):
        name = change.__name__
        if tried[name]:
            print(f"| {name.replace('_', ' ')} | {tried[name]:,} | {verified[name] / tried[name]:.1%} |")


def _articles(file: Path | None) -> list[Article]:
    """The articles of a file, or the seeds; nothing is indexed."""
    files = [file] if file else article_files(Path("seeds"))[0]
    return [
        article_of(record, str(path))[0]
        for path in files
        for record in read_articles(path, max_bytes=1 << 30)
        if isinstance(record, Record) and record.text.strip()
    ]


if __name__ == "__main__":
    main()
