"""Who stands where around a verb: its logical subject and objects, also where grammar leaves them out.

Passive, participle, infinitive, relative clause and coordination are undone: in "restrictions imposed by
China", "China, which agreed to lift the ban" and "Tokyo signed and published the pact" each verb gets the
subject and object that a reader gives it.
"""

from __future__ import annotations

from kaname.news.sentence import Sentence

OBJECT_CONTROL = frozenset(
    [
        "urge",
        "prompt",
        "spur",
        "ask",
        "order",
        "tell",
        "allow",
        "force",
        "press",
        "call",
        "want",
        "request",
        "demand",
        "invite",
        "help",
        "let",
        "enable",
        "permit",
        "require",
        "expect",
        "cause",
        "lead",
        "push",
        "encourage",
        "persuade",
        "warn",
        "advise",
        "compel",
        "command",
        "authorize",
        "authorise",
    ]
)
"""Verbs whose object does what the infinitive says: "urged China to lift"."""
GIVING = frozenset({"give", "grant", "offer", "award", "send", "lend", "hand", "issue", "deny", "refuse"})
"""Verbs that have two objects, of which the passive keeps one: "was handed a licence"."""
HAVING = frozenset({"have", "see", "get", "find"})
"""Verbs of those to whom something is done: "had its permit suspended"."""
SUBJECTS = ("nsubj", "csubj", "expl")
DEPTH = 6
"""How many steps up a subject is looked for."""


def is_passive(sentence: Sentence, i: int) -> bool:
    """Return whether a verb is in the passive: with an auxiliary, or a participle that hangs on a noun."""
    if sentence.children(i, "nsubjpass", "auxpass", "agent"):
        return True
    word = sentence[i]
    if word.tag != "VBN":
        return False
    if word.dep == "ccomp" and sentence[word.head].lemma in HAVING:  # "had its permit suspended by X"
        return not sentence.children(i, "aux")
    if word.dep in {"acl", "amod"}:
        return not sentence.children(i, "nsubj", "aux")  # "the report that it had halted shipments"
    if word.dep == "conj" and not sentence.children(i, "nsubj", "aux"):
        return is_passive(sentence, word.head)
    return word.dep == "advcl" and not sentence.children(i, "aux", "nsubj")


def subjects(sentence: Sentence, i: int, depth: int = DEPTH) -> tuple[int, ...]:
    """Return the words that do what a verb says; none where the text does not tell."""
    if is_passive(sentence, i):
        by = [noun for agent in sentence.children(i, "agent") for noun in sentence.children(agent, "pobj")]
        by += [
            noun
            for prep in sentence.children(i, "prep")
            if sentence[prep].lemma == "by"
            for noun in sentence.children(prep, "pobj")
        ]
        return tuple(by)
    own = tuple(one for one in sentence.children(i, "nsubj") if sentence[one].lemma != "there")
    if own or depth == 0:
        return own
    return _carried(sentence, i, depth - 1)


def _carried(sentence: Sentence, i: int, depth: int) -> tuple[int, ...]:
    """Return the subject that a verb without one takes from above."""
    word = sentence[i]
    head = sentence[word.head]
    if head.i == i:
        return ()
    if word.dep in {"conj", "advcl", "dep", "parataxis"} and head.pos in {"VERB", "AUX"}:
        return _as_above(sentence, head.i, depth)
    if word.dep == "conj" and head.pos in {"NOUN", "PROPN"} and word.tag in {"VBZ", "VBP", "VBD"}:
        return _of_noun(sentence, head.i, depth)  # "announces a fee on imports and accuses X"
    if word.dep in {"xcomp", "ccomp"} and head.pos in {"VERB", "AUX", "ADJ", "NOUN"}:
        controlled = sentence.children(head.i, "dobj", "nsubjpass", "dative")
        if controlled and head.lemma in OBJECT_CONTROL:
            return controlled
        if word.dep == "ccomp" and word.tag not in {"VB", "VBG"}:
            return ()
        return _as_above(sentence, head.i, depth)
    if word.dep in {"acomp", "attr", "oprd"} and head.pos in {"VERB", "AUX"}:
        return _as_above(sentence, head.i, depth)
    if word.dep == "pcomp":
        governor = head.head
        pushed = sentence.children(governor, "dobj") if head.lemma == "into" else ()
        if pushed:  # "could push X into sending ships"
            return pushed
        if sentence[governor].pos in {"VERB", "AUX"}:
            return _as_above(sentence, governor, depth)
        return _of_noun(sentence, governor, depth)
    if word.dep == "acl":
        whose = sentence.children(head.i, "poss") if word.tag == "VB" else ()  # "X's decision to add"
        return (head.i,) if word.tag == "VBG" else whose or _of_noun(sentence, head.i, depth)
    if word.dep == "relcl":
        return _of_noun(sentence, head.i, depth) if sentence.children(i, "aux") and word.tag == "VB" else ()
    return ()


def _as_above(sentence: Sentence, head: int, depth: int) -> tuple[int, ...]:
    """Return the grammatical subject of a verb above: in the passive its object by logic."""
    passive = sentence.children(head, "nsubjpass")
    if passive and not sentence.children(head, "agent"):
        return passive
    own = sentence.children(head, "nsubj")
    return own or subjects(sentence, head, depth)


def _of_noun(sentence: Sentence, noun: int, depth: int) -> tuple[int, ...]:
    """Return who does what an infinitive at a noun says: "reached an agreement to boost": who reached."""
    if depth <= 0:
        return ()
    for above in sentence.above(noun):
        if sentence[above].pos in {"VERB", "AUX"}:
            return subjects(sentence, above, depth - 1)
    return ()


def objects(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the words that a verb acts on, coordinated ones included."""
    word = sentence[i]
    if is_passive(sentence, i):
        found = sentence.children(i, "nsubjpass")
        if not found and word.dep in {"acl", "amod"}:
            found = (word.head,)
        if not found and word.dep == "ccomp":
            found = sentence.children(i, "nsubj")
        if not found and word.dep == "conj":
            found = objects(sentence, word.head) if is_passive(sentence, word.head) else ()
        if not found and word.dep in {"advcl"}:
            found = sentence.children(word.head, "nsubj", "nsubjpass")
        if word.lemma in GIVING:
            found += sentence.children(i, "dobj")
    else:
        found = sentence.children(i, "dobj", "attr", "oprd")
        found = found or tuple(one for one in sentence.children(i, "dative") if sentence[one].pos == "NOUN")
        if not found and _is_bare_relative(sentence, i):  # "the rules it had imposed"
            found = (word.head,)
        if not found and not sentence.children(i, "prep", "xcomp", "ccomp"):
            found = _shared(sentence, i)
    found = tuple(antecedent(sentence, one) for one in found)
    return tuple(dict.fromkeys(other for one in found for other in sentence.conjuncts(one)))


def _is_bare_relative(sentence: Sentence, i: int) -> bool:
    """Return whether a verb hangs on a noun without a pronoun for it, and has a doer of its own."""
    if sentence[i].dep != "relcl" or sentence.children(i, "xcomp", "ccomp"):
        return False
    own = sentence.children(i, "nsubj")
    return bool(own) and not any(sentence[one].tag in {"WDT", "WP"} for one in own)


def _shared(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the object that a coordinated verb without one shares: nothing, it follows the last verb."""
    return tuple(
        other
        for sibling in sentence.children(i, "conj")
        if sentence[sibling].pos == "VERB"
        for other in sentence.children(sibling, "dobj")
    )


def antecedent(sentence: Sentence, i: int) -> int:
    """Return the noun that a relative pronoun stands for."""
    that = sentence[i].text == "that" and sentence[i].dep in {"dobj", "nsubj", "nsubjpass"}
    if that or sentence[i].tag in {"WDT", "WP"}:
        for above in sentence.above(i):
            if sentence[above].dep == "relcl":
                return sentence[above].head
    return i


def outer_nouns(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the nouns that a relative clause or participle may mean beside the nearest one.

    In "the ban on refined fuel that Indonesia imposed" and "a tariff on oil imposed by Brussels" the parse
    may
    hang the clause on the fuel or the oil.
    """
    if sentence[i].dep not in {"relcl", "acl"}:
        return ()
    found, at = [], sentence[i].head
    while sentence[at].dep == "pobj" and sentence[sentence[at].head].dep == "prep":
        at = sentence[sentence[at].head].head
        if sentence[at].pos not in {"NOUN", "PROPN"}:
            break
        found.append(at)
    return tuple(found)


def quoted_subject(sentence: Sentence, i: int) -> tuple[int, ...]:
    """Return the speaker that stands behind the verb after a quotation: '"...", warned the ministry'."""
    if sentence.children(i, "nsubj", "nsubjpass"):
        return ()
    before = {word.text for word in sentence.words[max(0, i - 3) : i]}
    if i and sentence[i - 1].pos == "CCONJ":  # called it "unhelpful" and urged Beijing
        return ()
    said = any(one < i for one in sentence.children(i, "ccomp"))
    if not before & {"\u201d", '"', "''", "\u2019"} and not said:
        return ()
    return tuple(one for one in sentence.children(i, "dobj", "attr", "oprd", "dep") if one > i)[:1]
