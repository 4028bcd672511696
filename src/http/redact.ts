import { limits } from './limits.ts';

const mark = '[redacted]';

/** Shorter values would black out ordinary words; nothing that protects anything is so short. */
const shortest = 6;

/** Query parameters whose value opens something: signed URLs of object stores, upload states, OAuth answers. */
const secretParameters =
  /([?&;](?:x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|signature|sig|token|access_token|refresh_token|password|client_secret|_state|state|code)=)[^&\s"'<>#]+/giu;
const schemes = /\b(basic|bearer|negotiate)(\s+)(?!realm=)[\w.~+/=:-]{4,}/giu;
const authorizationHeader = /((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?!\[redacted\])[^\s"',][^\r\n"']*/giu;
const jsonFields = /("(?:token|access_token|refresh_token|identitytoken|password|auth|secret)"\s*:\s*")[^"]+/giu;
const bareParameters = /\b(token|sig|_state|x-amz-signature)=(?!\[redacted\])[^&\s"'<>#]+/giu;
const userinfo = /\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#@"']+@/giu;

/**
 * Takes secrets out of text before anybody sees it: what looks like a credential by its place, and every value that was
 * registered, plain, in base64 and URL-encoded.
 */
export class Redactor {
  /** Each registered value with the forms in which it may appear. */
  readonly #forms = new Map<string, readonly string[]>();

  register(value: string): void {
    if (value.length < shortest || this.#forms.has(value)) return;
    this.#forms.set(value, formsOf(value));
    if (this.#forms.size > limits.secrets) this.#forgetOldest();
  }

  text(text: string): string {
    let clean = text;
    for (const forms of this.#forms.values()) {
      for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, mark);
    }
    return redactByPlace(clean);
  }

  url(url: URL | string): string {
    return this.text(String(url));
  }

  #forgetOldest(): void {
    for (const oldest of this.#forms.keys()) {
      this.#forms.delete(oldest);
      return;
    }
  }
}

function redactByPlace(text: string): string {
  return text
    .replace(userinfo, `$1${mark}@`)
    .replace(secretParameters, `$1${mark}`)
    .replace(authorizationHeader, `$1${mark}`)
    .replace(schemes, withoutCredential)
    .replace(jsonFields, `$1${mark}`)
    .replace(bareParameters, `$1=${mark}`);
}

/** `Basic authentication` is a word, `Basic dXNlcjpwYXNz` is a password. */
function withoutCredential(match: string, scheme: string, space: string): string {
  const value = match.slice(scheme.length + space.length);
  return /^[a-z]+[.:]?$/u.test(value) ? match : `${scheme}${space}${mark}`;
}

function formsOf(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64');
  const forms = [
    value,
    base64.replace(/=+$/u, ''),
    Buffer.from(value).toString('base64url'),
    encodeURIComponent(value),
  ];
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const json = JSON.stringify(value).slice(1, -1);
  return [...new Set([...forms, form, json])].sort((a, b) => b.length - a.length);
}

/** One for the process: a secret that any room learns must vanish from every output. */
export const redactor = new Redactor();

/** Makes `value` unprintable from now on: passwords, tokens and what else was obtained. */
export function registerSecret(value: string): void {
  redactor.register(value);
}

export function redact(text: string): string {
  return redactor.text(text);
}
