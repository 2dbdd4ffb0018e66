"""An equation over sets: Python reads it, and dictionaries from index to (X, q) are its values."""

import ast
import operator
from collections.abc import Callable

from rest_framework.exceptions import ValidationError

Units = dict[int, tuple[int, int]]

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
_LEAST, _MOST = -(2**63), 2**63 - 1
_NOTHING = (0, 0)


def evaluate(equation: str, units_of: Callable[[str], Units]) -> Units:
    """The set that the equation makes of those it names."""
    try:
        tree = ast.parse(equation.strip(), mode="eval")
    except SyntaxError as problem:
        raise ValidationError({"equation": [f"column {problem.offset}"]}) from None
    result = _value(tree.body, units_of)
    if not isinstance(result, dict):
        raise ValidationError({"equation": ["There is no set in it."]})
    return result


def _value(node: ast.expr, units_of: Callable[[str], Units]) -> Units | int:
    match node:
        case ast.Name(id=name):
            return units_of(name)
        case ast.Constant(value=int(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combined(operator.sub, 0, _value(operand, units_of))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _combined(
                _OPERATORS[type(op)], _value(left, units_of), _value(right, units_of)
            )
    raise ValidationError({"equation": [f"column {node.col_offset + 1}"]})


def _combined(
    action: Callable[[int, int], int], left: Units | int, right: Units | int
) -> Units | int:
    """An index missing on one side is 0 there; a number stands at every index of the other."""
    match left, right:
        case dict(), dict():
            result = {}
            for index in left.keys() | right.keys():
                (x, q), (y, r) = left.get(index, _NOTHING), right.get(index, _NOTHING)
                result[index] = action(x, y), action(q, r)
        case dict(), _:
            result = {i: (action(x, right), action(q, right)) for i, (x, q) in left.items()}
        case _, dict():
            result = {i: (action(left, x), action(left, q)) for i, (x, q) in right.items()}
        case _:
            return action(left, right)
    for index, (x, q) in result.items():
        if not (_LEAST <= x <= _MOST and _LEAST <= q <= _MOST):
            raise ValidationError({"equation": [f"Overflow at index {index}."]})
    return result
