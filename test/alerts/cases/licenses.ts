import type { Case } from "./case.ts";
import { computers, lab, mak } from "./series.ts";

export const LICENSES: readonly Case[] = [
  {
    alert: "LicenseDeadlineNear",
    fires: { 'deadlines{zone="core",status="licensed",within="45d"}': 12, [computers]: 500 },
    silent: [
      { 'deadlines{zone="core",status="licensed",within="45d"}': 0 },
      { [computers]: 50_000 },
      { 'deadlines{zone="core",status="licensed",within="45d"}': 2 },
    ],
    labels: { zone: "core", status: "licensed", within: "45d" },
    severity: "warning",
    text: "Zone core: 12 licenses expire within 45 days",
  },
  {
    alert: "LicenseDeadlineNear",
    fires: { 'deadlines{zone="core",status="oob_grace",within="7d"}': 1, [computers]: 4 },
    silent: [lab, { [computers]: 5 }],
    labels: { zone: "core", status: "oob_grace", within: "7d" },
    severity: "warning",
    text: "Zone core: 1 license expires within 7 days",
  },
  {
    alert: "LicenseDeadlinePassed",
    fires: { 'deadlines_passed{zone="core",status="oob_grace"}': 3, [computers]: 100 },
    silent: [{ 'deadlines_passed{zone="core",status="oob_grace"}': 2 }, { [computers]: 1_000 }, lab],
    labels: { zone: "core", status: "oob_grace" },
    severity: "info",
    text: "Zone core: 3 computers passed the last known deadline",
  },
  {
    alert: "LicenseNotification",
    fires: {
      'licenses{zone="core",product="a",channel="mak",status="notification"}': 2,
      'licenses{zone="core",product="b",channel="mak",status="notification"}': 3,
      'licenses{zone="core",product="b",channel="mak",status="licensed"}': 400,
    },
    silent: [
      {
        'licenses{zone="core",product="a",channel="mak",status="notification"}': undefined,
        'licenses{zone="core",product="b",channel="mak",status="notification"}': undefined,
      },
      { 'licenses{zone="core",product="b",channel="mak",status="licensed"}': 1_000 },
    ],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: 5 licenses are in notification mode",
  },
  {
    alert: "LicenseNonGenuine",
    fires: { 'genuine_computers{zone="core",state="non_genuine"}': 3, [computers]: 100 },
    silent: [{ 'genuine_computers{zone="core",state="non_genuine"}': 0 }, { [computers]: 1_000 }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: Windows considers 3 computers non-genuine",
  },
  {
    alert: "LicenseRenewalsOverdue",
    fires: { 'renewals_overdue{zone="core"}': 10, [computers]: 140 },
    silent: [{ 'renewals_overdue{zone="core"}': 4 }, { [computers]: 0 }, { [computers]: undefined }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: about 7 % of the computers are overdue for renewal",
  },
  {
    alert: "LicenseFleetAnomaly",
    fires: {
      'license_changes{zone="core",change="to_notification"}': 30,
      'license_changes{zone="core",change="rearmed"}': 30,
      'license_changes{zone="core",change="to_licensed"}': 900,
      [computers]: 1_000,
    },
    silent: [
      { 'license_changes{zone="core",change="rearmed"}': 10 },
      {
        'license_changes{zone="core",change="to_notification"}': 2,
        'license_changes{zone="core",change="rearmed"}': 2,
        [computers]: 10,
      },
      { [computers]: 0 },
    ],
    labels: { zone: "core" },
    severity: "critical",
    text: "Zone core: the license state of about 6 % of the computers got worse within an hour",
  },
  {
    alert: "LicenseFleetAnomaly",
    // A change that this version does not know is no return to health either.
    fires: { 'license_changes{zone="core",change="to_out_of_tolerance_grace"}': 60, [computers]: 1_000 },
    silent: [{ 'license_changes{zone="core",change="to_out_of_tolerance_grace"}': 40 }],
    labels: { zone: "core" },
    severity: "critical",
    text: "Zone core: the license state of about 6 % of the computers got worse within an hour",
  },
  {
    alert: "LicenseChannelDrift",
    fires: { 'license_changes{zone="core",change="channel_drift"}': 3, [computers]: 100 },
    silent: [
      { 'license_changes{zone="core",change="channel_drift"}': 1 },
      { [computers]: 1_000 },
      {
        'license_changes{zone="core",change="channel_drift"}': 0,
        'license_changes{zone="core",change="rearmed"}': 9,
      },
    ],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: 3 computers changed the activation method",
  },
  {
    alert: "ClientClockSkew",
    fires: { 'clock_skewed_computers{zone="core"}': 20, [computers]: 1_000 },
    silent: [{ 'clock_skewed_computers{zone="core"}': 0 }, { [computers]: 50_000 }],
    labels: { zone: "core" },
    severity: "warning",
    text: "Zone core: the clock of 20 computers is wrong",
  },
  {
    alert: "MakAllowanceLow",
    fires: { [`mak_allowance{${mak}}`]: 500, [`mak_computers{${mak}}`]: 460 },
    silent: [
      { [`mak_computers{${mak}}`]: 440 },
      { [`mak_remaining{${mak}}`]: 100 },
      { [`mak_allowance{${mak}}`]: undefined },
    ],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    text: "MAK …-ABCDE: 8 % of the activations are left",
  },
  {
    alert: "MakAllowanceLow",
    fires: { [`mak_allowance{${mak}}`]: 500, [`mak_computers{${mak}}`]: 100, [`mak_remaining{${mak}}`]: 25 },
    silent: [{ [`mak_remaining{${mak}}`]: 60 }],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    text: "MAK …-ABCDE: 5 % of the activations are left",
  },
  {
    alert: "MakExhaustionForecast",
    fires: { [`mak_allowance{${mak}}`]: 600, [`mak_computers{${mak}}`]: "0+10x45" },
    silent: [
      { [`mak_computers{${mak}}`]: "0+5x45" },
      { [`mak_allowance{${mak}}`]: 1_000 },
      { [`mak_remaining{${mak}}`]: 400 },
      { [`mak_remaining{${mak}}`]: 0 },
    ],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    text: "MAK …-ABCDE will be used up within 30 days",
  },
];
