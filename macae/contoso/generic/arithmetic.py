"""Sums from text, exactly, without `eval`: numbers, + - * / // % **, brackets, `15% of 80`."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from macae.errors import ToolRefused

__all__ = ["worked_out"]

OPERATIONS: dict[type[ast.AST], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
}
LARGEST = 10**30
EXAMPLE = "Write numbers with + - * / ** and brackets, e.g. 5 * 1190 * 1.1."


def worked_out(expression: str) -> str:
    """The value of an arithmetic expression, to ten decimal places where it has no end."""
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", expression.strip().rstrip("=? ").replace("$", ""))
    text = text.replace("×", "*").replace("÷", "/").replace("^", "**").replace("−", "-")
    text = re.sub(r"(?<=[\d)])\s*x\s*(?=[\d(])", "*", text)
    text = re.sub(r"%\s*of\b", "/100*", text)
    text = re.sub(r"(\d+(?:\.\d+)?)\s*%(?!\s*[\d(])", r"(\1/100)", text)
    try:
        result = value(ast.parse(text.strip(), mode="eval").body)
    except ZeroDivisionError:
        raise ToolRefused(f"{expression[:80]!r} divides by zero.") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ToolRefused(f"{expression[:80]!r} cannot be calculated. {EXAMPLE}") from None
    if result.denominator == 1:
        return str(result.numerator)
    places = f"{float(result):.10f}" if abs(result) < 10**6 else f"{float(result):.4f}"
    return places.rstrip("0").rstrip(".")


def value(node: ast.AST) -> Fraction:
    """One node's value. Raises ValueError for anything but arithmetic on numbers of a sensible size."""
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        found = Fraction(str(node.value))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        found = -value(node.operand) if isinstance(node.op, ast.USub) else value(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        base, exponent = value(node.left), value(node.right)
        if exponent.denominator != 1 or abs(exponent) > 100:
            raise ValueError("such a power is not worked out")
        found = Fraction(base**exponent.numerator)
    elif isinstance(node, ast.BinOp) and (operation := OPERATIONS.get(type(node.op))):
        found = Fraction(operation(value(node.left), value(node.right)))
    else:
        raise ValueError("no arithmetic")
    if abs(found) > LARGEST or found.denominator > LARGEST:
        raise ValueError("too large")
    return found
