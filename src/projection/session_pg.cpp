#include "projection/session_pg.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.hpp"
#include "pg/errors.hpp"
#include "pg/lookup.hpp"
#include "pg/values.hpp"
#include "projection/fold_pg.hpp"
#include "projection/members_pg.hpp"
#include "settings.hpp"

namespace projection {
namespace {

using tc::Uuid;
using tc::projection::Layer;

struct LeveledLayer {
  int level;  // of the subtransaction that owns it
  Layer layer;
  std::vector<tc::projection::MemberId> members;  // that rows already written mention
};

struct Session {
  std::vector<Tenant> tenants;
  std::map<std::tuple<Oid, Uuid, Uuid>, TenantId> tenant_ids;
  std::map<Oid, std::vector<LeveledLayer>> layers;  // by cube, outermost first

  void clear() {
    tenants.clear();
    tenant_ids.clear();
    layers.clear();
  }
};

Session& session() {
  static Session session;
  return session;
}

struct ScenarioRow {
  bool found = false;
  DateADT starts = 0;
  int32 months = 0;
};

ScenarioRow read_scenario(const cube::Cube& cube, const Uuid& company, const Uuid& scenario) {
  const pg::LookupKey key[] = {{"company_id", F_UUID_EQ, pg::uuid_datum(company)},
                               {"scenario_id", F_UUID_EQ, pg::uuid_datum(scenario)}};
  ScenarioRow row;
  row.found = pg::look_up(cube.dim_scenario, key, [&](const pg::FoundRow& found) {
    row.starts = DatumGetDateADT(found["starts"]);
    row.months = DatumGetInt32(found["months"]);
  });
  return row;
}

LeveledLayer& current_layer(Oid cube) {
  auto& layers = session().layers[cube];
  const int level = GetCurrentTransactionNestLevel();
  if (layers.empty() || layers.back().level < level) layers.push_back({level, {}, {}});
  return layers.back();
}

std::int64_t flush_cube(Oid schema, std::vector<LeveledLayer>& layers) {
  const bool nothing = std::all_of(layers.begin(), layers.end(),
                                   [](const LeveledLayer& l) { return l.layer.empty(); });
  if (nothing) return 0;
  if (!cube::exists(schema)) {  // dropped in this very transaction, and its facts with it
    layers.clear();
    return 0;
  }
  Layer total;
  for (const LeveledLayer& l : layers) total.add(l.layer);
  const std::int64_t rows =
      write_pending(cube::find(schema), total);  // may have made a layer for this level
  // The rows belong to the current subtransaction. What they took from lower layers is owed back by
  // this one: if it aborts, rows and debt vanish together; if it commits, debt and lower layer
  // cancel out.
  const int level = GetCurrentTransactionNestLevel();
  Layer debt;
  for (const LeveledLayer& l : layers) {
    if (l.level < level) debt.subtract(l.layer);
  }
  if (layers.back().level < level) layers.push_back({level, {}, {}});
  if (layers.back().level == level) layers.back().layer = std::move(debt);
  return rows;
}

void subtransaction_committed(int level) {
  for (auto& [cube, layers] : session().layers) {
    if (layers.empty() || layers.back().level < level) continue;
    if (layers.size() > 1 && layers[layers.size() - 2].level == level - 1) {
      LeveledLayer& parent = layers[layers.size() - 2];
      parent.layer.add(layers.back().layer);
      parent.members.insert(parent.members.end(), layers.back().members.begin(),
                            layers.back().members.end());
      layers.pop_back();
    } else {
      layers.back().level = level - 1;
    }
  }
}

void subtransaction_aborted(int level) {
  for (auto& [cube, layers] : session().layers) {
    while (!layers.empty() && layers.back().level >= level) layers.pop_back();
  }
  std::erase_if(session().layers, [](const auto& entry) { return entry.second.empty(); });
  for (Tenant& t : session().tenants) t.is_proven = false;  // what it made may be gone
  forget_new_members();
}

void on_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  pg::entry([&] {
    const int level = GetCurrentTransactionNestLevel();
    if (event == SUBXACT_EVENT_COMMIT_SUB) subtransaction_committed(level);
    if (event == SUBXACT_EVENT_ABORT_SUB) subtransaction_aborted(level);
  });
}

// What runs while committing needs a snapshot; pushing one here, once, also keeps whatever runs
// from leaving one of its own.
class CommitSnapshot {
 public:
  CommitSnapshot()
      : pushed_(pg::call([] {
          if (ActiveSnapshotSet()) return false;
          PushActiveSnapshot(GetTransactionSnapshot());
          return true;
        })) {}
  ~CommitSnapshot() {
    if (pushed_ && ActiveSnapshotSet()) PopActiveSnapshot();
  }
  CommitSnapshot(const CommitSnapshot&) = delete;
  CommitSnapshot& operator=(const CommitSnapshot&) = delete;

 private:
  bool pushed_;
};

void before_commit(bool may_fold) {
  if (session().layers.empty()) return;
  CommitSnapshot snapshot;
  std::vector<Oid> cubes;
  for (const auto& [cube, layers] : session().layers) cubes.push_back(cube);
  flush();
  make_noted_members();
  session().layers.clear();
  for (const Oid cube : cubes) {
    if (may_fold && cube::exists(cube)) fold_if_due(cube::find(cube));
  }
}

void on_transaction(XactEvent event, void*) {
  pg::entry([&] {
    switch (event) {
      case XACT_EVENT_PRE_COMMIT:
        before_commit(true);
        break;
      case XACT_EVENT_PRE_PREPARE:
        before_commit(false);  // a prepared transaction would keep the fold's locks
        break;
      case XACT_EVENT_COMMIT:
        keep_new_members();
        session().clear();
        break;
      case XACT_EVENT_ABORT:
      case XACT_EVENT_PREPARE:
        forget_new_members();
        session().clear();
        break;
      default:  // a parallel worker adds nothing
        break;
    }
  });
}

}  // namespace

TenantId tenant(const cube::Cube& cube, const Uuid& company, const Uuid& scenario) {
  const auto key = std::tuple(cube.schema, company, scenario);
  const auto found = session().tenant_ids.find(key);
  if (found != session().tenant_ids.end() && session().tenants[found->second].is_proven) {
    return found->second;
  }
  const ScenarioRow row = read_scenario(cube, company, scenario);
  if (!row.found) {
    pg::fail(pg::sqlstate::kUnknownScenario,
             "there is no scenario " + to_string(scenario) + " of company " + to_string(company),
             "The cube is \"" + cube.name + "\".",
             "Make it with tellingcube.create_company() and tellingcube.create_scenario().");
  }
  const tc::Month starts = tc::month_of(static_cast<tc::Date>(row.starts));
  const Tenant read{cube.schema, company,
                    scenario,    company_number(cube.schema, company),
                    starts,      starts + row.months - 1,
                    true};
  if (found != session().tenant_ids.end()) {
    session().tenants[found->second] = read;
    return found->second;
  }
  session().tenants.push_back(read);
  const auto id = static_cast<TenantId>(session().tenants.size() - 1);
  session().tenant_ids.emplace(key, id);
  return id;
}

const Tenant& tenant(TenantId id) { return session().tenants[id]; }

void add_event(const cube::Cube& cube, std::string_view event_type, tc::event::Fields payload,
               const tc::projection::Occurrence& occurrence) {
  LeveledLayer& top = current_layer(cube.schema);
  tc::projection::contribute(event_type, payload, occurrence, members(), top.layer);
  // Memory is bounded by writing early. What this layer holds was added by this very
  // subtransaction, as its rows will be.
  const auto limit = static_cast<std::size_t>(settings::accumulator_rows());
  if (top.layer.sums.size() + top.layer.staff.size() > limit) {
    write_pending(cube, top.layer);
    top.layer.clear();
  }
}

void note_members(const cube::Cube& cube, const std::vector<tc::projection::MemberId>& ids) {
  auto& noted = current_layer(cube.schema).members;
  for (const tc::projection::MemberId id : ids) {
    if (!is_made(id)) noted.push_back(id);
  }
}

void make_noted_members() {
  for (const auto& [cube, layers] : session().layers) {
    std::vector<tc::projection::MemberId> ids;
    for (const LeveledLayer& l : layers) ids.insert(ids.end(), l.members.begin(), l.members.end());
    if (!ids.empty() && cube::exists(cube)) make_members(cube::find(cube), std::move(ids));
  }
}

std::int64_t flush() {
  std::int64_t rows = 0;
  for (auto& [cube, layers] : session().layers) rows += flush_cube(cube, layers);
  if (rows > 0) pg::call([] { CommandCounterIncrement(); });
  return rows;
}

void init() {
  pg::call([] {
    RegisterXactCallback(on_transaction, nullptr);
    RegisterSubXactCallback(on_subtransaction, nullptr);
  });
}

}  // namespace projection
