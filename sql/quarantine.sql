-- on_invalid => 'quarantine' keeps invalid events aside, with their text and every reason, until they are repaired.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('aside');
SET tellingcube.cube = 'aside';
SET search_path = aside, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01', months => 12) IS NOT NULL AS scenario,
       tellingcube.create_company('Northwind Outfitters') IS NOT NULL AS other,
       tellingcube.create_scenario('Northwind Outfitters', 'Actual', starts => '2024-01', months => 12) IS NOT NULL AS other_scenario;

-- What is valid is stored, the rest waits.
SELECT inserted, duplicates, quarantined FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[
  {"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 6, "cogs": 1},
  {"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3, "revenue": 7},
  {"eventType": "sales",  "month":"2024-13" },
  {"eventType": "procurement", "month": "2025-06", "supplier": "Mill", "category": "flour", "amount": 1},
  "Note: the sales above are estimates.",
  {"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 1, "amount": 2},
  {"reverses": "00000000-0000-0000-0000-000000000001"},
  {"eventType": "procurement", "month": "2024-01", "supplier": "Mill\u0000", "category": "flour", "amount": 1e400}]',
  source => 'model', on_invalid => 'quarantine');
SELECT ordinal, event FROM quarantine ORDER BY ordinal;
SELECT ordinal, r ->> 'pointer' AS pointer, r ->> 'rule' AS rule, r ->> 'message' AS message
FROM quarantine, jsonb_array_elements(reasons) WITH ORDINALITY e(r, n) ORDER BY ordinal, n;
SELECT source, repaired, released_at, count(DISTINCT batch_id) AS batches FROM quarantine GROUP BY 1, 2, 3;
SELECT revenue, cash_change FROM fact_finance_monthly;
SELECT count(*) FROM tellingcube.verify_facts();

-- Text that is no JSON array at all has no events to keep: still an error, and nothing is stored.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "procurement", "month": "2024-01"}, {"a": ]', on_invalid => 'quarantine');
\echo :SQLSTATE
-- The same with an event that names no company, or one that is not there.
SELECT tellingcube.append_events(NULL, NULL, '[{"eventType": "procurement"}]', on_invalid => 'quarantine');
\echo :SQLSTATE
SELECT count(*) FROM quarantine;

-- Released as they are, they stay, with the reasons of now.
SELECT * FROM tellingcube.release_quarantine();
SELECT ordinal, jsonb_array_length(reasons) > 0 AS has_reasons, released_at IS NULL AS waits FROM quarantine ORDER BY ordinal;

-- Repaired and released, each counts once.
SELECT tellingcube.repair_event(quarantine_id,
  '{"eventType": "sale", "month": "2024-01", "product": "Bread", "region": "Tyrol", "quantity": 2, "unitPrice": 3.5, "revenue": 7, "cogs": 1}')
FROM quarantine WHERE ordinal = 2 \g /dev/null
SELECT tellingcube.repair_event(quarantine_id,
  '{"eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "flour", "amount": 5}')
FROM quarantine WHERE ordinal = 4 \g /dev/null
SELECT tellingcube.repair_event(quarantine_id, '{"eventType": "procurement", "month": "2024-02", "amount": 5}')
FROM quarantine WHERE ordinal = 6 \g /dev/null
SELECT * FROM tellingcube.release_quarantine('Northwind Outfitters');
SELECT r.* FROM quarantine q, tellingcube.release_quarantine(quarantine_id => q.quarantine_id) r WHERE q.ordinal = 2;
SELECT * FROM tellingcube.release_quarantine('Alpine Bakery GmbH');
SELECT ordinal, released_at IS NULL AS waits FROM quarantine ORDER BY ordinal;
SELECT event_type, event_month, source, count(*) FROM events GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT month, revenue, cash_change FROM fact_finance_monthly ORDER BY month;
SELECT count(*) FROM tellingcube.verify_facts();
SELECT * FROM tellingcube.release_quarantine();

-- What is gone from quarantine, or never was there, cannot be repaired.
\set VERBOSITY sqlstate
SELECT tellingcube.repair_event(quarantine_id, '{}') FROM quarantine WHERE ordinal = 2;
\set VERBOSITY default
SELECT tellingcube.repair_event('00000000-0000-0000-0000-000000000000', '{}');
\echo :SQLSTATE
SELECT tellingcube.repair_event(NULL, NULL);
\echo :SQLSTATE
SELECT * FROM tellingcube.release_quarantine('Alpin');
\echo :SQLSTATE
-- A repair may be anything; it waits until it is an event.
SELECT tellingcube.repair_event(quarantine_id, '[1, 2]') FROM quarantine WHERE ordinal = 5 \g /dev/null
SELECT * FROM tellingcube.release_quarantine();
SELECT reasons -> 0 ->> 'message' AS message FROM quarantine WHERE ordinal = 5;
-- Even two events make not one.
SELECT tellingcube.repair_event(quarantine_id, '{"eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "flour", "amount": 5}')
FROM quarantine WHERE ordinal = 5 \g /dev/null

-- A rolled-back release releases nothing.
BEGIN;
SELECT released FROM tellingcube.release_quarantine();
ROLLBACK;
SELECT count(*) FROM quarantine WHERE released_at IS NULL;
SELECT count(*) FROM tellingcube.verify_facts();

-- A role that may append may quarantine, though it cannot touch the quarantine itself.
CREATE ROLE regress_tc_writer;
GRANT USAGE ON SCHEMA aside TO regress_tc_writer;
GRANT SELECT ON dim_company, dim_scenario TO regress_tc_writer;
GRANT INSERT ON events TO regress_tc_writer;
SET ROLE regress_tc_writer;
SELECT inserted, quarantined FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "zzz", "month": "2024-01"}]', on_invalid => 'quarantine');
SELECT * FROM quarantine;
\echo :SQLSTATE
SELECT * FROM tellingcube.release_quarantine();
\echo :SQLSTATE
RESET ROLE;
SELECT FROM tellingcube.drop_cube('aside');
DROP ROLE regress_tc_writer;
