import type { HttpAnswer, HttpClient } from '../../http/types.ts';
import type { Clock } from '../../kit/clock.ts';
import type { Secret } from '../../kit/secret.ts';
import type { CredentialSource, FoundCredential } from '../../oci/credential.ts';
import type { RepositoryName } from '../../oci/names.ts';
import type { CallOptions } from '../../oci/ports.ts';
import { tokenRefused } from '../errors.ts';
import type { Access } from './access.ts';
import { basicAuthorization } from './basic.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { bearerAuthorization, requestToken, type TokenService, unusableAnswer } from './exchange.ts';
import { chooseScheme, type Scheme, type TokenRealm } from './scheme.ts';
import { covers, narrow, type Scope, scopeKey } from './scope.ts';
import { readToken, remainingMs, renewalDue, type Token } from './token.ts';
import { TokenShelf } from './token-shelf.ts';

/** What goes along with one request. */
export interface Pass {
  readonly authorization: Secret | undefined;
  readonly token?: Token;
  /** A younger token than the server's clock was waited for already. */
  readonly waited?: boolean;
}

export interface PassOptions extends CallOptions {
  /** Renew what would end sooner than this. */
  readonly minimumLifeMs?: number;
}

export interface AuthorizerParts {
  readonly host: string;
  readonly http: HttpClient;
  readonly credentials: CredentialSource;
  /** The URL policy's word on a token service, or its refusal thrown. */
  readonly judgeRealm: (realm: TokenRealm, withoutCredentials: boolean) => URL;
  readonly clock: Clock;
  /** Tells the redactor a value that no output may show. */
  readonly registerSecret: (value: string) => void;
  /** Asks the registry's front door for its challenges. */
  readonly ping: (options: CallOptions) => Promise<HttpAnswer>;
}

/** A replica whose clock is behind refuses a token that is "not valid yet" for about this long. */
const skewWaitMs = 1000;
const freshForMs = 5000;
/** Repositories whose credential is remembered; then all are looked up again. */
const mostCredentials = 10_000;

/**
 * Gets one registry's requests authorised: anonymous until the registry asks, then as it asks. Tokens are kept by what
 * they allow and renewed before their end; of several requests that need the same token one fetches it.
 */
export class Authorizer {
  readonly #parts: AuthorizerParts;
  readonly #tokens = new TokenShelf();
  /** Tokens that opened something. */
  readonly #proven = new WeakSet<Token>();
  readonly #flights = new Map<string, Promise<Token>>();
  readonly #credentials = new Map<RepositoryName | undefined, Promise<FoundCredential | undefined>>();
  /** What the server wants to be asked for, by what we would have asked for. */
  readonly #wording = new Map<string, readonly Scope[]>();
  #scheme: Scheme | undefined;

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
  }

  /** How the registry authenticates, once it has been seen; `undefined` before, and where it asks for nothing. */
  get scheme(): Scheme | undefined {
    return this.#scheme;
  }

  async pass(access: Access, options: PassOptions = {}): Promise<Pass> {
    if (this.#scheme === undefined) return { authorization: undefined };
    if (this.#scheme.kind === 'basic') return { authorization: await this.#basic(access, options) };
    const token = this.#held(access, options) ?? (await this.#fetchOnce(access, this.#scheme.realm, options));
    return { authorization: bearerAuthorization(token.value), token };
  }

  /** The registry took it: a later refusal of the same token means that it has ended, however young it is. */
  proves({ token }: Pass): void {
    if (token !== undefined) this.#proven.add(token);
  }

  /**
   * A better pass after a 401, or `undefined` where the refusal stands: a token that was just made and never opened
   * anything means denied, not "again".
   */
  async afterRefusal(answer: Answer, access: Access, used: Pass, options: CallOptions = {}): Promise<Pass | undefined> {
    const challenges = await this.#challengesOf(answer, options);
    const offer = chooseScheme(challenges, answer.url);
    if (offer !== undefined) this.#scheme = offer.scheme;
    if (this.#scheme === undefined) return undefined;

    const reworded = this.#learnWording(access, offer?.scheme);
    if (used.token !== undefined && this.#isFresh(used.token) && !reworded) {
      return this.#waitForTheirClock(access, used, used.token, offer?.insufficientScope ?? false, options);
    }
    if (used.token !== undefined) this.#tokens.drop(access, used.token);
    else if (used.authorization !== undefined) return this.#changedBasic(access, used.authorization, options);

    const pass = await this.pass(access, options);
    return pass.authorization === undefined ? undefined : pass;
  }

  /** Takes note of how the registry wants to be spoken to, without asking it for anything. */
  meet(answer: Answer): void {
    const offer = chooseScheme(parseChallenges(answer.headers.all('www-authenticate')), answer.url);
    if (offer !== undefined) this.#scheme = offer.scheme;
  }

  /** The credential for a repository, and where it was found. */
  credential(repository: RepositoryName | undefined, options: CallOptions = {}): Promise<FoundCredential | undefined> {
    const known = this.#credentials.get(repository);
    if (known !== undefined) return known;
    const search = this.#parts.credentials.find(this.#parts.host, repository, options);
    if (this.#credentials.size >= mostCredentials) this.#credentials.clear();
    this.#credentials.set(repository, search);
    search.catch(() => this.#credentials.delete(repository));
    return search;
  }

  #held(access: Access, { minimumLifeMs = 0 }: PassOptions): Token | undefined {
    const now = this.#parts.clock.now();
    const token = this.#tokens.find(access, (kept) => !renewalDue(kept, now));
    return token !== undefined && remainingMs(token, now) >= minimumLifeMs ? token : undefined;
  }

  /** The flight is nobody's own: who joins it may leave by its own signal without taking the token from the others. */
  #fetchOnce(access: Access, realm: TokenRealm, { signal }: CallOptions): Promise<Token> {
    const key = `${access.repository ?? ''} ${scopeKey(access.scopes)}`;
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = this.#fetch(access, realm).finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return abortable(flight, signal);
  }

  async #fetch(access: Access, realm: TokenRealm): Promise<Token> {
    const found = await this.credential(access.repository);
    const service = serviceAt(this.#parts.judgeRealm(realm, found === undefined), realm);
    const wordings = [this.#wording.get(scopeKey(access.scopes)) ?? access.scopes, ...(access.otherwise ?? [])];
    for (const [index, scopes] of wordings.entries()) {
      const receivedAt = this.#parts.clock.now();
      const answer = await requestToken(this.#parts.http, service, scopes, found?.credential);
      const otherWording = wordings[index + 1];
      if (answer.status === 400 && otherWording !== undefined) {
        this.#wording.set(scopeKey(access.scopes), otherWording);
        continue;
      }
      return this.#keep(access, service, answer, receivedAt, found);
    }
    throw new Error('a list of wordings is never empty');
  }

  #keep(
    access: Access,
    service: TokenService,
    answer: HttpAnswer,
    receivedAt: number,
    found: FoundCredential | undefined,
  ): Token {
    if (answer.status !== 200) throw tokenRefused(answer, this.#parts.host, found);
    const token = readToken(answer.body, receivedAt);
    if (token === undefined) throw unusableAnswer(service, answer.status);
    this.#parts.registerSecret(token.value.reveal());
    this.#tokens.keep(access, token);
    return token;
  }

  async #basic(access: Access, options: CallOptions): Promise<Secret | undefined> {
    const found = await this.credential(access.repository, options);
    return found && basicAuthorization(found.credential);
  }

  /** Basic credentials that a helper renews (ECR's live twelve hours): looked up once more, and tried if they differ. */
  async #changedBasic(access: Access, used: Secret, options: CallOptions): Promise<Pass | undefined> {
    this.#credentials.delete(access.repository);
    const pass = await this.pass(access, options);
    const same = pass.authorization?.reveal() === used.reveal();
    return same || pass.authorization === undefined ? undefined : pass;
  }

  async #waitForTheirClock(
    access: Access,
    used: Pass,
    token: Token,
    insufficientScope: boolean,
    options: CallOptions,
  ): Promise<Pass | undefined> {
    const denied = token.granted !== undefined && !covers(token.granted, this.#wordingOf(access));
    if (denied || insufficientScope || used.waited) return undefined;
    await this.#parts.clock.sleep(skewWaitMs, options);
    return { ...used, waited: true };
  }

  /** An old token service's registry says 401 without a challenge on some paths; its front door still names it. */
  async #challengesOf(answer: Answer, options: CallOptions): Promise<readonly Challenge[]> {
    const challenges = parseChallenges(answer.headers.all('www-authenticate'));
    if (challenges.length > 0 || this.#scheme !== undefined) return challenges;
    return parseChallenges((await this.#parts.ping(options)).headers.all('www-authenticate'));
  }

  #isFresh(token: Token): boolean {
    const isYoung = this.#parts.clock.now() - token.receivedAt < Math.min(freshForMs, token.lifetimeMs);
    return isYoung && !this.#proven.has(token);
  }

  /** Whether the server's challenge told how else it wants to be asked. */
  #learnWording(access: Access, scheme: Scheme | undefined): boolean {
    if (scheme?.kind !== 'bearer' || this.#wording.has(scopeKey(access.scopes))) return false;
    const wording = wordingFor(access, scheme.scopes);
    if (wording === access.scopes) return false;
    this.#wording.set(scopeKey(access.scopes), wording);
    return true;
  }

  #wordingOf(access: Access): readonly Scope[] {
    return this.#wording.get(scopeKey(access.scopes)) ?? access.scopes;
  }
}

type Answer = Pick<HttpAnswer, 'status' | 'headers' | 'url'>;

/** One of the other wordings where the challenge names what only that one asks for: Pulp deletes with the right to push. */
function wordingFor({ scopes, otherwise = [] }: Access, challenged: readonly Scope[]): readonly Scope[] {
  const narrowed = narrow(scopes, challenged);
  if (narrowed !== scopes || covers(scopes, challenged)) return narrowed;
  return otherwise.find((wording) => covers(wording, challenged)) ?? scopes;
}

function serviceAt(url: URL, { base, service }: TokenRealm): TokenService {
  return { realm: url, givenBy: url.host === base.host ? undefined : base, service };
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
