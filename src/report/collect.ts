/** Events → report: a listener that keeps no event, only what became of every tag and what every host was asked. */
import { Entries } from './entries.ts';
import type { Event, EventListener } from './events.ts';
import { exitCodeOfReport } from './exit-code.ts';
import { HostAccounts } from './host-accounts.ts';
import type { HostAccount, Report, ReportItem, ReportTotals, StageAccount } from './report.ts';
import { Warnings } from './warnings.ts';

export interface ReportCollector {
  readonly listen: EventListener;
  /**
   * The account up to the last event. Its exit code is what `run-finished` told, and before that event the one that the
   * items call for.
   */
  report(): Report;
}

export function collectReport(): ReportCollector {
  const account = new Account();
  return { listen: (event) => account.hear(event), report: () => account.report() };
}

/** The report of a saved event log: the same as the one that was collected while the events happened. */
export function reportOf(events: Iterable<Event>): Report {
  const { listen, report } = collectReport();
  for (const event of events) listen(event);
  return report();
}

class Account {
  readonly #entries = new Entries();
  readonly #hosts = new HostAccounts();
  readonly #warnings = new Warnings();
  readonly #stages = new Map<string, StageAccount>();
  #run: Pick<Report, 'run' | 'intent' | 'dryRun'> = { run: '', intent: '', dryRun: false };
  #exitCode: number | undefined;
  #startedAt: number | undefined;
  #lastAt = 0;
  #passes = 1;

  hear(event: Event): void {
    this.#startedAt ??= event.at;
    this.#lastAt = Math.max(this.#lastAt, event.at);
    switch (event.type) {
      case 'run-started':
        this.#run = { run: event.run, intent: event.intent, dryRun: event.dryRun };
        return;
      case 'run-finished':
        this.#exitCode = event.exitCode;
        return;
      case 'pass-started':
        this.#passes = event.pass;
        return;
      case 'stage-started':
      case 'stage-finished':
        return this.#hearStage(event);
      case 'request':
        return this.#hosts.requested(event);
      case 'waiting':
        return this.#hosts.waited(event);
      case 'warning':
        return this.#warnings.add(event);
      case 'repository-planned':
        for (const message of event.plan.warnings) {
          this.#warnings.add({ code: 'W_PLAN', message, subject: event.plan.source.location });
        }
        return this.#entries.planned(event.plan);
      default:
        return this.#hearItem(event);
    }
  }

  #hearStage(event: Extract<Event, { type: 'stage-started' | 'stage-finished' }>): void {
    const at = new Date(event.at).toISOString();
    if (event.type === 'stage-finished') {
      const stage = this.#stages.get(event.stage);
      if (stage) this.#stages.set(event.stage, { ...stage, finishedAt: at });
      return;
    }
    const { stage, afterFailuresOf, referrers } = event;
    this.#entries.stage(stage);
    this.#stages.set(stage, { stage, startedAt: at, afterFailuresOf, ...(referrers && { referrers }) });
  }

  #hearItem(event: Event): void {
    switch (event.type) {
      case 'copy-started':
        return this.#entries.started(event);
      case 'copy-planned':
        return this.#entries.looked(event);
      case 'copy-finished':
        return this.#entries.finished(event);
      case 'copy-failed':
        return this.#entries.failed(event);
      case 'tag-pruned':
        return this.#entries.pruned(event);
      case 'prune-failed':
        return this.#entries.pruneFailed(event);
      case 'not-reached':
        return this.#entries.notReached(event);
    }
  }

  report(): Report {
    const items = this.#entries.items(this.#run.dryRun);
    const hosts = this.#hosts.all();
    const startedAt = this.#startedAt ?? 0;
    const totals = totalsOf(items, this.#entries.same, hosts, this.#lastAt - startedAt);
    return {
      apiVersion: 'tranship/v1',
      kind: 'Report',
      ...this.#run,
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(this.#lastAt).toISOString(),
      exitCode: this.#exitCode ?? exitCodeOfReport({ items, totals }),
      passes: this.#passes,
      totals,
      stages: [...this.#stages.values()],
      hosts,
      warnings: this.#warnings.all(),
      items,
    };
  }
}

function totalsOf(
  items: readonly ReportItem[],
  same: number,
  hosts: readonly HostAccount[],
  milliseconds: number,
): ReportTotals {
  const totals = { copied: 0, updated: 0, same, pruned: 0, blocked: 0, failed: 0, notReached: 0 };
  let bytesMoved = 0;
  let bytesSaved = 0;
  for (const item of items) {
    totals[item.outcome === 'not-reached' ? 'notReached' : item.outcome] += 1;
    bytesMoved += item.bytesMoved ?? 0;
    bytesSaved += (item.bytesMounted ?? 0) + (item.bytesPresent ?? 0);
  }
  const requests = hosts.reduce((sum, host) => sum + host.requests, 0);
  return { ...totals, bytesMoved, bytesSaved, requests, milliseconds };
}
