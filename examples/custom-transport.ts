/** Puts a transport of one's own in the place of the built-in one: here one that counts what is asked of each host. */
import { copy, createHttp, type HttpClient } from '../src/index.ts';

export function counting(next: HttpClient, counts: Map<string, number>): HttpClient {
  const count = (url: URL) => counts.set(url.host, (counts.get(url.host) ?? 0) + 1);
  return {
    request: (request) => {
      count(request.url);
      return next.request(request);
    },
    download: (request) => {
      count(request.url);
      return next.download(request);
    },
    upload: (upload) => {
      count(upload.url);
      return next.upload(upload);
    },
    close: () => next.close(),
  };
}

export async function copyCounted(source: string, destination: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const http = counting(createHttp({ settings: () => ({}), env: {}, userAgent: 'example' }), counts);
  try {
    await copy({ source, destinations: [destination], http });
    return counts;
  } finally {
    await http.close();
  }
}
