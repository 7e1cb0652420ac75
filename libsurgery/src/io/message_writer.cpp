#include "io/message_writer.h"

#include <algorithm>

namespace surgery {

void MessageWriter::varint(uint32_t number, uint64_t value) {
  std::string field;
  wire::append_varint_field(field, number, value);
  store(field);
}

void MessageWriter::fixed32(uint32_t number, float value) {
  std::string field;
  wire::append_float_field(field, number, value);
  store(field);
}

void MessageWriter::header(uint32_t number, size_t size) {
  std::string header;
  wire::append_key(header, number, wire::kLength);
  wire::append_varint(header, size);
  store(header);
}

void MessageWriter::bytes(uint32_t number, std::string_view value) {
  constexpr size_t kCopied = 256;  // a short piece costs more than its copy
  header(number, value.size());
  if (value.size() < kCopied) {
    store(value);
  } else {
    source(value);
  }
}

void MessageWriter::message(uint32_t number, const Rope& message) {
  header(number, message.size());
  rope_.append(message);
}

void rewrite_message(std::string_view source, std::span<FieldPlan* const> plans, MessageWriter& out) {
  const auto plan_of = [&](uint32_t tag) -> FieldPlan* {
    const auto found = std::find_if(plans.begin(), plans.end(), [&](const FieldPlan* p) { return p->tag() == tag; });
    return found == plans.end() ? nullptr : *found;
  };
  std::vector<std::vector<wire::Field>> occurrences(plans.size());
  wire::FieldReader scan(source);
  for (wire::Field field; scan.next(field);) {
    for (size_t i = 0; i < plans.size(); ++i) {
      if (plans[i]->tag() == field.tag) occurrences[i].push_back(field);
    }
  }
  for (size_t i = 0; i < plans.size(); ++i) plans[i]->prepare(std::move(occurrences[i]));

  std::vector<size_t> met(plans.size());
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    FieldPlan* const plan = plan_of(field.tag);
    if (plan == nullptr) {
      out.source(field.source);
      continue;
    }
    const auto place = static_cast<size_t>(std::find(plans.begin(), plans.end(), plan) - plans.begin());
    plan->write_at(met[place]++, out);
    if (met[place] == plan->num_occurrences()) plan->write_rest(out);
  }
  for (FieldPlan* plan : plans) {
    if (plan->num_occurrences() == 0) plan->write_rest(out);
  }
}

void NumberPlan::write_at(size_t index, MessageWriter& out) {
  const bool is_last = index + 1 == occurrences_.size();  // the one that counts
  if (is_last && occurrences_[index].as_int64() != value_) {
    out.varint(number(), static_cast<uint64_t>(value_));
  } else {
    out.source(occurrences_[index].source);
  }
}

void NumberPlan::write_rest(MessageWriter& out) {
  if (occurrences_.empty() && value_ != 0) out.varint(number(), static_cast<uint64_t>(value_));
}

void StringPlan::write_at(size_t index, MessageWriter& out) {
  const bool is_last = index + 1 == occurrences_.size();
  if (is_last && occurrences_[index].bytes != value_) {
    out.bytes(number(), value_);
  } else {
    out.source(occurrences_[index].source);
  }
}

void StringPlan::write_rest(MessageWriter& out) {
  if (occurrences_.empty() && !value_.empty()) out.bytes(number(), value_);
}

void StringListPlan::write_at(size_t index, MessageWriter& out) {
  if (index >= values_.size()) return;
  if (occurrences_[index].bytes == values_[index]) {
    out.source(occurrences_[index].source);
  } else {
    out.bytes(number(), values_[index]);
  }
}

void StringListPlan::write_rest(MessageWriter& out) {
  for (size_t i = occurrences_.size(); i < values_.size(); ++i) out.bytes(number(), values_[i]);
}

void ReplacePlan::write_at(size_t index, MessageWriter& out) {
  if (index == 0 && value_) out.message(number(), *value_);
}

void ReplacePlan::write_rest(MessageWriter& out) {
  if (occurrences_.empty() && value_) out.message(number(), *value_);
}

void ListPlan::prepare(std::vector<wire::Field> occurrences) {
  FieldPlan::prepare(std::move(occurrences));
  element_of_.assign(occurrences_.size(), kNone);
  occurrence_of_.assign(sources_.size(), kNone);
  // Occurrences come in ascending order of their addresses; elements are brought into it.
  std::vector<size_t> elements;
  elements.reserve(sources_.size());
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i].data() != nullptr) elements.push_back(i);
  }
  const std::less<> before;
  std::sort(elements.begin(), elements.end(), [&](size_t a, size_t b) {
    if (sources_[a].data() == sources_[b].data()) return a < b;  // one value that is listed twice
    return before(sources_[a].data(), sources_[b].data());
  });
  size_t at = 0;
  for (size_t i = 0; i < occurrences_.size(); ++i) {
    const char* const address = occurrences_[i].bytes.data();
    while (at < elements.size() && before(sources_[elements[at]].data(), address)) ++at;
    if (at == elements.size() || sources_[elements[at]].data() != address) continue;
    element_of_[i] = elements[at];
    occurrence_of_[elements[at]] = i;
  }
  if (!find_) return;
  for (size_t i = 0; i < occurrences_.size(); ++i) {
    if (element_of_[i] != kNone) continue;
    const std::span<const size_t> found = find_(occurrences_[i]);
    const auto element =
        std::find_if(found.begin(), found.end(), [&](size_t index) { return occurrence_of_[index] == kNone; });
    if (element == found.end()) continue;
    element_of_[i] = *element;
    occurrence_of_[*element] = i;
  }
}

void ListPlan::write_element(size_t element, MessageWriter& out) {
  const size_t occurrence = occurrence_of_[element];
  write_(element, occurrence == kNone ? nullptr : &occurrences_[occurrence], out);
}

void ListPlan::write_at(size_t index, MessageWriter& out) {
  const size_t element = element_of_[index];
  if (element == kNone) return;
  while (next_ <= element) write_element(next_++, out);
}

void ListPlan::write_rest(MessageWriter& out) {
  while (next_ < sources_.size()) write_element(next_++, out);
}

std::optional<std::string_view> single_field(std::string_view source, uint32_t tag) {
  std::optional<std::string_view> found;
  wire::FieldReader reader(source);
  for (wire::Field field; reader.next(field);) {
    if (field.tag != tag) continue;
    if (found) return std::nullopt;
    found = field.bytes;
  }
  return found;
}

}  // namespace surgery
