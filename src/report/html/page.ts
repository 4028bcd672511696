/**
 * The report as one page that needs nothing else: no network, no file beside it. What registries said is hostile until it is
 * escaped, and a policy in the page lets run nothing but its own style and script, which are named by their hashes.
 */
import { createHash } from 'node:crypto';
import type { Report } from '../report.ts';
import { countsText } from '../words.ts';
import { blockedSection, failureSection, notReachedSection } from './failures.ts';
import { itemSection } from './items.ts';
import { html, type Markup, trusted } from './markup.ts';
import { overview } from './overview.ts';
import { repositorySection } from './repositories.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { hostSection, movedSection, stageSection, warningSection } from './tables.ts';
import { timelineSection } from './timeline.ts';

export function htmlOf(report: Report, reportFile?: string): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="tranship">
<title>${titleOf(report)}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${sectionsOf(report, reportFile)}
</main>
<footer><p>Written by tranship. The JSON report holds all that is shown here, and more; times are UTC.</p></footer>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return page.text;
}

function sectionsOf(report: Report, reportFile: string | undefined): readonly Markup[] {
  return [
    overview(report, reportFile),
    failureSection(report),
    notReachedSection(report),
    blockedSection(report),
    timelineSection(report),
    repositorySection(report),
    movedSection(report),
    hostSection(report),
    stageSection(report),
    warningSection(report),
    itemSection(report),
  ];
}

function titleOf(report: Report): string {
  return `${report.dryRun ? 'Dry run: ' : ''}${countsText(report)} – tranship`;
}

const policy = [
  "default-src 'none'",
  `style-src ${sourceOf(style)}`,
  `script-src ${sourceOf(script)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
