-- The extension's own schema: functions and types for everybody, tables for those whom their owner lets in.
GRANT USAGE ON SCHEMA tellingcube TO PUBLIC;
COMMENT ON SCHEMA tellingcube IS 'tellingcube: functions and configuration. Data lives in cubes, schemas made by create_cube().';
