// Loads and saves many models in one process: each line of standard input is IN, a tab and OUT. Prints one line per
// pair, "ok" or "error" with the message, and a tab-separated list of the remarks.
#include <iostream>
#include <string>

#include "surgery/error.h"
#include "surgery/io.h"

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const size_t tab = line.find('\t');
    try {
      const auto model = surgery::load(line.substr(0, tab));
      std::cout << "ok";
      for (const std::string& remark : surgery::save(*model, line.substr(tab + 1))) std::cout << '\t' << remark;
    } catch (const surgery::Error& error) {
      std::cout << "error\t" << error.what();
    }
    std::cout << '\n';
  }
  return 0;
}
