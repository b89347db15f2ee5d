"""A config as YAML that people edit: every field in its section, with a comment, and read back as the same config."""

import re
import textwrap
from collections.abc import Iterator
from functools import lru_cache

from tmx.config.conditions import ALWAYS, NEVER
from tmx.config.fields import Field, Section
from tmx.config.model import SimulationConfig
from tmx.config.presets import preset_sources, preset_values
from tmx.config.schema import FIELDS, SECTIONS

_WIDTH = 100
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_SPECIAL = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202e\ufeff\ufffe\uffff]')


def config_yaml(config: SimulationConfig, comments: bool = True) -> str:
    """Write a config as YAML that any reader of YAML understands.

    Parameters
    ----------
    config : SimulationConfig
        The config.
    comments : bool
        Say beside each field what it means and what it may be, and where a preset's value comes from.
    """
    blocks = ["\n".join(_section(section, config, comments)) for section in SECTIONS]
    head = _head(config) if comments else []
    return "\n\n".join([*head, *blocks]) + "\n"


def _head(config: SimulationConfig) -> list[str]:
    body = f" ({yaml_value(config.planetary_body)})" if config.planetary_body else ""
    return [
        f"# Settings of a thermal model{body}, in SI units and radians unless a comment says otherwise.\n"
        '# Other units are understood: "30 deg", "4.296 h", "15 um", "np.radians(30)".'
    ]


def _section(section: type[Section], config: SimulationConfig, comments: bool) -> Iterator[str]:
    if comments:
        yield from _comment(section.__doc__ or "", indent="")
    yield f"{section.title()}:"
    for name in section.model_fields:
        if comments:
            yield from _explain(FIELDS[name], config)
        yield _line(name, getattr(config, name))


@lru_cache(maxsize=4096, typed=True)
def _line(name: str, value: object) -> str:
    """Write the line of a field; most values of a sweep are the same in every config."""
    return f"  {name}: {yaml_value(value)}"


def _explain(field: Field, config: SimulationConfig) -> Iterator[str]:
    conditional = field.used not in (ALWAYS, NEVER)
    where = f" Read when {field.used.words()}." if conditional else ""
    yield from _comment(f"{field.about.meaning} [{field.expected}].{where}")
    if getattr(config, field.name) == preset_values(config.planetary_body).get(field.name):
        source = preset_sources(config.planetary_body).get(field.name)
        yield from _comment(f"Source: {source}.") if source else ()


def _comment(text: str, indent: str = "  ") -> list[str]:
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}# {line}" for line in lines]


def yaml_value(value: object) -> str:
    """Write one value on one line of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(yaml_value, value))}]"
    return str(value) if isinstance(value, int) else _text(str(value))


def _float(value: float) -> str:
    """Write a float so that readers of YAML 1.1 see one: they ask for a point before the exponent."""
    mantissa, exponent_sign, exponent = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa or not exponent else '.0'}{exponent_sign}{exponent}"


def _text(text: str) -> str:
    if _BARE.fullmatch(text) and text.casefold() not in _SPECIAL:
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else f"\\u{ord(character):04x}"
