CREATE TYPE tellingcube.quality_gate AS (gate text, measure text, threshold text, value numeric, pass boolean, detail text);
COMMENT ON TYPE tellingcube.quality_gate IS 'One gate of quality_report(): what was measured, against what, and the verdict.';
COMMENT ON COLUMN tellingcube.quality_gate.gate IS 'Name of the gate.';
COMMENT ON COLUMN tellingcube.quality_gate.measure IS 'What was measured; shares and margins as fractions.';
COMMENT ON COLUMN tellingcube.quality_gate.threshold IS 'What is accepted.';
COMMENT ON COLUMN tellingcube.quality_gate.value IS 'What was found, the worst of several; to four decimals, by which it is judged.';
COMMENT ON COLUMN tellingcube.quality_gate.pass IS 'Whether the value is accepted; NULL when the gate does not apply, for the reason in detail.';
COMMENT ON COLUMN tellingcube.quality_gate.detail IS 'Where the worst was found and how much was looked at, or why the gate does not apply.';
