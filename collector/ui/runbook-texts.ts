/** The runbook in one language, as `npm run docs` generates it from alerts/ (docs/decisions/runbook-page.md). */
export interface RunbookTexts {
  readonly title: string;
  readonly intro: string;
  readonly sections: readonly {
    readonly alert: string;
    /** A label and a text; commands are in backticks. */
    readonly paragraphs: readonly (readonly [label: string, text: string])[];
  }[];
  readonly thresholds: string;
  readonly thresholdsIntro: string;
  readonly thresholdList: readonly { readonly name: string; readonly value: string; readonly why: string }[];
}
