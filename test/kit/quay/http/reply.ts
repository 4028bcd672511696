/** What a handler answers. A string body is sent as it is; anything else as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type ReplyHeaders = Readonly<Record<string, string>>;

const html = 'text/html; charset=utf-8';

export function json(status: number, value: unknown, headers: ReplyHeaders = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function ok(value: unknown, headers: ReplyHeaders = {}): Reply {
  return json(200, value, headers);
}

/** Text under Quay's default content type, which calls everything HTML. */
export function text(status: number, body: string, headers: ReplyHeaders = {}): Reply {
  return { status, headers: { 'Content-Type': html, ...headers }, body: Buffer.from(body) };
}

export function bytes(status: number, body: Buffer, headers: ReplyHeaders): Reply {
  return { status, headers, body };
}

export function noContent(headers: ReplyHeaders = {}): Reply {
  return { status: 204, headers: { 'Content-Type': 'application/json', ...headers }, body: Buffer.alloc(0) };
}

export function empty(status: number, headers: ReplyHeaders = {}): Reply {
  return { status, headers: { 'Content-Type': html, ...headers }, body: Buffer.alloc(0) };
}

/** An error page of the framework, as `405 Method Not Allowed`. */
export function frameworkPage(status: number, title: string, message: string, headers: ReplyHeaders = {}): Reply {
  const body = `<!doctype html>\n<html lang=en>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n<p>${message}</p>\n`;
  return text(status, body, headers);
}

export function methodNotAllowedPage(allow: string): Reply {
  return frameworkPage(405, 'Method Not Allowed', 'The method is not allowed for the requested URL.', { Allow: allow });
}

/** The page of the web server before Quay when the application broke: plain `text/html`, no character set. */
export function serverErrorPage(): Reply {
  const body = `<html>\n  <head>\n    <title>Internal Server Error</title>\n  </head>\n  <body>\n    <h1><p>Internal Server Error</p></h1>\n    \n  </body>\n</html>\n`;
  return { status: 500, headers: { 'Content-Type': 'text/html' }, body: Buffer.from(body) };
}

export function redirect(status: number, location: string): Reply {
  const body = `<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be redirected automatically to the target URL: <a href="${location}">${location}</a>. If not, click the link.\n`;
  return text(status, body, { Location: location });
}

/** The web application's page: what every path gets that is no call of the API, here without the application. */
export function webApplicationPage(status: number, script = ''): Reply {
  const title = '<title ng-bind="title + \' · Quay\'">Quay</title>';
  const body = `<!DOCTYPE html>\n<html ng-app="quay" class="onprem">\n  <head>\n  ${title}${script}\n  </head>\n  <body></body>\n</html>\n`;
  return text(status, body, { 'Cache-Control': 'no-cache, no-store, must-revalidate' });
}

/** A refusal of the web server before Quay. */
export function proxyPage(status: number, title: string): Reply {
  const line = `${status} ${title}`;
  const body = `<html>\r\n<head><title>${line}</title></head>\r\n<body>\r\n<center><h1>${line}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { 'Content-Type': 'text/html' }, body: Buffer.from(body) };
}

/** Thrown by a handler to end a call with this answer. */
export class ReplyError extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`answered ${reply.status}`);
    this.reply = reply;
  }
}
