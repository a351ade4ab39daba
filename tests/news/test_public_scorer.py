"""The scorer of public gold sets, on records of our own in their form."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from kaname.terms.errors import InputError

PLOVER = """{"id": "X-1", ####
 "date": "20010203", "text": "Japan has banned exports of tin to China.", "event": "SANCTION",
 "source": [{"code": "---", "actorText": "Japan"}], "target": [{"code": "CHN"}],}
{"id": "X-2", "date": "20010203", "text": "Rebels attacked a village in Mali.", "event": "ASSAULT",
 "source": [{"code": "---", "actorText": "rebels"}], }
{"id": "X-3", "date": "20010203", "text": "France praised Norway.", "event": "SUPPORT",
 "source": [{"code": "FRAGOV", "actorText": "France"}]}
"""
PETRARCH = """<Sentences><Sentence id="1" date="20010203"><Text>Peru asked Chile for help.</Text>
<EventCoding eventcode="021" sourcecode="PERGOV"/><EventCoding eventcode="190" sourcecode="CHLMIL"/>
</Sentence></Sentences>
"""


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / "score_public.py"
    spec = importlib.util.spec_from_file_location("score_public", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_source_left_open_is_named_by_its_words(scorer: ModuleType) -> None:
    records = list(scorer.plover(PLOVER, "gold.txt"))
    assert [one.wanted[0][1] for one in records] == [{"JPN"}, set(), {"FRA"}]
    assert [one.open for one in records] == [False, True, False]


def test_the_share_is_of_the_records_that_name_a_source(
    scorer: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scorer.score(list(scorer.plover(PLOVER, "gold.txt"))) == (1.0, 1.0, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "type alone: precision 1.000 recall 1.000 F 1.000"
    assert lines[2] == "type and source: precision 0.667 recall 0.667 F 0.667"


def test_an_event_that_is_missed_lowers_recall(scorer: ModuleType) -> None:
    precision, recall, _ = scorer.score(list(scorer.petrarch(PETRARCH)))
    assert (precision, recall) == (1.0, 0.5)


def test_what_is_no_record_is_told_with_its_line(scorer: ModuleType) -> None:
    with pytest.raises(InputError) as caught:
        list(scorer.plover('{"id": "X-1"}\n{"id": ', "gold.txt"))
    assert (caught.value.problems[0].where, caught.value.problems[0].line) == ("gold.txt", 2)


@pytest.mark.parametrize(
    ("name", "text"), [("a.txt", "no record"), ("a.xml", "<Sentences>"), ("b.txt", '{"id": ')]
)
def test_a_file_that_is_no_gold_set_is_told_by_its_name(
    name: str,
    text: str,
    tmp_path: Path,
    scorer: ModuleType,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["score_public.py", str(tmp_path / name)])
    with pytest.raises(SystemExit) as ended:
        scorer.main()
    assert ended.value.code == 2
    assert name in capsys.readouterr().err
