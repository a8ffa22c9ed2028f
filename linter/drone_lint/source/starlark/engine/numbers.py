"""Numbers as Go writes them."""

from __future__ import annotations

import math


def go_float(value: float, verb: str) -> str:
    """A float as `strconv.FormatFloat` writes it: `g` with as many digits as are needed, `e` and `f` with six."""
    if verb in "gG":
        text = _shortest(value)
    elif verb in "eE":
        text = _exponent(f"{value:.6e}")
    else:
        text = f"{value:.6f}"
    return text.upper() if verb.isupper() else text


def _shortest(value: float) -> str:
    digits, _, power = repr(value).partition("e")
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, _, fraction = digits.partition(".")
    fraction = fraction if fraction != "0" else ""
    significant = (whole + fraction).lstrip("0")
    if not significant:
        return sign + "0"
    leading = len(whole + fraction) - len(significant)
    exponent = len(whole) - 1 - leading + (int(power) if power else 0)
    significant = significant.rstrip("0")
    if exponent < -4 or exponent >= 6:
        tail = f".{significant[1:]}" if len(significant) > 1 else ""
        return f"{sign}{significant[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{significant}"
    if len(significant) <= exponent + 1:
        return sign + significant + "0" * (exponent + 1 - len(significant))
    return f"{sign}{significant[: exponent + 1]}.{significant[exponent + 1 :]}"


def _exponent(text: str) -> str:
    mantissa, _, power = text.partition("e")
    return f"{mantissa}e{power[0]}{abs(int(power)):02d}"


def starlark_float(value: float, verb: str = "g") -> str:
    """A float as the language shows it: with a point or an exponent."""
    if math.isinf(value):
        return "+inf" if value > 0 else "-inf"
    if math.isnan(value):
        return "nan"
    text = go_float(value, verb)
    if verb in "gG" and "." not in text and ("e" if verb == "g" else "E") not in text:
        return text + ".0"
    return text


def written_float(value: float) -> str:
    """A float as the server's writer writes it (`%g`)."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else go_float(value, "g")
