import { backoffDelay } from '../kit/backoff.ts';
import { type Clock, systemClock } from '../kit/clock.ts';
import { isTranshipError, TranshipError } from '../oci/errors.ts';
import { Connections } from './connections.ts';
import { Connector } from './connector.ts';
import { ExchangeFailure } from './errors.ts';
import { HostGate } from './host-gate.ts';
import { limits, type Timeouts } from './limits.ts';
import { Names, type Resolver, systemResolver } from './names.ts';
import { Origins } from './origins.ts';
import type { Environment } from './proxy.ts';
import { isRedirect, nextStep, type Step } from './redirect.ts';
import {
  type Attempts,
  afterAnswer,
  afterFailure,
  discountThrottled,
  type Next,
  policyOf,
  retryBackoff,
} from './retry.ts';
import { retryAfter } from './retry-after.ts';
import { Sender, type Sending } from './sender.ts';
import { Trust, usualCertificateFolders } from './trust.ts';
import type {
  HostSettings,
  HttpAnswer,
  HttpClient,
  HttpDownload,
  HttpEvent,
  HttpRequest,
  HttpUpload,
  RetryPolicy,
} from './types.ts';

export interface HttpOptions {
  /** What the user said about a host (`host[:port]`); an empty record where nothing. */
  settings(host: string): HostSettings;
  /** Proxy variables and `SSL_CERT_FILE` are read here. */
  readonly env: Environment;
  readonly userAgent: string;
  readonly clock?: Clock;
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
  readonly resolver?: Resolver;
  readonly timeouts?: Partial<Timeouts>;
  readonly certificateFolders?: readonly string[];
  /** `NODE_TLS_REJECT_UNAUTHORIZED=0` in the environment is refused unless this says that it is known. It has no effect. */
  readonly tolerateUnverifiedEnvironment?: boolean;
  observe?(event: HttpEvent): void;
}

/** The one way out. See {@link HttpClient}; close it when done. */
export function createHttp(options: HttpOptions): HttpClient {
  refuseUnverified(options);
  return new Client(options);
}

function refuseUnverified({ env, tolerateUnverifiedEnvironment }: HttpOptions): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0' || tolerateUnverifiedEnvironment === true) return;
  throw new TranshipError('E_TLS_UNVERIFIED', 'usage', 'NODE_TLS_REJECT_UNAUTHORIZED=0 would trust any server', {
    hint: 'unset it; --insecure switches the check off for one registry, --ca-file adds an authority',
  });
}

class Client implements HttpClient {
  readonly #options: HttpOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #timeouts: Timeouts;
  readonly #connector: Connector;
  readonly #connections: Connections;
  readonly #origins: Origins;
  readonly #sender: Sender;
  readonly #gates = new Map<string, HostGate>();

  constructor(options: HttpOptions) {
    const { clock = systemClock, random = Math.random, resolver = systemResolver, env, userAgent } = options;
    const settings = (host: string) => options.settings(host);
    const timeouts = { ...limits, ...options.timeouts };
    const { certificateFolders = usualCertificateFolders } = options;
    const names = new Names({ resolver, clock, random, retryFor: timeouts.nameRetry });
    const trust = new Trust({ env, settings, certificateFolders });
    const connectTimeout = timeouts.connect;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#timeouts = timeouts;
    this.#connector = new Connector({ env, names, trust, userAgent, settings, connectTimeout });
    this.#connections = new Connections(this.#connector, timeouts.keepAlive);
    this.#origins = new Origins(this.#connector, settings);
    this.#sender = new Sender({
      connector: this.#connector,
      connections: this.#connections,
      userAgent,
      timeouts,
      gate: (host) => this.#gate(host),
      clock,
      observe: (event) => options.observe?.(event),
    });
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    return this.#retrying(request, (step, attempt) =>
      this.#sender.request({ ...this.#sending(request, step), attempt }),
    );
  }

  download(request: HttpRequest): Promise<HttpDownload> {
    const { expectedBytes } = request;
    return this.#retrying(request, (step, attempt) =>
      this.#sender.download({ ...this.#sending(request, step), attempt, expectedBytes }),
    );
  }

  async upload(upload: HttpUpload): Promise<HttpAnswer> {
    const { authorization, headers = {}, givenBy } = upload;
    try {
      const url = await this.#effective(upload);
      const step: Step = { url, headers, authorization, givenBy, hops: 0 };
      return await this.#sender.upload({ ...this.#sending(upload, step), attempt: 1 }, upload);
    } catch (error) {
      throw error instanceof ExchangeFailure ? error.error : error;
    }
  }

  close(): Promise<void> {
    this.#connections.close();
    return Promise.resolve();
  }

  #sending(request: Omit<HttpRequest, 'body'> & { body?: Uint8Array }, step: Step): Omit<Sending, 'attempt'> {
    const { method, about = 'requests', awaitsHost, body, bodyLimit, headTimeoutMs, signal } = request;
    const task = `${method} ${about}`;
    return {
      ...step,
      method,
      task,
      awaitsHost,
      body,
      bodyLimit,
      headTimeout: headTimeoutMs ?? this.#timeouts.headTimeout,
      signal,
    };
  }

  /** Sends until an answer is final, a failure is for good, or patience, budget or attempts are used up. */
  async #retrying<A extends HttpAnswer | HttpDownload>(
    request: HttpRequest,
    send: (step: Step, attempt: number) => Promise<A>,
  ): Promise<A> {
    const policy = policyOf(request);
    const attempts: Attempts = { counted: 0, stale: 0, throttled: 0, seen: 0 };
    for (;;) {
      attempts.counted += 1;
      const outcome = await this.#following(request, (step) => send(step, attempts.counted + attempts.stale)).then(
        (answer) => ({ answer, next: this.#afterAnswer(policy, attempts, request, answer) }),
        (failure: unknown) => ({ failure, next: this.#afterFailure(policy, attempts, request, failure) }),
      );
      if (await this.#mayGoOn(request, attempts, outcome.next)) continue;
      if ('answer' in outcome) return this.#final(request, outcome.answer);
      throw outcome.failure instanceof ExchangeFailure ? outcome.failure.error : outcome.failure;
    }
  }

  #afterAnswer(policy: RetryPolicy, attempts: Attempts, request: HttpRequest, answer: HttpAnswer | HttpDownload): Next {
    const { status, url, isThrottled = false } = answer;
    if (isThrottled) discountThrottled(attempts, this.#gate(url.host).successes);
    return afterAnswer(policy, attempts, { status, isThrottled, isRedirected: url.host !== request.url.host });
  }

  #afterFailure(policy: RetryPolicy, attempts: Attempts, { url }: HttpRequest, failure: unknown): Next {
    return afterFailure(policy, attempts, failure, this.#gate(url.host).isReached);
  }

  /** Waits as `next` says. `false`: what came last stands. */
  async #mayGoOn(request: HttpRequest, attempts: Attempts, next: Next): Promise<boolean> {
    if (next === 'stop') return false;
    if (next === 'at-once') {
      attempts.counted -= 1;
      attempts.stale += 1;
      return true;
    }
    // The gate lets throttled requests out one by one, which is a budget of its own.
    if (next === 'at-the-gate') return true;
    if (!this.#gate(request.url.host).budget.takeRetry()) return false;
    await this.#clock.sleep(backoffDelay(retryBackoff, attempts.counted, this.#random), { signal: request.signal });
    return true;
  }

  /** Being throttled for longer than every attempt is an error of its own; any other answer is the caller's to understand. */
  #final<A extends HttpAnswer | HttpDownload>(request: HttpRequest, answer: A): A {
    if (answer.isThrottled !== true || policyOf(request) === 'never') return answer;
    const wait = retryAfter(answer.headers.get('retry-after'), this.#clock.wall()) ?? this.#timeouts.wait;
    throw this.#gate(answer.url.host).throttledFor(wait, `HTTP ${answer.status}`);
  }

  async #following<A extends HttpAnswer | HttpDownload>(
    request: HttpRequest,
    send: (step: Step) => Promise<A>,
  ): Promise<A> {
    const { authorization, headers = {}, givenBy, signal } = request;
    const url = await this.#effective(request);
    let step: Step = { url, headers, authorization, givenBy, hops: 0 };
    for (;;) {
      const answer = await send(step);
      if (!isRedirect(request, answer)) return answer;
      const baseIsPrivate = await this.#connector.isPrivate(url, { signal });
      const settings = this.#options.settings(request.url.host);
      step = nextStep(step, answer.headers.get('location') ?? '', { settings, baseIsPrivate });
    }
  }

  /** Looking for the scheme that a host speaks costs its silence too: what comes of it is noted like any other request. */
  async #effective({ url, awaitsHost = false }: Pick<HttpRequest, 'url' | 'awaitsHost'>): Promise<URL> {
    const gate = this.#gate(url.host);
    const startedAt = this.#clock.now();
    if (!awaitsHost) gate.refuseGivenUp();
    try {
      return await this.#origins.effective(url);
    } catch (error) {
      if (isTranshipError(error) && error.failure === 'temporary') gate.notReached(startedAt, error.message);
      throw isTranshipError(error) ? new ExchangeFailure(error, 'unsent') : error;
    }
  }

  #gate(host: string): HostGate {
    const known = this.#gates.get(host);
    if (known !== undefined) return known;
    const gate = new HostGate(host, this.#options.settings(host), {
      clock: this.#clock,
      random: this.#random,
      wait: this.#timeouts.wait,
      onWait: (wait) => this.#options.observe?.({ type: 'waiting', ...wait }),
    });
    this.#gates.set(host, gate);
    return gate;
  }
}
