import pytest

from broker.assurance import Level, level_to_ask, lowest_acceptable


@pytest.mark.parametrize(
    ("acr_values", "minimum", "needed"),
    [
        (("eidas1", "eidas3"), Level.LOW, Level.LOW),
        (("eidas3", "eidas2"), Level.LOW, Level.SUBSTANTIAL),
        (("eidas1",), Level.SUBSTANTIAL, Level.SUBSTANTIAL),
        (("eidas3",), Level.LOW, Level.HIGH),
        ((), Level.SUBSTANTIAL, Level.SUBSTANTIAL),
        (("loa9",), Level.HIGH, Level.HIGH),
    ],
)
def test_the_lowest_level_asked_is_needed_but_never_less_than_the_service_minimum(acr_values, minimum, needed):
    assert lowest_acceptable(acr_values, minimum) is needed


def test_a_provider_is_asked_for_the_lowest_of_its_levels_that_is_enough():
    assert level_to_ask(Level.LOW, (Level.HIGH, Level.SUBSTANTIAL)) is Level.SUBSTANTIAL


def test_a_provider_that_is_too_weak_cannot_be_asked():
    with pytest.raises(ValueError, match="substantial"):
        level_to_ask(Level.SUBSTANTIAL, (Level.LOW,))


@pytest.mark.parametrize("level", Level)
def test_a_level_is_found_again_by_its_acr_and_by_its_word(level):
    assert Level.of_acr(level.acr) is Level.of_word(level.word) is level


def test_levels_are_ordered():
    assert Level.LOW < Level.SUBSTANTIAL < Level.HIGH


@pytest.mark.parametrize("read", [Level.of_acr, Level.of_word])
def test_an_unknown_level_is_refused(read):
    with pytest.raises(ValueError, match="eidas9"):
        read("eidas9")
