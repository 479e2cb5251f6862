// Where the server loads us: one line for each feature that has something to set up.
#include "cube/cube_pg.hpp"
#include "event/events_pg.hpp"
#include "event/registry_pg.hpp"
#include "llm/gate_pg.hpp"
#include "projection/session_pg.hpp"
#include "settings.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void) {
  pg::entry([] {
    settings::init();
    cube::init();
    event::init();
    event::init_columns();
    projection::init();
    llm::gate::init();
  });
}
