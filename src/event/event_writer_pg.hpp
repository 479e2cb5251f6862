// Storing checked events: straight into the partitions, as COPY would, or by INSERT where something
// else must see them.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <unordered_set>

#include "cube/cube_pg.hpp"
#include "pg/bulk_writer.hpp"
#include "pg/spi.hpp"
#include "pg/values.hpp"

namespace event {

// A checked event, as it is stored.
struct NewEvent {
  tc::Uuid company;
  tc::Uuid scenario;
  tc::Uuid event_id;
  std::string_view event_type;
  tc::Timestamp event_ts = 0;
  std::string_view source;
  Jsonb* payload = nullptr;
  int schema_version = 1;
  std::optional<tc::Uuid> run_id;
  std::optional<tc::Uuid> reverses;
};

// Raises not_allowed unless the current role may insert events.
void require_insert_privilege(const cube::Cube& cube);

// Quarantine and idempotency keys are kept on behalf of whoever may append, as the cube's owner;
// but where row-level security says which events a role may append, it must say so of these, too:
// then they are written as the role itself.
class Bookkeeping {
 public:
  explicit Bookkeeping(const cube::Cube& cube);
  bool is_secured() const { return !owner_; }

 private:
  std::optional<pg::AsOwner> owner_;
};

class EventWriter {
 public:
  // Raises not_allowed when the current role may not insert events.
  explicit EventWriter(const cube::Cube& cube);

  // False: the row went through INSERT, and the table's own trigger has checked and projected it.
  // That is so where row-level security applies to the role, and where somebody gave the table
  // triggers, constraints or columns of their own.
  [[nodiscard]] bool add(const NewEvent& event);
  void insert(const NewEvent& event);  // by INSERT in any case
  void flush();  // what was added is in the table, and visible to the next statement

  enum class Stored { No, Same, Other };
  // Whether an event with that key is stored already: the same event, or another one.
  Stored is_stored(const NewEvent& event);

 private:
  Stored is_stored_by_query(const NewEvent& event);
  pg::BulkWriter* writer_for(tc::Month month);  // nullptr: INSERT

  const cube::Cube cube_;
  bool direct_;
  MemoryContext context_;                                   // of the call, not of an event
  std::map<Oid, std::unique_ptr<pg::BulkWriter>> writers_;  // by partition; empty: INSERT
  std::map<tc::Month, pg::BulkWriter*> by_month_;
};

}  // namespace event
