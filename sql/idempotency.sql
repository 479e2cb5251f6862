-- A batch with an idempotency key is appended once, however often it is sent; an event with a key of its own, too.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET datestyle = ISO;
SELECT FROM tellingcube.create_cube('once');
SET tellingcube.cube = 'once';
SET search_path = once, public;
SELECT tellingcube.create_company('Alpine Bakery GmbH') IS NOT NULL AS company,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Actual', starts => '2024-01') IS NOT NULL AS scenario,
       tellingcube.create_scenario('Alpine Bakery GmbH', 'Plan', 'PL', starts => '2024-01') IS NOT NULL AS plan,
       tellingcube.create_company('Northwind Outfitters') IS NOT NULL AS other,
       tellingcube.create_scenario('Northwind Outfitters', 'Actual', starts => '2024-01') IS NOT NULL AS other_scenario;
\set two '[{"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 1}, {"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 2}]'
\set three '[{"eventType": "procurement", "month": "2024-01", "supplier": "Mill", "category": "flour", "amount": 3}]'

-- The same call again: the first result, its batch included.
SELECT inserted, duplicates, quarantined, batch_id AS first FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k1') \gset
SELECT :inserted AS inserted, :duplicates AS duplicates, :quarantined AS quarantined;
SELECT inserted, duplicates, quarantined, batch_id = :'first' AS same_batch FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k1');
SELECT inserted, duplicates, quarantined, batch_id = :'first' AS same_batch FROM tellingcube.append_events('alpine bakery gmbh', 'ACTUAL', :'two', idempotency_key => 'k1');
SELECT count(*) AS events, (SELECT sum(cash_change) FROM fact_finance_monthly) AS cash FROM events;

-- The key with other content, another scenario or another way of handling errors: an SQLSTATE of its own.
\set VERBOSITY terse
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'three', idempotency_key => 'k1');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Plan', :'two', idempotency_key => 'k1');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k1', on_invalid => 'quarantine');
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', idempotency_key => 'k1');
\echo :SQLSTATE
\set VERBOSITY default
SELECT count(*) FROM events;

-- Keys belong to a company.
SELECT inserted FROM tellingcube.append_events('Northwind Outfitters', 'Actual', :'three', idempotency_key => 'k1');
SELECT tellingcube.append_events(NULL, NULL, '[]', idempotency_key => 'k1');
\echo :SQLSTATE

-- An empty key is none.
SELECT a.inserted FROM generate_series(1, 2), tellingcube.append_events('Northwind Outfitters', 'Actual', :'three', idempotency_key => '') a;

-- A call that failed, or was rolled back, has used no key.
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "zzz", "month": "2024-01"}]', idempotency_key => 'k2');
\echo :SQLSTATE
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k2');
BEGIN;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k3');
SELECT inserted, batch_id IS NOT NULL AS same FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'two', idempotency_key => 'k3');
ROLLBACK;
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', :'three', idempotency_key => 'k3');
-- A batch with invalid events aside is repeated with its counts, and puts nothing aside twice.
SELECT a.inserted, a.quarantined FROM generate_series(1, 2),
  tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[{"eventType": "zzz", "month": "2024-01"}]', idempotency_key => 'k4', on_invalid => 'quarantine') a;
SELECT idempotency_key, inserted, duplicates, quarantined, length(payload_hash) FROM batch ORDER BY created_at, inserted DESC;
SELECT count(*) FROM quarantine;

-- Any text is a key.
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', idempotency_key => repeat('k', 100000));
SELECT inserted FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', '[]', idempotency_key => repeat(md5('k'), 10000));
\echo :SQLSTATE

-- An event that brings its own key is stored once; the same key with other content is refused.
\set mine '{"eventId": "00000000-0000-0000-0000-00000000000a", "eventType": "procurement", "month": "2024-02", "supplier": "Mill", "category": "flour", "amount": 4}'
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', format('[%s, %s]', :'mine', :'mine'));
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb, :'mine'::jsonb));
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb));
-- 4 and 4.0000 are the same amount.
SELECT inserted, duplicates FROM tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb || '{"amount": 4.0000}'));
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb || '{"amount": 5}'));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb, :'mine'::jsonb || '{"date": "2024-02-02"}'));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Plan', jsonb_build_array(:'mine'::jsonb));
\echo :SQLSTATE
SELECT tellingcube.append_events('Alpine Bakery GmbH', 'Actual', jsonb_build_array(:'mine'::jsonb || '{"eventId": "7"}'));
\echo :SQLSTATE
-- Within another company it is another event.
SELECT inserted, duplicates FROM tellingcube.append_events('Northwind Outfitters', 'Actual', jsonb_build_array(:'mine'::jsonb));
SELECT count(*) AS events, sum((payload ->> 'amount')::numeric) FROM events;
SELECT sum(cash_change) FROM fact_finance_monthly;
SELECT count(*) FROM tellingcube.verify_facts();

SELECT FROM tellingcube.drop_cube('once');
