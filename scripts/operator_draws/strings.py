"""Strings."""
import numpy as np

from .parts import Draw, broadcast_partner, draws, flag, maybe, pick, positive_shape, shape

WORDS = ("a", "B", "the", "The", "x y", "é", "", "Über", "3.5", "-2", "ab,cd", " pad ", "日本", "aa", "a-b-c")


def words(rng, dims, choices=WORDS):
    return np.array([str(pick(rng, *choices)) for _ in range(int(np.prod(dims)))], dtype=object).reshape(dims)


@draws("StringConcat")
def string_concat(rng, name):
    dims = shape(rng)
    return Draw(name, 20, [words(rng, dims), words(rng, broadcast_partner(rng, dims))])


@draws("StringSplit")
def string_split(rng, name):
    attributes = {}
    maybe(rng, attributes, "delimiter", pick(rng, "", "-", ",", "ab", " "))
    maybe(rng, attributes, "maxsplit", int(rng.integers(0, 3)), 0.4)
    return Draw(name, 20, [words(rng, shape(rng, 0, 3, 3))], attributes, 2)


@draws("RegexFullMatch")
def regex_full_match(rng, name):
    return Draw(name, 20, [words(rng, shape(rng))], {"pattern": pick(
        rng, "a", ".*", "[A-Za-z]+", r"\w+", r"-?\d+(\.\d+)?", "(a|b)*", "", "(?i)THE", r"\s.*", "[^,]+,[^,]+")})


@draws("StringNormalizer")
def string_normalizer(rng, name):
    attributes = {}
    maybe(rng, attributes, "case_change_action", pick(rng, "LOWER", "UPPER", "NONE"))
    maybe(rng, attributes, "is_case_sensitive", pick(rng, 0, 1))
    maybe(rng, attributes, "stopwords", [str(w) for w in words(rng, (2,), ("the", "a", "B", "é"))])
    dims = positive_shape(rng, 1) if flag(rng) else (1, *positive_shape(rng, 1))
    return Draw(name, 10, [words(rng, dims)], attributes)


@draws("TfIdfVectorizer")
def tfidf(rng, name):
    least = int(rng.integers(1, 3))
    most = int(rng.integers(least, 4))
    grams = {n: sorted({tuple(int(v) for v in rng.integers(0, 4, n)) for _ in range(3)}) for n in range(1, 4)}
    pool, starts = [], []
    for n in range(1, most + 1):
        starts.append(len(pool))
        pool += [v for gram in grams[n] for v in gram]
    total = sum(len(grams[n]) for n in range(1, most + 1))
    attributes = {"min_gram_length": least, "max_gram_length": most, "max_skip_count": int(rng.integers(0, 3)),
                  "mode": pick(rng, "TF", "IDF", "TFIDF"), "ngram_counts": starts,
                  "ngram_indexes": [int(i) for i in rng.permutation(total)]}
    maybe(rng, attributes, "weights", [float(w) for w in np.round(rng.uniform(0.2, 2, total), 2)])
    tokens = rng.integers(0, 4, positive_shape(rng, int(rng.integers(1, 3)), 6))
    if flag(rng):
        letters = np.array(["p", "q", "r", "s"], dtype=object)
        attributes["pool_strings"] = [str(letters[v]) for v in pool]
        return Draw(name, 9, [letters[tokens]], attributes)
    attributes["pool_int64s"] = pool
    return Draw(name, 9, [tokens.astype(pick(rng, "int32", "int64"))], attributes)


@draws("ms.Tokenizer")
def tokenizer(rng, name):
    attributes = {"mark": pick(rng, 0, 1), "mincharnum": int(rng.integers(1, 3)), "pad_value": "#"}
    if flag(rng):
        attributes["separators"] = pick(rng, ["-"], [",", " "], [""])
    else:
        attributes["tokenexp"] = pick(rng, "[a-z]+", "[A-Za-z]+|[0-9]", r"\w")
    dims = positive_shape(rng, int(rng.integers(1, 3)), 3)
    return Draw("Tokenizer", 17, [words(rng, dims, WORDS + ("a b c", "x-y-zz"))], attributes, 1, "com.microsoft")
