#!/bin/sh
# Writes rules and dashboards of this version for kustomize, into the folder `generated` beside this script.
set -eu
here=$(dirname "$(readlink -f "$0")")
program=${ACTIVATION_MONITOR:-activation-monitor}
out=$here/generated
mkdir -p "$out"
$program alerts build --out "$out/rules" "$@" > /dev/null
$program dashboards build --out "$out" > /dev/null
{
  printf 'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: { name: activation-monitor }\nspec:\n  groups:\n'
  for it in "$out"/rules/*.rules.yaml; do sed -e '/^groups:/d' -e '/^#/d' -e '/^$/d' -e 's/^/  /' "$it"; done
} > "$out/prometheus-rule.yaml"
# Every dashboard of this version, whatever their names.
{
  printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [prometheus-rule.yaml]\nconfigMapGenerator:\n'
  printf '  - name: dashboards\n    options: { labels: { grafana_dashboard: "1" } }\n    files:\n'
  for it in "$out"/dashboards/*.json; do printf '      - dashboards/%s\n' "$(basename "$it")"; done
} > "$out/kustomization.yaml"
