import type { Case } from "./case.ts";
import { mak } from "./series.ts";

export const LICENSES: readonly Case[] = [
  {
    alert: "LicenseDeadlineNear",
    fires: { 'deadlines{zone="core",status="licensed",within="7d"}': 3 },
    silent: [
      {
        'deadlines{zone="core",status="licensed",within="7d"}': 0,
        'deadlines{zone="core",status="licensed",within="30d"}': 9,
      },
    ],
    labels: { zone: "core", status: "licensed" },
    severity: "warning",
    value: "3",
  },
  {
    alert: "LicenseDeadlinePassed",
    fires: { 'deadlines_passed{zone="core",status="oob_grace"}': 2 },
    silent: [{ 'deadlines_passed{zone="core",status="oob_grace"}': 0 }],
    labels: { zone: "core", status: "oob_grace" },
    severity: "info",
    value: "2",
  },
  {
    alert: "LicenseNotification",
    fires: {
      'licenses{zone="core",product="a",channel="mak",status="notification"}': 2,
      'licenses{zone="core",product="b",channel="mak",status="notification"}': 3,
    },
    silent: [
      {
        'licenses{zone="core",product="a",channel="mak",status="notification"}': undefined,
        'licenses{zone="core",product="b",channel="mak",status="notification"}': undefined,
        'licenses{zone="core",product="a",channel="mak",status="licensed"}': 4,
      },
    ],
    labels: { zone: "core" },
    severity: "warning",
    value: "5",
  },
  {
    alert: "LicenseNonGenuine",
    fires: { 'genuine_computers{zone="core",state="non_genuine"}': 1 },
    silent: [{ 'genuine_computers{zone="core",state="non_genuine"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "1",
  },
  {
    alert: "LicenseRenewalsOverdue",
    fires: { 'renewals_overdue{zone="core"}': 10, 'computers{zone="core",state="reporting"}': 100 },
    silent: [{ 'renewals_overdue{zone="core"}': 4 }, { 'computers{zone="core",state="reporting"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "10%",
  },
  {
    alert: "LicenseFleetAnomaly",
    fires: {
      // So many a second, for one minute: 30 and 30 of 1000 computers.
      'license_changes{zone="core",change="to_notification"}': 30 / 60,
      'license_changes{zone="core",change="rearmed"}': 30 / 60,
      'license_changes{zone="core",change="to_licensed"}': 900 / 60,
      'computers{zone="core",state="reporting"}': 900,
      'computers{zone="core",state="stale"}': 100,
      'computers{zone="core",state="retired"}': 5_000,
    },
    silent: [
      { 'license_changes{zone="core",change="rearmed"}': 10 / 60 },
      {
        'license_changes{zone="core",change="to_notification"}': 2 / 60,
        'license_changes{zone="core",change="rearmed"}': 2 / 60,
        'computers{zone="core",state="reporting"}': 10,
        'computers{zone="core",state="stale"}': 0,
      },
      { 'computers{zone="core",state="reporting"}': 0, 'computers{zone="core",state="stale"}': 0 },
    ],
    labels: { zone: "core" },
    severity: "critical",
    value: "6%",
  },
  {
    alert: "LicenseChannelDrift",
    fires: { 'license_changes{zone="core",change="channel_drift"}': 3 / 60 },
    silent: [
      { 'license_changes{zone="core",change="channel_drift"}': 0 },
      {
        'license_changes{zone="core",change="channel_drift"}': 0,
        'license_changes{zone="core",change="rearmed"}': 9 / 60,
      },
    ],
    labels: { zone: "core" },
    severity: "warning",
    value: "3",
  },
  {
    alert: "ClientClockSkew",
    fires: { 'clock_skewed_computers{zone="core"}': 2 },
    silent: [{ 'clock_skewed_computers{zone="core"}': 0 }],
    labels: { zone: "core" },
    severity: "warning",
    value: "2",
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
    value: "8%",
  },
  {
    alert: "MakAllowanceLow",
    fires: { [`mak_allowance{${mak}}`]: 500, [`mak_computers{${mak}}`]: 100, [`mak_remaining{${mak}}`]: 25 },
    silent: [{ [`mak_remaining{${mak}}`]: 60 }],
    labels: { partial_product_key: "ABCDE" },
    severity: "warning",
    value: "5%",
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
    value: "300",
  },
];
