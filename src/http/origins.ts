import { isTranshipError } from '../oci/errors.ts';
import { isLoopback } from './address.ts';
import type { Connector } from './connector.ts';
import { answersInWords } from './plain-probe.ts';
import type { HostSettings } from './types.ts';

/**
 * Which scheme a host is really spoken to with. HTTPS, unless the user said plain HTTP. A loopback host is asked once
 * which it speaks, as other tools do: nobody sits between this machine and itself.
 */
export class Origins {
  readonly #connector: Connector;
  readonly #settings: (host: string) => HostSettings;
  readonly #loopback = new Map<string, Promise<'https:' | 'http:'>>();

  constructor(connector: Connector, settings: (host: string) => HostSettings) {
    this.#connector = connector;
    this.#settings = settings;
  }

  /** `url` with the scheme that is used. */
  async effective(url: URL): Promise<URL> {
    if (url.protocol === 'http:') return url;
    const { plainHttp = false, mayBePlainHttp = false } = this.#settings(url.host);
    if (plainHttp) return withScheme(url, 'http:');
    if (!mayBePlainHttp && !isLoopback(url.hostname)) return url;
    return withScheme(url, await this.#probed(url));
  }

  #probed(url: URL): Promise<'https:' | 'http:'> {
    const known = this.#loopback.get(url.host);
    if (known !== undefined) return known;
    const probe = this.#probe(url);
    this.#loopback.set(url.host, probe);
    probe.catch(() => this.#loopback.delete(url.host));
    return probe;
  }

  async #probe(url: URL): Promise<'https:' | 'http:'> {
    if (await answersInWords(this.#connector, onTheSamePort(url))) return 'http:';
    try {
      (await this.#connector.connect(url)).destroy();
      return 'https:';
    } catch (error) {
      // Something listens, and TLS it is not. A certificate that is wrong is another matter and stays an error.
      if (isTranshipError(error) && ['E_TLS_PLAIN_HTTP', 'E_CUT'].includes(error.code)) return 'http:';
      throw error;
    }
  }
}

/** In plain HTTP to the port that `url` has with HTTPS. */
function onTheSamePort({ hostname, port }: URL): URL {
  return new URL(`http://${hostname}:${port === '' ? 443 : port}/`);
}

function withScheme(url: URL, scheme: 'https:' | 'http:'): URL {
  if (url.protocol === scheme) return url;
  // `URL.protocol` cannot be set where a default port would change its meaning; the text can.
  return new URL(`${scheme}${url.href.slice(url.protocol.length)}`);
}
