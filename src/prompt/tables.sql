CREATE TABLE tellingcube.prompt (
  name text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  description text NOT NULL,
  purpose text NOT NULL,
  tier text NOT NULL,
  definition text NOT NULL,
  built_in boolean NOT NULL DEFAULT false,
  registered_by name NOT NULL DEFAULT current_user,
  registered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version)
);
SELECT pg_catalog.pg_extension_config_dump('tellingcube.prompt', 'WHERE NOT built_in');
GRANT SELECT ON tellingcube.prompt TO PUBLIC;
COMMENT ON TABLE tellingcube.prompt IS 'Prompts and their versions, which never change. Add one with register_prompt(), choose with activate_prompt().';
COMMENT ON COLUMN tellingcube.prompt.name IS 'Name, as complete() takes it.';
COMMENT ON COLUMN tellingcube.prompt.version IS 'Version, from 1.';
COMMENT ON COLUMN tellingcube.prompt.description IS 'What it is for, in a sentence.';
COMMENT ON COLUMN tellingcube.prompt.purpose IS 'What its answers are for; routes and budgets go by it.';
COMMENT ON COLUMN tellingcube.prompt.tier IS 'Kind of model it wants: fast, balanced, advanced.';
COMMENT ON COLUMN tellingcube.prompt.definition IS 'Front matter, "# system" and "# user".';
COMMENT ON COLUMN tellingcube.prompt.built_in IS 'True for the prompts that come with the extension.';
COMMENT ON COLUMN tellingcube.prompt.registered_by IS 'Role that registered it.';
COMMENT ON COLUMN tellingcube.prompt.registered_at IS 'When it was registered.';

CREATE TABLE tellingcube.prompt_choice (
  name text NOT NULL,
  version integer NOT NULL,
  weight numeric NOT NULL CHECK (weight > 0 AND weight < 1000000),
  PRIMARY KEY (name, version)
);
SELECT pg_catalog.pg_extension_config_dump('tellingcube.prompt_choice', '');
GRANT SELECT ON tellingcube.prompt_choice TO PUBLIC;
COMMENT ON TABLE tellingcube.prompt_choice IS 'Versions that activate_prompt() chose; a prompt without a row uses its highest version.';
COMMENT ON COLUMN tellingcube.prompt_choice.name IS 'Prompt.';
COMMENT ON COLUMN tellingcube.prompt_choice.version IS 'Version that is used.';
COMMENT ON COLUMN tellingcube.prompt_choice.weight IS 'Its share among the prompt''s chosen versions.';
