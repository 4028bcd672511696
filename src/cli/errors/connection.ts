import { type ErrorEntries, entry } from './entry.ts';

/** Errors between here and a server's first answer. */
export const connectionErrors: ErrorEntries = {
  E_DNS: entry(
    ['temporary', 'failed'],
    'the name of the host cannot be resolved',
    'Check the spelling and the resolver of this machine. Behind a proxy that resolves names itself, set HTTPS_PROXY.',
  ),
  E_UNREACHABLE: entry(
    ['temporary', 'failed'],
    'nothing answers at the host and port',
    'Check the port, firewalls and whether the registry runs. `tranship doctor` tries each step by itself.',
  ),
  E_TIMEOUT: entry(
    'temporary',
    'the server did not answer, or no byte moved, for too long',
    'Try again later. When it happens with large layers only, a proxy in between may hold them back.',
  ),
  E_CUT: entry(
    'temporary',
    'the connection was cut in the middle and resuming did not help',
    'Run it again. A proxy or load balancer that limits the time of a connection shows this with large layers.',
  ),
  E_UNSENDABLE: entry(
    'failed',
    'a header of the request would have characters that HTTP cannot carry, such as a line break',
    'Look at the credentials and at the media types of the manifest; nothing was sent.',
  ),
  E_PROXY: entry(
    ['temporary', 'failed', 'usage'],
    'the proxy could not be used',
    'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Hosts and networks in NO_PROXY are reached directly.',
  ),
  E_PROXY_AUTH: entry(
    'auth',
    'the proxy asks for a user and a password',
    'Put them into the proxy URL: http://user:password@proxy.example.com:3128. They are kept out of every output.',
  ),
  E_TLS: entry(['failed', 'temporary'], 'the TLS connection failed', 'The server’s own words are in the message.'),
  E_TLS_UNKNOWN_CA: entry(
    'failed',
    'the certificate is signed by an authority that is not trusted here',
    'Give the authority’s certificate with --ca-file, or install it in the system. --insecure checks nothing and is for tests.',
  ),
  E_TLS_EXPIRED: entry(
    'failed',
    'the certificate has expired',
    'Have it renewed. Check the clock of this machine too.',
  ),
  E_TLS_NOT_YET_VALID: entry(
    'failed',
    'the certificate is not valid yet',
    'Check the clock of this machine and of the one that made the certificate.',
  ),
  E_TLS_WRONG_HOST: entry(
    'failed',
    'the certificate is for another host name',
    'Use the name that stands in the certificate, or have one made with this name.',
  ),
  E_TLS_PLAIN_HTTP: entry(
    ['failed', 'usage'],
    'the server speaks plain HTTP, not TLS',
    'If that is meant, say --plain-http. Everything, passwords included, then travels in the clear.',
  ),
  E_TLS_NEEDED: entry(
    'failed',
    'the server speaks TLS and was spoken to by plain HTTP',
    'Leave out --plain-http, or write the url with https://.',
  ),
  E_TLS_CERTIFICATE_FILE: entry(
    'usage',
    'a file of certificates or keys cannot be read or holds none',
    'Give PEM text: blocks that begin with -----BEGIN CERTIFICATE-----.',
  ),
  E_CLIENT_CERTIFICATE: entry(
    'usage',
    'a client certificate or its key cannot be used',
    'Both are files in PEM form, and the key has to be readable for this user.',
  ),
  E_TLS_UNVERIFIED: entry(
    'usage',
    'NODE_TLS_REJECT_UNAUTHORIZED=0 switches every certificate check off, for every host',
    'Unset it, and use --insecure or --ca-file for the one host that needs it.',
  ),
  E_URL_REFUSED: entry(
    ['refused', 'failed'],
    'a server pointed to an address that is not followed',
    'Registries may send us to other hosts only within rules that protect credentials and internal networks. The message names rule and address.',
  ),
  E_THROTTLED: entry(
    'temporary',
    'the server asks to slow down for longer than we wait: for more than a minute at once, or again and again for five minutes in which nothing got through',
    'Try again at the time in the message, or sign in: registries often allow more to known users. What is done stays done.',
  ),
  E_ANSWER_TOO_LARGE: entry(
    'failed',
    'an answer is larger than any honest one',
    'Nothing of it was used. Report it to who runs the registry.',
  ),
  E_HOST_DOWN: entry(
    'temporary',
    'a host, or one kind of request there, failed for three minutes without one success, and is not waited for any longer (half a minute where it was never reached)',
    'The message ends with what happened at last; `tranship doctor HOST` tries each step. Then run it again: what is done stays done.',
  ),
  E_LEFT_BEHIND: entry(
    'temporary',
    'one destination of several stood still for 40 seconds while the others had an image already',
    'Nothing need be done: it is tried again at the end of the run, by itself, and waited for then.',
  ),
  E_TOO_MANY_REDIRECTS: entry(
    'failed',
    'the registry or its storage sends us in circles',
    'Report it to who runs the registry.',
  ),
};
