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
