#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "surgery/edit.h"

/// Applies an edit as the command line does.
inline surgery::EditReport apply(surgery::Model& model, std::string_view option, std::string_view argument,
                                 const surgery::EditContext& context = {}) {
  const surgery::Edit* edit = surgery::find_edit(option);
  if (edit == nullptr) throw std::logic_error("no edit " + std::string(option));
  surgery::EditReport report = surgery::apply_edit(model, *edit, argument, context);
  model.validate();
  return report;
}

/// What the edit is refused with: "2: --option: message", the number being the exit code; "" when it is not.
inline std::string refusal(surgery::Model& model, std::string_view option, std::string_view argument,
                           const surgery::EditContext& context = {}) {
  try {
    apply(model, option, argument, context);
  } catch (const surgery::Error& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return {};
}

/// The notes, one per line.
inline std::string notes(const surgery::EditReport& report) {
  std::string text;
  for (const std::string& note : report.notes) text += (text.empty() ? "" : "\n") + note;
  return text;
}

inline bool mentions(const surgery::EditReport& report, std::string_view text) {
  return notes(report).find(text) != std::string::npos;
}
