import type { z } from 'zod';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/types.ts';
import type { Secret } from '../kit/secret.ts';
import type { RepositoryName } from '../oci/names.ts';
import type { CallOptions } from '../oci/ports.ts';
import { refused, unreadable } from './errors.ts';

/** A page of a listing is not larger. */
const largestAnswer = 16 * 1024 * 1024;

export interface ApiCall extends CallOptions {
  /** Path and query below the API's base. */
  readonly path: string;
  /** What is asked for, as messages begin with it: `The listing of tags`. */
  readonly what: string;
  /** What it is about. */
  readonly subject: string;
  /** Whose credential is used, where it is about one. */
  readonly repository?: RepositoryName;
}

export interface Authorizing extends CallOptions {
  readonly repository: RepositoryName | undefined;
  /** The last value was refused with 401. */
  readonly renewed: boolean;
}

/** A registry's API beside `/v2/`: JSON over HTTP, with an `Authorization` of its own. */
export interface Api {
  /** The document, checked. Throws what a refusal means, and `E_LISTING` for a document of another shape. */
  read<Shape extends z.ZodType>(call: ApiCall, shape: Shape): Promise<z.infer<Shape>>;
  /** The answer to a GET or HEAD with any status. */
  ask(call: ApiCall & { readonly method?: 'GET' | 'HEAD' }): Promise<HttpAnswer>;
  /** Sends a document and expects a 2xx, or one of `also`. */
  create(call: ApiCall & { readonly document: object; readonly also?: readonly number[] }): Promise<void>;
}

export interface ApiOptions {
  readonly base: URL;
  readonly http: HttpClient;
  /** The header's value; `undefined` = anonymous. A 401 is answered once with another value, if there is one. */
  authorization(options: Authorizing): Promise<Secret | undefined>;
}

/** No redirect is followed: a page for signing in is no answer, and a POST must not become a GET. */
export function openApi({ base, http, authorization }: ApiOptions): Api {
  const root = base.origin + base.pathname.replace(/\/+$/, '');

  async function send(call: ApiCall, request: Pick<HttpRequest, 'method' | 'body' | 'headers'>): Promise<HttpAnswer> {
    const { path, repository, signal } = call;
    const sendAs = (value: Secret | undefined) =>
      http.request({
        ...request,
        url: new URL(root + path),
        headers: { accept: 'application/json', ...request.headers },
        authorization: value,
        redirects: 'return',
        bodyLimit: largestAnswer,
        signal,
      });
    const value = await authorization({ repository, signal, renewed: false });
    const answer = await sendAs(value);
    if (answer.status !== 401 || value === undefined) return answer;
    const other = await authorization({ repository, signal, renewed: true });
    return other === undefined || other.reveal() === value.reveal() ? answer : sendAs(other);
  }

  return {
    async read(call, shape) {
      return documentOf(await send(call, { method: 'GET' }), shape, call);
    },
    ask: ({ method = 'GET', ...call }) => send(call, { method }),
    async create({ document, also = [], ...call }) {
      const body = Buffer.from(JSON.stringify(document));
      const answer = await send(call, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      const taken = answer.status >= 200 && answer.status < 300;
      if (!taken && !also.includes(answer.status)) throw refused(answer, call.what, call.subject);
    },
  };
}

/** The document of an answer with status 200. */
export function documentOf<Shape extends z.ZodType>(
  answer: HttpAnswer,
  shape: Shape,
  { what, subject }: Pick<ApiCall, 'what' | 'subject'>,
): z.infer<Shape> {
  if (answer.status !== 200) throw refused(answer, what, subject);
  const document = shape.safeParse(jsonOf(answer));
  if (!document.success) throw unreadable(answer, what, subject);
  return document.data;
}

function jsonOf({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
