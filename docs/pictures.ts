import { existsSync, mkdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { UIDS } from "../dashboards/frame.ts";

/**
 * `npm run pictures`: the README's pictures, from running programs: any Grafana that has the dashboards, and a collector's
 * status page. What they show best comes from a fleet with a past: `node docs/history.ts`.
 */
const { values } = parseArgs({
  options: {
    grafana: { type: "string" },
    collector: { type: "string", default: "http://127.0.0.1:9688" },
    out: { type: "string", default: fileURLToPath(new URL("pictures", import.meta.url)) },
    chromium: { type: "string" },
    from: { type: "string", default: "now-7d" },
  },
});
/** Without a Grafana only the collector's own page is taken. */
const grafana = values.grafana?.replace(/\/$/, "");

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome.exe", "msedge.exe"];
const browserFile = (): string => {
  const files = (process.env.PATH ?? "").split(delimiter).flatMap((it) => BROWSERS.map((name) => join(it, name)));
  const found = values.chromium ?? files.find((it) => existsSync(it));
  if (!found) throw new Error("There is no Chromium on the PATH; name one with --chromium FILE.");
  return found;
};

const WIDTH = 1760;
interface Picture {
  readonly name: string;
  readonly url: string;
  readonly theme: "dark" | "light";
  readonly height: number;
  readonly width?: number;
}
const dashboard = (uid: string, theme: string): string =>
  `${grafana}/d/${uid}?kiosk&theme=${theme}&from=${encodeURIComponent(values.from)}&to=now`;
const OF_GRAFANA: readonly Picture[] = [
  { name: "fleet-dark", url: dashboard(UIDS.fleet, "dark"), theme: "dark", height: 960 },
  { name: "fleet-light", url: dashboard(UIDS.fleet, "light"), theme: "light", height: 960 },
  { name: "kms-dark", url: dashboard(UIDS.kms, "dark"), theme: "dark", height: 1140 },
];
const PICTURES: readonly Picture[] = [
  ...(grafana === undefined ? [] : OF_GRAFANA),
  { name: "status-page", url: values.collector, theme: "light", height: 800, width: 1250 },
];

/** At rest: nothing loads any more, and the transitions are over. */
const settled = async (page: Page): Promise<void> => {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(`document.querySelector('[aria-label="Panel loading bar"]') === null`);
  await page.waitForTimeout(2_000);
};

const shoot = async (browser: Browser, { name, url, theme, height, width = WIDTH }: Picture): Promise<void> => {
  const token = process.env.GRAFANA_TOKEN;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: theme,
    ...(token &&
      grafana !== undefined &&
      url.startsWith(grafana) && { extraHTTPHeaders: { Authorization: `Bearer ${token}` } }),
  });
  const response = await page.goto(url);
  if (!response?.ok()) throw new Error(`${url} answered ${response?.status() ?? "nothing"}.`);
  await settled(page);
  const file = join(values.out, `${name}.png`);
  await page.screenshot({ path: file });
  await page.close();
  process.stdout.write(`${file} ${Math.round(statSync(file).size / 1024)} KiB\n`);
};

mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch({
  executablePath: browserFile(),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
try {
  for (const it of PICTURES) await shoot(browser, it);
} finally {
  await browser.close();
}
