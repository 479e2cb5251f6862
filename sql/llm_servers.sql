-- Models are foreign servers: their options are checked, and who may use them is a matter of grants.
CREATE SERVER m FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (api 'anthropic', model 'm', input_price '3.00', output_price '15.00');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (modle 'm');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (api 'openai');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', api 'telnet');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', timeout '0');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', base_url 'http://models.example');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', base_url 'https://me:secret@models.example');
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm', api_key 'secret');
ALTER SERVER m OPTIONS (ADD base_url 'http://models.example');
ALTER SERVER m OPTIONS (ADD base_url 'http://models.example', ADD allow_http 'true');
ALTER SERVER m OPTIONS (DROP allow_http);
CREATE USER MAPPING FOR PUBLIC SERVER m OPTIONS (password 'secret');
CREATE USER MAPPING FOR PUBLIC SERVER m OPTIONS (api_key 'a b');
CREATE USER MAPPING FOR PUBLIC SERVER m OPTIONS (api_key_file 'relative');
CREATE USER MAPPING FOR PUBLIC SERVER m OPTIONS (api_key 'k');
ALTER FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (ADD debug 'true');

-- Calls that never get as far as the network.
SELECT tellingcube.complete('classify', '{"text": "a", "categories": []}');
SELECT tellingcube.complete_text('Say hi', model => 'n');
SELECT tellingcube.complete(NULL, model => 'm');
SELECT tellingcube.complete_text('{{#open}}', model => 'm');
SELECT tellingcube.embed(ARRAY['a'], 'm');
SELECT tellingcube.embed(ARRAY['a', NULL], 'm');
CREATE ROLE llm_guest;
GRANT USAGE ON SCHEMA tellingcube TO llm_guest;
SET ROLE llm_guest;
SELECT tellingcube.complete_text('Say hi', model => 'm');
SELECT tellingcube.set_budget('all', usd => 1);
SELECT tellingcube.register_prompt('---');
SELECT tellingcube.llm_record('{}');
SELECT * FROM tellingcube.llm_cache;
CREATE SERVER x FOREIGN DATA WRAPPER tellingcube_llm OPTIONS (model 'm');
SET tellingcube.local_hosts = 'intranet.example';
RESET ROLE;

-- Budgets.
SELECT tellingcube.set_budget('everybody', usd => 1);
SELECT tellingcube.set_budget('all', 'decade', usd => 1);
SELECT tellingcube.set_budget('role:llm_guest', 'month', usd => 20, tokens => 1000000);
SELECT scope, period, action, usd, tokens, used_usd, used_tokens, share FROM tellingcube.budget_status;
SELECT tellingcube.set_budget('role:llm_guest', 'month');
SELECT count(*) FROM tellingcube.budget_status;

DROP OWNED BY llm_guest;
DROP ROLE llm_guest;
DROP SERVER m CASCADE;
