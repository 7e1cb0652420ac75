"""A draw at an older version of its operator, wherever that one takes the same inputs and attributes."""
import collections

import onnx
from onnx import helper

SCHEMAS = collections.defaultdict(list)
for each in onnx.defs.get_all_schemas_with_history():
    SCHEMAS[each.domain, each.name].append(each)


def kind_of(value):
    if not hasattr(value, "dtype"):
        return None
    if value.dtype.kind in "OU":
        return "tensor(string)"
    name = onnx.TensorProto.DataType.Name(helper.np_dtype_to_tensor_dtype(value.dtype)).lower()
    return f"tensor({name})"


def takes(schema, draw):
    """Whether the version of `schema` takes what was drawn."""
    if schema.since_version < draw.oldest:
        return False
    if "broadcast" in schema.attributes and "broadcast" not in draw.attributes:
        return False  # that has a draw of its own
    inputs = draw.inputs
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    if schema.deprecated or not schema.min_input <= len(inputs) <= schema.max_input:
        return False
    if not schema.min_output <= draw.num_outputs <= schema.max_output:
        return False
    if not set(draw.attributes) <= set(schema.attributes):
        return False
    if any(a.required and name not in draw.attributes for name, a in schema.attributes.items()):
        return False
    for name, value in draw.attributes.items():
        kind = helper.make_attribute(name, value).type
        if kind != schema.attributes[name].type.value:
            return False
    types = {}
    for k, value in enumerate(inputs):
        formal = schema.inputs[min(k, len(schema.inputs) - 1)]
        kind = kind_of(value) if value is not None else None
        if value is not None and kind not in formal.types:
            return False
        if kind and formal.is_homogeneous and types.setdefault(formal.type_str, kind) != kind:
            return False
    return True


def older_versions(draw):
    """The opset versions since which the operator has another definition that takes the draw too."""
    drawn = draw.domain_version if draw.domain else draw.opset
    return sorted(schema.since_version for schema in SCHEMAS[draw.domain, draw.op]
                  if schema.since_version < drawn and takes(schema, draw))
