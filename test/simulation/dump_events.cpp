// Prints the canonical lines of a simulation, for digests: under other compilers, optimisations,
// locales, time zones, and told by several processes.
//
//   dump_events [--text | --document] [--processes N] [--backwards] [name=value …]
//
// Names are those of Request: company, sector, size, variant, starts, months, country, regions,
// narrative, starting_state, seed … Without any: a small staples company from 2024-01 on.
// --text prints the events as append_events() takes them. With N processes each tells every Nth
// quarter, and their lines are put together.
#include <sys/wait.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "simulation/engine.hpp"
#include "simulation/resolve.hpp"

namespace {

using tc::simulation::Batch;
using tc::simulation::Engine;
using tc::simulation::Event;

enum class Form { Canonical, Text };

std::string lines_of(const Engine& engine, int quarter, Form form) {
  Batch batch;
  engine.generate(quarter, batch);
  std::string lines;
  for (const Event& event : batch.events) {
    if (form == Form::Text) {
      lines += batch.text_of(event);
      lines += '\n';
    } else {
      append_canonical(batch, event, lines);
    }
  }
  return lines;
}

std::string read_all(int from) {
  std::string text;
  std::vector<char> buffer(1 << 16);
  for (ssize_t n = 0; (n = read(from, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return text;
}

void write_all(int to, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(to, text.data() + at, text.size() - at);
    if (n <= 0) _exit(1);
    at += static_cast<std::size_t>(n);
  }
}

// Each quarter in a process of its own; at most `processes` at once.
std::vector<std::string> by_processes(const Engine& engine, int processes, Form form) {
  std::vector<std::string> quarters(static_cast<std::size_t>(engine.quarters()));
  for (int first = 0; first < engine.quarters(); first += processes) {
    std::vector<std::pair<pid_t, int>> children;
    for (int q = first; q < std::min(first + processes, engine.quarters()); ++q) {
      int ends[2];
      if (pipe(ends) != 0) std::exit(1);
      const pid_t child = fork();
      if (child == 0) {
        write_all(ends[1], lines_of(Engine(engine.configuration()), q, form));
        _exit(0);
      }
      close(ends[1]);
      children.emplace_back(child, ends[0]);
    }
    for (std::size_t i = 0; i < children.size(); ++i) {
      quarters[static_cast<std::size_t>(first) + i] = read_all(children[i].second);
      close(children[i].second);
      int status = 0;
      waitpid(children[i].first, &status, 0);
      if (status != 0) std::exit(1);
    }
  }
  return quarters;
}

tc::simulation::Request request_of(const std::map<std::string, std::string>& given) {
  tc::simulation::Request request;
  request.company = "Alpine Bakery GmbH";
  request.sector = "Consumer Staples";
  request.starts = "2024-01";
  const std::map<std::string, std::string*> texts = {{"company", &request.company},
                                                     {"scenario", &request.scenario},
                                                     {"sector", &request.sector},
                                                     {"size", &request.size},
                                                     {"variant", &request.variant},
                                                     {"starts", &request.starts},
                                                     {"country", &request.country},
                                                     {"currency", &request.currency},
                                                     {"regions", &request.regions},
                                                     {"narrative", &request.narrative},
                                                     {"starting_state", &request.starting_state}};
  for (const auto& [name, value] : given) {
    if (name == "months") {
      request.months = std::stoi(value);
    } else if (name == "seed") {
      request.seed = std::stoull(value);
    } else {
      *texts.at(name) = value;
    }
  }
  return request;
}

int dump(const std::vector<std::string>& arguments) {
  Form form = Form::Canonical;
  bool document = false;
  bool backwards = false;
  int processes = 0;
  std::map<std::string, std::string> given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const std::size_t equals = argument.find('=');
    if (argument == "--text") {
      form = Form::Text;
    } else if (argument == "--document") {
      document = true;
    } else if (argument == "--backwards") {
      backwards = true;
    } else if (argument == "--processes" && i + 1 < arguments.size()) {
      processes = std::stoi(arguments[++i]);
    } else if (equals != std::string::npos) {
      given[argument.substr(0, equals)] = argument.substr(equals + 1);
    } else {
      throw std::invalid_argument("unknown argument " + argument);
    }
  }
  const Engine engine(tc::simulation::resolve(request_of(given)));
  if (document) {
    std::cout << engine.scenario_document() << '\n';
    return 0;
  }
  std::vector<std::string> quarters(static_cast<std::size_t>(engine.quarters()));
  if (processes > 0) {
    quarters = by_processes(engine, processes, form);
  } else {
    for (int i = 0; i < engine.quarters(); ++i) {
      const int quarter = backwards ? engine.quarters() - 1 - i : i;
      quarters[static_cast<std::size_t>(quarter)] = lines_of(engine, quarter, form);
    }
  }
  for (const std::string& lines : quarters) std::cout << lines;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_ALL, "");
  try {
    return dump({argv + 1, argv + argc});
  } catch (const tc::simulation::Refusal& refusal) {
    std::cerr << refusal.field << ": " << refusal.what() << "\n"
              << refusal.detail << "\n"
              << refusal.hint << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}
