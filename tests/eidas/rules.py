"""Which rule refused something: the innermost `check_…` in the traceback, so that no test repeats a sentence."""

from collections.abc import Callable

import pytest

from eidas.errors import Refused


def rule_that_fired(error: BaseException) -> str:
    """The name of the innermost rule; "" when none was running."""
    found, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_name
        found = name if name.startswith("check_") else found
        trace = trace.tb_next
    return found


def refused_by(act: Callable[[], object]) -> str:
    """The rule that refuses what is done; the error's detail where no rule was running."""
    with pytest.raises(Refused) as caught:
        act()
    return rule_that_fired(caught.value) or caught.value.detail
