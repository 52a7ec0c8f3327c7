import type { NotificationWords } from "./locales/texts.ts";

/**
 * Alertmanager's templates for mail and chat: what fires, with its numbers, since when, and the links to the runbook and the
 * dashboard. Alertmanager escapes the HTML.
 */
export const notificationTemplate = (words: NotificationWords): string => `{{ define "activation.status" -}}
{{ if eq . "firing" }}${words.firing}{{ else }}${words.resolved}{{ end }}
{{- end }}

{{ define "activation.subject" -}}
[{{ template "activation.status" .Status }}] {{ with index .Alerts 0 }}{{ .Annotations.summary }}{{ end }}
{{- if gt (len .Alerts) 1 }} (${words.all} {{ len .Alerts }}){{ end }}
{{- end }}

{{ define "activation.text" -}}
{{ range .Alerts -}}
[{{ template "activation.status" .Status }}] {{ .Annotations.summary }}
{{ .Annotations.description }}
${words.since}: {{ .StartsAt.UTC.Format "2006-01-02 15:04" }} UTC
${words.runbook}: {{ .Annotations.runbook_url }}
{{ with .Annotations.dashboard_url }}${words.dashboard}: {{ . }}
{{ end }}
{{ end -}}
${words.silence}: {{ .ExternalURL }}
{{ end }}

{{ define "activation.html" -}}
{{ range .Alerts -}}
<h3>[{{ template "activation.status" .Status }}] {{ .Annotations.summary }}</h3>
<p>{{ .Annotations.description }}</p>
<p>${words.since}: {{ .StartsAt.UTC.Format "2006-01-02 15:04" }} UTC<br>
<a href="{{ .Annotations.runbook_url }}">${words.runbook}: {{ .Labels.alertname }}</a>{{ with .Annotations.dashboard_url }} · <a href="{{ . }}">${words.dashboard}</a>{{ end }}</p>
{{ end -}}
<p><a href="{{ .ExternalURL }}">${words.silence}</a></p>
{{ end }}
`;
