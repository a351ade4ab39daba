"""Acts inside one country: the sides of what crowds, gunmen, rebels and the police do, of whom the words name
one country or none.
"""

from __future__ import annotations

from kaname.news.cast import Scene
from kaname.news.doers import PEOPLE, scene_of
from kaname.news.frames import objects, subjects
from kaname.news.memory import Codes
from kaname.news.patterns import Pattern
from kaname.news.phrases import without
from kaname.news.targets import CRAFT
from kaname.terms.ontology import BLOCS

BY_PEOPLE = frozenset({"ASSAULT", "COERCE", "RETREAT", "THREATEN", "REJECT", "CONCEDE"})
"""Types that people without an office do, whose country is that of the place; a protest always is."""
AT_HOME = frozenset({"ASSAULT", "COERCE"})
"""Types that always have a victim: without another one it is somebody at home."""
RELEASES = frozenset({"free", "release", "set-free", "pardon", "give-in", "yield", "hand-over", "turn-loose"})
"""Rules of what is conceded to people at home where nobody says whose they are."""
CROWD = PEOPLE | frozenset(
    [
        "rebel", "gunman", "militant", "guerrilla", "insurgent", "fighter", "jihadist", "separatist",
        "extremist", "terrorist", "paramilitary", "militiaman", "militia", "protester", "demonstrator",
        "student", "worker", "farmer", "fisherman", "union", "trader", "resident", "activist", "police",
        "policeman", "officer", "guard", "gendarme", "constable", "kidnapper", "hijacker", "pirate",
        "smuggler", "settler", "prisoner", "inmate", "refugee", "party", "opposition", "dockworker", "docker",
    ]
)  # fmt: skip
"""Those who act where they live: not armies, whose victims are others'."""
ANYBODYS = CRAFT | {"drone", "missile", "strait", "channel", "waters", "water", "sea"}
"""What may be anybody's."""


def inland(
    scene: Scene, i: int, pattern: Pattern, source: Codes, target: Codes
) -> tuple[Codes, Codes] | None:
    """Return both sides of an act whose words leave one open because it happens at home; None for others."""
    crowd = _people(scene, i)
    by_people = pattern.type == "PROTEST" or (pattern.type in BY_PEOPLE and crowd)
    if not source and pattern.part == "verb" and by_people:
        source = scene_of(scene, i) or _only_country(scene, target) or target
        if not source:
            return None
        return source, target or (source if pattern.type in AT_HOME | {"PROTEST"} else ())
    if target or len(source) != 1 or source[0] in BLOCS:
        return None
    told = {scene.sentence[one].lemma for one in objects(scene.sentence, i)}
    victims = pattern.type in AT_HOME and pattern.part == "verb" and bool(told) and not told & ANYBODYS
    at_home = victims and (crowd or pattern.type != "ASSAULT")  # an army's victims are others'
    if at_home or pattern.rule in RELEASES or (crowd and pattern.type == "RETREAT"):
        return source, source
    return None


def _people(scene: Scene, i: int) -> bool:
    """Return whether the doers of a verb are people without a country: rebels, a crowd, the police."""
    return any(scene.sentence[scene.counted(one)].lemma in CROWD for one in subjects(scene.sentence, i))


def _only_country(scene: Scene, barred: Codes) -> Codes:
    """Return the one country that a sentence names beside some."""
    named = {scene.code(word.i) for word in scene.sentence.words if scene.kind(word.i) == "country"}
    others = without(tuple(sorted(named - {""})), barred)
    return others if len(others) == 1 else ()
