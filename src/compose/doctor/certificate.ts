import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { bad, type Finding, good, note } from './finding.ts';
import { type Address, codeOf } from './network.ts';

const handshakeTimeoutMs = 10_000;
const soonMs = 14 * 24 * 3600 * 1000;
const longestChain = 10;
const mostNames = 5;

export interface CertificateCheck {
  readonly now: number;
  /** The request, which goes the way of every request, ended at this certificate; it says why. */
  readonly refused: boolean;
}

/** Looks at a server's certificate without trusting it: whether it is trusted is said by the request. */
export async function checkCertificate({ hostname, port }: Address, check: CertificateCheck): Promise<Finding> {
  try {
    const socket = await handshake(hostname, port);
    const [certificate, protocol] = [socket.getPeerCertificate(true), socket.getProtocol()];
    socket.destroy();
    return describe(certificate, protocol ?? 'TLS', check);
  } catch (error) {
    if (/wrong version number|packet length too long|EPROTO/i.test(String(error) + codeOf(error))) {
      return bad('certificate', 'the port does not speak TLS', 'If that is meant, say --plain-http.');
    }
    return bad('certificate', `no TLS connection (${codeOf(error)})`);
  }
}

function handshake(host: string, port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Nothing is sent; the look is for the certificate, whatever it is.
      rejectUnauthorized: false,
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    });
    socket.setTimeout(handshakeTimeoutMs, () => socket.destroy(new Error('timed out')));
    socket.once('error', reject);
    socket.once('secureConnect', () => resolve(socket));
  });
}

function describe(certificate: DetailedPeerCertificate, protocol: string, { now, refused }: CertificateCheck): Finding {
  const until = Date.parse(certificate.valid_to);
  const text = `${protocol}, ${chainOf(certificate).join(' ← ')}, for ${namesIn(certificate)}, valid until ${certificate.valid_to}`;
  if (until < now)
    return bad('certificate', `${text}: it has expired`, 'Have it renewed, or check this machine’s clock.');
  if (until - now < soonMs) return note('certificate', text, 'It expires within two weeks.');
  return refused ? note('certificate', text) : good('certificate', text);
}

function namesIn({ subjectaltname = 'no names' }: DetailedPeerCertificate): string {
  const names = subjectaltname.replaceAll(/\b(?:DNS|IP Address):/g, '').split(', ');
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function chainOf(certificate: DetailedPeerCertificate): readonly string[] {
  const names: string[] = [];
  let at = certificate;
  for (let depth = 0; depth < longestChain; depth += 1) {
    names.push(nameOf(at.subject));
    if (at.issuerCertificate === at) return names;
    // A server that sends no more than its own certificate still says who signed it.
    if (at.issuerCertificate === undefined) return [...names, nameOf(at.issuer)];
    at = at.issuerCertificate;
  }
  return names;
}

function nameOf(subject: DetailedPeerCertificate['subject'] | undefined): string {
  const [name] = [subject?.CN ?? subject?.O ?? 'unnamed'].flat();
  return name ?? 'unnamed';
}
