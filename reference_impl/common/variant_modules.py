"""Where a contract's variants are: modules in the folders below ``reference_impl.variants``."""

from __future__ import annotations

from pathlib import Path

from reference_impl.common.setting_readers import variant_name

PACKAGE = "reference_impl.variants"
_FOLDER = Path(__file__).resolve().parents[1] / "variants"


def module_of(contract: str, name: str) -> str | None:
    """The dotted name of the variant that is called so; None if there is none."""
    try:
        file = f"{variant_name(name)}.py"
    except ValueError:
        return None
    found = next((_FOLDER / contract).rglob(file), None)
    return None if found is None else _dotted(found)


def modules_of(contract: str, kind: str) -> list[str]:
    """The dotted names of all variants of one kind, in whichever folders of it, by file name."""
    found = sorted((_FOLDER / contract / kind).rglob("[!_]*.py"), key=lambda path: path.stem)
    return [_dotted(path) for path in found]


def _dotted(path: Path) -> str:
    return ".".join((PACKAGE, *path.relative_to(_FOLDER).with_suffix("").parts))
