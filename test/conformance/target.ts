import { randomBytes } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { type Answer, Wire, type WireRequest } from './wire.ts';

/** What a target was set up with, beyond what every registry has. Cases that need more are left out elsewhere. */
export type Setup = 'basic-auth' | 'token-auth' | 'read-only';

export interface TargetOptions {
  readonly origin: URL;
  /** Set when the server asks for these. */
  readonly username?: string;
  readonly password?: string;
  readonly setups?: readonly Setup[];
  /** A repository with a tag that was there before a server was made read-only. */
  readonly existing?: { readonly repository: string; readonly tag: string };
  /** Sent with every request that does not say otherwise. */
  readonly headers?: OutgoingHttpHeaders;
}

/** A registry under test: a wire to it and repository names that no other case uses. */
export class Target {
  readonly options: TargetOptions;
  readonly wire: Wire;

  constructor(options: TargetOptions) {
    this.options = options;
    this.wire = new Wire(options.origin);
  }

  send(request: WireRequest): Promise<Answer> {
    return this.wire.send({ ...request, headers: { ...this.options.headers, ...request.headers } });
  }

  /** The name of a repository that nobody wrote to. */
  repository(hint = 'case'): string {
    return `conformance/${hint}-${randomBytes(6).toString('hex')}`;
  }

  has(setup: Setup): boolean {
    return this.options.setups?.includes(setup) ?? false;
  }

  [Symbol.dispose](): void {
    this.wire.close();
  }
}
