import { agentSchema } from "../agent/config.ts";
import { collectorSchema } from "../collector/config.ts";
import { keysOf, keyTable } from "../config/document.ts";

/** docs/configuration.md: every key of both files, made from the schemas that check them. */
export const configurationPage = (): string => `# Configuration

Both files are YAML; every key may be left out. \`activation-monitor check-config FILE\` tells every mistake at once: a key that
is not known is one. A key's value can come from the environment instead: \`ACTIVATION_\` and its path in capitals, e.g.
\`ACTIVATION_OTLP_LISTEN=0.0.0.0:4318\` (lists and maps as YAML: \`[a, b]\`). \`\${VAR}\` in a text is taken from the environment,
so that secrets stay out of the file. Durations are written \`30s\`, \`15m\`, \`4h\`, \`3d\`; sizes \`64MiB\`.

File names in the file are relative to its own folder; those in variables and defaults are relative to the working folder. Write paths of
Windows in single quotes, or with \`/\`: in double quotes \`\\a\` and \`\\t\` are control characters, which are refused.

To copy, with every key as a comment: [collector.yaml](../deploy/config/collector.yaml), [agent.yaml](../deploy/config/agent.yaml). Editors that know the
YAML language server complete and check keys by the schema beside them. \`check-config --strict\` ends with 1 for a warning too.

This page is made by \`npm run docs\`.

## collector.yaml

${keyTable(keysOf(collectorSchema))}
A listener that other computers can reach needs encryption (\`tls\`) and authentication (\`otlp.tokens_file\`, \`http.basic_auth\` or
\`tls.client_ca_file\`). Without them a configuration is refused, unless \`insecure: true\` accepts it: [security](security.md).

\`\`\`yaml
otlp: { listen: 0.0.0.0:4318, tokens_file: /etc/activation-monitor/tokens, tls: { cert_file: /etc/ssl/c.pem, key_file: /etc/ssl/c.key } }
zones:
  - { name: core, kind: core }
  - { name: lab-7, kind: lab, computers: ["lab7-*"] }
kms: { expected_hosts: [kms01.contoso.com, kms02.contoso.com] }
\`\`\`

## agent.yaml

${keyTable(keysOf(agentSchema))}
\`\`\`yaml
collector: { url: "https://activation.contoso.com:4318", token_file: 'C:\\ProgramData\\activation-monitor\\token' }
zone: core
\`\`\`
`;
