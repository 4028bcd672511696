import { json, ReplyError, serverErrorPage } from '../http/reply.ts';

/**
 * The error shapes of Quay's API. `{detail, error_message, error_type, …}` is its own exception; `{message}` comes from
 * its models and its framework.
 */

const statusOf = {
  invalid_request: 400,
  invalid_token: 401,
  fresh_login_required: 401,
  exceeds_license: 402,
  insufficient_scope: 403,
  not_found: 404,
  tag_immutable: 409,
  downstream_issue: 520,
} as const;

export type ErrorType = keyof typeof statusOf;

/** An exception of the API; `host` is the server's own address with its scheme. */
export function apiError(host: string, type: ErrorType, detail: string, extra: object = {}): ReplyError {
  const status = statusOf[type];
  return new ReplyError(
    json(status, {
      ...extra,
      detail,
      error_message: detail,
      error_type: type,
      title: type,
      type: `${host}/api/v1/error/${type}`,
      status,
    }),
  );
}

export function messageError(status: number, message: unknown): ReplyError {
  return new ReplyError(json(status, { message }));
}

export const badRequestMessage = 'The browser (or proxy) sent a request that this server could not understand.';

/** The application broke: HTML. Quay does so where it does not check what it was given. */
export function brokenServer(): ReplyError {
  return new ReplyError(serverErrorPage());
}
