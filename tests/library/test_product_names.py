"""No product's name outside its own package: what the tool knows of a contract is in one place.

Where a name still stands elsewhere, there is a reason; the list may only become shorter.
"""

from __future__ import annotations

import re
from pathlib import Path

from queueproof.lab.recipe import load_recipes
from queueproof.targets.contracts import contract_names

ROOT = Path(__file__).resolve().parents[2]
#: A contract of no product.
_NEUTRAL = {"generic"}
#: The lab's, and every contract's package: it may name what its product is made from.
_OWN_ROOMS = ("queueproof/lab/", *(f"queueproof/targets/{name}/" for name in contract_names()))
EXCEPTIONS = {
    "load/{}.py": "the generator's client of a contract, which the contract's row names",
    "queueproof/reproducing/{}_player.py": "the text of a stand-alone script, named by the row",
    "queueproof/reproducing/curl.py": "the steps of the one player whose row says with_curl",
    "queueproof/reproducing/__init__.py": "says which players there are",
    "queueproof/config/model.py": "the contract where nothing says otherwise; a document's name",
    "queueproof/cli/serve.py": "starts the two reference systems",
    "queueproof/cli/bench.py": "options for two real systems beside the references",
    "queueproof/cli/lab.py": "examples in a help text",
    "queueproof/cli/report.py": "an example in a help text",
    "queueproof/reporting/published.py": "an example of a lasting name",
    "queueproof/cli/watch.py": "an example in a help text",
    "queueproof/running/applicability.py": "a setting's name in what would make a need be met",
    "queueproof/targets/key_patterns.py": "how a queue library names its keys",
    "queueproof/targets/redis_view.py": "how a queue library names its keys",
    "queueproof/redaction.py": "words that are no secret, whatever is called so",
    "queueproof/bench/aims.py": "measures the two references",
    "queueproof/bench/parts.py": "measures the two references",
    "queueproof/bench/subject.py": "an example in a docstring",
}


def products() -> set[str]:
    """What the lab installs, and the contracts of a product's own."""
    return {recipe.system for recipe in load_recipes()} | set(contract_names()) - _NEUTRAL


def outside(names: set[str]) -> dict[str, set[str]]:
    """The products that each file names though it belongs to none of them."""
    found = {}
    for path in sorted([*(ROOT / "queueproof").rglob("*.py"), *(ROOT / "load").rglob("*.py")]):
        place = str(path.relative_to(ROOT))
        text = path.read_text("utf-8").lower()
        named = {
            name
            for name in names
            if re.search(rf"(?<![a-z]){name}(?![a-z])", text) and not place.startswith(_OWN_ROOMS)
        }
        if named:
            found[place] = named
    return found


def test_the_names_are_those_of_products() -> None:
    """The rule cannot pass by looking for nothing."""
    assert {"langflow", "flowise", "rq", "celery"} <= products()
    assert len(outside({"redis"})) > 20


def test_a_products_name_stands_in_its_own_package() -> None:
    found = outside(products())
    excused = {form.format(name) for form in EXCEPTIONS for name in products()}

    assert found.keys() - excused == set()


def test_no_exception_outlives_its_reason() -> None:
    found = outside(products())

    for form in EXCEPTIONS:
        assert {form.format(name) for name in products()} & found.keys(), form
