#include "surgery/type.h"

#include <doctest/doctest.h>

#include <string_view>

namespace surgery {
namespace {

TEST_CASE("Type: to_string shows element type, dims and nesting") {
  struct Case {
    Type type;
    std::string_view text;
  };
  const Case cases[] = {
      {Type(), "?"},
      {Type::tensor(DataType::kFloat, Shape{Dim::symbol("N"), 3, Dim()}), "float[N, 3, ?]"},
      {Type::tensor(DataType::kInt64), "int64[...]"},
      {Type::tensor(DataType::kBool, Shape{}), "bool[]"},
      {Type::tensor(DataType::kUndefined, Shape{1}), "?[1]"},
      {Type::sequence(Type::map(DataType::kInt64, Type::tensor(DataType::kFloat, Shape{}))),
       "sequence(map(int64, float[]))"},
      {Type::optional(Type::tensor(DataType::kFloat)), "optional(float[...])"},
      {Type::sequence({}), "sequence(?)"},
  };
  for (const Case& c : cases) CHECK(to_string(c.type) == c.text);
}

TEST_CASE("Type: same compares kinds, element types, ranks and dims") {
  const Dim n = Dim::symbol("N");
  const Type type = Type::tensor(DataType::kFloat, Shape{n, 3, Dim()});
  CHECK(same(type, type));
  CHECK(same(Type(), Type()));
  CHECK(same(Type::sequence(type), Type::sequence(type)));
  const Type others[] = {
      Type(),
      Type::tensor(DataType::kDouble, Shape{n, 3, Dim()}),
      Type::tensor(DataType::kFloat, Shape{n, 3}),
      Type::tensor(DataType::kFloat, Shape{n, 4, Dim()}),
      Type::tensor(DataType::kFloat, Shape{n, 3, 5}),
      Type::tensor(DataType::kFloat, Shape{n, Dim(), Dim()}),
      Type::tensor(DataType::kFloat),
      Type::sequence(type),
      Type::optional(type),
  };
  for (const Type& other : others) {
    CAPTURE(to_string(other));
    CHECK_FALSE(same(type, other));
    CHECK_FALSE(same(other, type));
  }
  CHECK_FALSE(same(Type::sequence(type), Type::sequence({})));
}

}  // namespace
}  // namespace surgery
