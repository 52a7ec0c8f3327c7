import { kmsMetrics, type Metric, recordedName } from "../../licensing/telemetry/metrics.ts";

/** Figures as Prometheus' templates: the same in every language, but for what is said where there is none. */
export const COUNT = '{{ $value | printf "%.0f" }}';

/** `23` of the 25 as of now, looked up where the alert is evaluated; the value itself is the difference. */
export const counted = (otherwise: string): string =>
  `{{ with printf "${recordedName(kmsMetrics.headroom)}{kms_host='%s',product_class='%s'} + on (product_class) group_left () ${recordedName(kmsMetrics.requiredClients)}" $labels.kms_host $labels.product_class | query }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;
export const needed = (otherwise: string): string =>
  `{{ with printf "${recordedName(kmsMetrics.requiredClients)}{product_class='%s'}" $labels.product_class | query }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;

/** A limit as the collector is configured with it. */
export const allowed = (metric: Metric, otherwise: string): string =>
  `{{ with query "max(${recordedName(metric)})" }}{{ . | first | value | printf "%.0f" }}{{ else }}${otherwise}{{ end }}`;

/** An expected host of which nothing was ever heard is known until 1970. */
export const silentFor = (ever: string, duration: (figure: string) => string): string =>
  `{{ if gt $value 1e9 }}${ever}{{ else }}${duration("{{ $value | humanizeDuration }}")}{{ end }}`;
