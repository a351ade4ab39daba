"""The texts coded by hand are sound, and agreement between codings is counted as the codebook says."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.news.gold import GoldEvent, agreement, load_gold, matches, relaxed, strict
from kaname.terms.errors import InputError
from kaname.terms.ontology import MODES, STATUSES

GOLD = Path(__file__).parents[1] / "gold"
CODEBOOK = (Path(__file__).parents[2] / "docs" / "events-codebook.md").read_text(encoding="utf-8")


def event(**keys: object) -> GoldEvent:
    plain = {
        "sentence": "China bans exports to Japan.",
        "type": "SANCTION",
        "source": ["CHN"],
        "target": ["JPN"],
    }
    return GoldEvent.model_validate(plain | {"status": "actual"} | keys)


def text_file(tmp_path: Path, name: str = "001.yaml", **keys: str) -> Path:
    lines = {
        "id": "dev-001",
        "kind": "agency",
        "published": "2026-01-16",
        "language": "en",
        "text": '"China bans\n  exports to Japan."',
        "events": "[{sentence: China bans exports to Japan., type: SANCTION, mode: export-ban, "
        "source: [CHN], target: [JPN], status: actual, date: 2026-01-06, date_precision: day}]",
    }
    path = tmp_path / name
    path.write_text("\n".join(f"{key}: {value}" for key, value in (lines | keys).items()), encoding="utf-8")
    return path


def test_a_coded_text_is_read(tmp_path: Path) -> None:
    text_file(tmp_path)
    (text,) = load_gold(tmp_path)
    assert (text.events[0].date, text.events[0].parties) == (
        "2026-01-06",
        (frozenset({"CHN"}), frozenset({"JPN"})),
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"text": "Nothing of the kind."}, "not in the text"),
        ({"kind": "poem"}, "kind"),
        ({"extra": "1"}, "extra"),
        ({"events": "[{sentence: China bans, type: BAN, status: actual}]"}, "type 'BAN' is none of"),
        ({"events": "[{sentence: China bans, type: AID, mode: quota, status: actual}]"}, "none of AID"),
        ({"events": "[{sentence: China bans, type: AID, status: perhaps}]"}, "status 'perhaps'"),
        ({"events": "[{sentence: China bans, type: AID, status: actual, source: [China]}]"}, "'China'"),
        ({"events": "[{sentence: China bans, type: AID, status: actual, date: '2026'}]"}, "go together"),
        (
            {"events": "[{sentence: China, type: AID, status: actual, date: '2026', date_precision: day}]"},
            "no date of precision 'day'",
        ),
        ({"events": "[{sentence: China bans, type: AID, status: actual, amount: 5}]"}, "go together"),
        ({"traps": "[{sentence: China bans, why: because}]"}, "'because'"),
        ({"text": "[unclosed"}, "not valid YAML"),
    ],
)
def test_faults_of_all_files_are_told_at_once(tmp_path: Path, change: dict[str, str], told: str) -> None:
    text_file(tmp_path, "001.yaml", **change)
    text_file(tmp_path, "002.yaml", kind="song")
    with pytest.raises(InputError) as caught:
        load_gold(tmp_path)
    assert told in str(caught.value)
    assert "002.yaml" in str(caught.value)


def test_ids_are_used_once_and_a_folder_without_texts_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no coded text"):
        load_gold(tmp_path)
    text_file(tmp_path, "001.yaml")
    text_file(tmp_path, "002.yaml")
    with pytest.raises(InputError, match="an id is used twice"):
        load_gold(tmp_path)


def test_parties_of_mutual_types_have_no_sides() -> None:
    joint = event(type="AGREE", source=["JPN", "USA"], target=[])
    sided = event(type="AGREE", source=["USA"], target=["JPN"])
    assert strict(joint, sided)
    assert not strict(event(), event(source=["JPN"], target=["CHN"]))
    assert relaxed(event(), event(target=["KOR"], sentence="Another."))
    assert not strict(event(), event(sentence="Another."))
    assert strict(event(), event(sentence="China  bans exports to Japan. It said so."))


def test_pairs_are_as_many_as_possible_and_agree_in_status() -> None:
    gold = [event(status="planned"), event(status="actual")]
    other = [event(status="actual"), event(status="planned"), event(type="AID")]
    assert matches(gold, other) == ((0, 1), (1, 0))
    found = agreement([gold, []], [other, [event()]])
    assert (found.gold, found.other, found.matched) == (2, 4, 2)
    assert (found.recall, found.precision, found.f) == (1.0, 0.5, pytest.approx(2 / 3))


events = st.lists(
    st.builds(
        event, type=st.sampled_from(sorted(MODES)), status=st.sampled_from(STATUSES), source=st.just(["CHN"])
    ),
    max_size=6,
)


@given(events, events)
def test_agreement_is_mutual_and_whole_with_oneself(one: list[GoldEvent], other: list[GoldEvent]) -> None:
    assert len(matches(one, one)) == len(one)
    assert len(matches(one, other)) == len(matches(other, one)) <= min(len(one), len(other))
    assert len(matches(one, other)) <= len(matches(one, other, relaxed))


def test_the_codebook_names_every_type_mode_and_status() -> None:
    for kind, modes in MODES.items():
        assert f"| {kind} |" in CODEBOOK
        for mode in modes:
            assert f"`{mode}`" in CODEBOOK
    for status in STATUSES:
        assert f"| `{status}` |" in CODEBOOK


@pytest.mark.parametrize(("half", "count"), [("test", 36), ("check", 33)])
def test_texts_that_no_rule_was_made_on_are_as_they_came(half: str, count: int) -> None:
    lines = (GOLD / f"{half}.sha256").read_text(encoding="utf-8").splitlines()
    assert len(lines) == count == len(list((GOLD / half).glob("*.yaml")))
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256((GOLD / half / name).read_bytes()).hexdigest() == digest, name


def halves() -> list[Path]:
    return sorted({path.parent for path in GOLD.glob("*/*.yaml")})


@pytest.mark.parametrize("half", halves(), ids=lambda path: path.name)
def test_the_gold_is_sound(half: Path) -> None:
    """Every file is as the codebook says, and a quarter of the texts or more hold traps."""
    texts = load_gold(half)
    assert sum(bool(text.traps) for text in texts) >= len(texts) / 4
