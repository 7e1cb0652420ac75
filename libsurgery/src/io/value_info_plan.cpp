#include "io/value_info_plan.h"

#include <unordered_map>

#include "io/records.h"

namespace surgery {
void ValueInfoPlan::prepare(std::vector<wire::Field> occurrences) {
  FieldPlan::prepare(std::move(occurrences));
  is_written_.assign(entries_.size(), false);
  std::unordered_map<const char*, size_t> by_source;
  std::unordered_map<std::string_view, size_t> by_name;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].source.data() != nullptr) by_source.emplace(entries_[i].source.data(), i);
    by_name.emplace(entries_[i].value->name(), i);
  }
  for (const wire::Field& occurrence : occurrences_) {
    if (const auto found = by_source.find(occurrence.bytes.data()); found != by_source.end()) {
      entry_of_.push_back(found->second);
      continue;
    }
    const std::string_view name = value_info_name(occurrence.bytes);
    if (const auto found = by_name.find(name); found != by_name.end()) {
      entry_of_.push_back(found->second);
    } else {
      entry_of_.push_back(is_known_name_(name) ? kStale : kUnknown);
    }
  }
}

void ValueInfoPlan::write_at(size_t index, MessageWriter& out) {
  const size_t entry = entry_of_[index];
  if (entry == kStale) return;
  if (entry == kUnknown || !entries_[entry].is_changed) {
    out.source(occurrences_[index].source);
  } else if (!is_written_[entry]) {
    write_(*entries_[entry].value, occurrences_[index].bytes, out);
  }
  if (entry != kUnknown) is_written_[entry] = true;
}

void ValueInfoPlan::write_rest(MessageWriter& out) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (!is_written_[i]) write_(*entries_[i].value, entries_[i].source, out);
  }
}

}  // namespace surgery
